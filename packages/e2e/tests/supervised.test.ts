import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFailed, test } from 'vitest';
import {
  callerToneHz,
  freeTcpPort,
  printEnd,
  type Scene,
  signal,
  temporaryFolder,
  until,
  World,
} from '../src/index.ts';

const agentToneHz = 700;
/** A start on a machine that does nothing else takes a second; this only tells it from one that hangs. */
const backMsMax = 180_000;

/** A world whose server is started again when it ends, on the same ports. */
async function supervisedWorld(settings: Record<string, string> = {}): Promise<World> {
  const env = {
    ...settings,
    CROSSPOINT_HTTP_PORT: String(await freeTcpPort()),
    CROSSPOINT_SIP_PORT: String(await freeTcpPort()),
  };
  return World.start({ env, isSupervised: true });
}

/** Calls until somebody answers the call, as a person would; how long that took, and how many calls it was. */
async function callsUntilAnswered(scene: Scene, sinceMs: number): Promise<{ tookMs: number; calls: number }> {
  for (let calls = 1; ; calls++) {
    const caller = await scene.caller();
    const call = await caller.call(scene.number);
    const isAnswered = await call.answered(backMsMax).then(
      () => true,
      () => false,
    );
    const tookMs = performance.now() - sinceMs;
    if (isAnswered) {
      call.hangUp();
      return { tookMs, calls };
    }
    if (tookMs > backMsMax) throw new Error(`No call was answered within ${backMsMax} ms.`);
  }
}

test('[OPS-03] [OPS-07] npm start: a server that is killed, or hands over, is followed by another, and the talk goes on', async () => {
  const world = await supervisedWorld();
  try {
    const { product } = world;
    const scene = await world.scene();
    const { customer, agent } = await scene.connect();
    const first = product.serverPid ?? 0;
    const killedAtMs = performance.now();
    signal(first, 'SIGKILL');
    const { tookMs, calls } = await callsUntilAnswered(scene, killedAtMs);
    expect(tookMs).toBeLessThan(backMsMax);
    expect(product.output).toMatch(/was killed by signal 9\. Calls go on/);
    await until('the API', () => product.isReady(), { timeoutMs: backMsMax });
    const second = product.serverPid ?? 0;
    expect(second).not.toBe(first);
    await Promise.all([customer.sound.ear.hears(agentToneHz), agent.sound.ear.hears(callerToneHz)]);
    const restarted = await product.cli('restart');
    expect(restarted.output).toMatch(/started anew in \d+\.\d s/);
    expect(product.serverPid).not.toBe(second);
    await world.login();
    await Promise.all([customer.sound.ear.hears(agentToneHz), agent.sound.ear.hears(callerToneHz)]);
    agent.hangUp();
    await customer.ended();
    // A call that was given up before the server was there again may have reached it all the same.
    await until('the queue to have counted every call', async () => {
      const { answered, abandoned, waiting } = await scene.stats();
      return answered === 1 && abandoned >= 1 && abandoned <= calls && waiting === 0;
    });
    await world.settle();
    expect(await product.stop()).toBe(0);
  } finally {
    await world.stop();
  }
});

const goodSettings = 'calls: { drainSeconds: 1 }\n';
const wrongSettings = 'calls: { drainSeconds: soon }\n';

/** A supervised world with a file of settings. */
async function worldWithSettings(): Promise<{ world: World; file: string }> {
  const file = join(temporaryFolder(), 'crosspoint.yaml');
  writeFileSync(file, goodSettings);
  const world = await supervisedWorld({ CROSSPOINT_CONFIG: file });
  onTestFailed(() => printEnd(world.product));
  return { world, file };
}

test('[OPS-07] restart refuses settings that are wrong before anything is ended, and needs no call', async () => {
  const { world, file } = await worldWithSettings();
  try {
    const { product } = world;
    const former = product.serverPid ?? 0;
    writeFileSync(file, wrongSettings);
    const refused = await product.cli('restart');
    expect(refused.code).not.toBe(0);
    expect(refused.output).toMatch(/DRAIN_SECONDS = "soon"/);
    expect(product.serverPid, 'nothing was ended').toBe(former);
    writeFileSync(file, goodSettings);
    const restarted = await product.cli('restart');
    expect(restarted.output).toMatch(/started anew in \d+\.\d s/);
    expect(product.serverPid).not.toBe(former);
    expect(await product.stop()).toBe(0);
  } finally {
    await world.stop();
  }
});

test('[OPS-07] a version that cannot be loaded is refused by the server itself, which goes on, and the command says why', async () => {
  const folder = temporaryFolder();
  const [preload, broken] = [join(folder, 'preload.mjs'), join(folder, 'broken')];
  writeFileSync(
    preload,
    `import { existsSync } from 'node:fs';
    import { registerHooks } from 'node:module';
    registerHooks({ resolve(specifier, context, next) {
      const isHalf = process.env.SUPERVISED_SPARE && specifier.includes('server-program') && existsSync('${broken}');
      if (isHalf) throw new Error('half an update');
      return next(specifier, context);
    } });`,
  );
  const world = await supervisedWorld({ NODE_OPTIONS: `--import ${preload}` });
  onTestFailed(() => printEnd(world.product));
  try {
    const { product } = world;
    const scene = await world.scene();
    const { customer, agent } = await scene.connect();
    const former = product.serverPid ?? 0;
    writeFileSync(broken, '');
    for (const attempt of [1, 2]) {
      const { code, output } = await product.cli('restart');
      expect(code, `attempt ${attempt}`).not.toBe(0);
      expect(output).toMatch(/could not be loaded: Error: half an update/);
      expect(output).toContain(`(process ${former}) goes on`);
    }
    expect(product.output).toContain('the new process could not be loaded; this process goes on');
    expect(product.serverPid).toBe(former);
    await Promise.all([customer.sound.ear.hears(agentToneHz), agent.sound.ear.hears(callerToneHz)]);
    rmSync(broken);
    const restarted = await product.cli('restart');
    expect(restarted.output).toMatch(/started anew in \d+\.\d s/);
    await world.login();
    await Promise.all([customer.sound.ear.hears(agentToneHz), agent.sound.ear.hears(callerToneHz)]);
    customer.hangUp();
    await agent.ended();
    await scene.statsAre({ offered: 1, answered: 1, waiting: 0 });
    expect(await product.stop()).toBe(0);
  } finally {
    await world.stop();
  }
});

test('[OPS-03] [OPS-07] a start that fails after a hand-over is tried again, and the call goes on', async () => {
  const { world, file } = await worldWithSettings();
  try {
    const { product } = world;
    const scene = await world.scene();
    const { customer, agent } = await scene.connect();
    const talking = () =>
      Promise.all([
        customer.sound.ear.hears(agentToneHz, { forMs: 500 }),
        agent.sound.ear.hears(callerToneHz, { forMs: 500 }),
      ]);
    writeFileSync(file, wrongSettings);
    // Whoever sends the signal by hand is told by nobody beforehand.
    signal(product.serverPid ?? 0, 'SIGUSR2');
    const hasFailed = () => product.output.includes('DRAIN_SECONDS = "soon"');
    await until('a start to fail', hasFailed, { timeoutMs: backMsMax });
    await talking();
    writeFileSync(file, goodSettings);
    await until('a start to succeed', () => product.isReady(), { timeoutMs: backMsMax });
    await world.login();
    await talking();
    customer.hangUp();
    await agent.ended();
    await scene.statsAre({ offered: 1, answered: 1, waiting: 0 });
    expect(await product.stop()).toBe(0);
  } finally {
    await world.stop();
  }
});
