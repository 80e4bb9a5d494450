import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  callerToneHz,
  freeTcpPort,
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

test('[OPS-03] [OPS-07] a version that does not start: restart refuses settings that are wrong, and calls wait for a start that succeeds', async () => {
  const file = join(temporaryFolder(), 'crosspoint.yaml');
  writeFileSync(file, 'calls: { drainSeconds: 1 }\n');
  const world = await supervisedWorld({ CROSSPOINT_CONFIG: file });
  try {
    const { product } = world;
    const scene = await world.scene();
    const idle = await product.cli('restart');
    expect(idle.output, 'without a call').toMatch(/started anew in \d+\.\d s/);
    await world.login();
    await scene.staff(scene.agent(1));
    const { customer, agent } = await scene.connect();
    const talking = () =>
      Promise.all([
        customer.sound.ear.hears(agentToneHz, { forMs: 500 }),
        agent.sound.ear.hears(callerToneHz, { forMs: 500 }),
      ]);
    await talking();
    const former = product.serverPid ?? 0;
    writeFileSync(file, 'calls: { drainSeconds: soon }\n');
    const refused = await product.cli('restart');
    expect(refused.code).not.toBe(0);
    expect(refused.output).toMatch(/DRAIN_SECONDS = "soon"/);
    expect(product.serverPid, 'nothing was ended').toBe(former);
    // Whoever sends the signal by hand is told by nobody beforehand.
    signal(former, 'SIGUSR2');
    await until('a start to fail', () => product.output.split('is started again').length > 2);
    expect(product.output).toMatch(/DRAIN_SECONDS = "soon"/);
    await talking();
    writeFileSync(file, 'calls: { drainSeconds: 1 }\n');
    await until('a start to succeed', () => product.isReady(), { timeoutMs: backMsMax });
    await world.login();
    await talking();
    customer.hangUp();
    await agent.ended();
    await scene.statsAre({ offered: 1, answered: 1, waiting: 0 });
    const [recording] = await world.api.recordings();
    const contact = await scene.lastContact();
    expect(recording).toMatchObject({ contactId: contact.id });
    await world.settle();
    expect(await product.stop()).toBe(0);
  } finally {
    await world.stop();
  }
});
