import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SystemReadiness } from '@crosspoint/contracts';
import { expect, onTestFailed, onTestFinished, test } from 'vitest';
import {
  callerToneHz,
  printEnd,
  type Product,
  secondsOf,
  smallDisk,
  until,
  useWorld,
  World,
} from '../src/index.ts';

const world = useWorld();
const agentToneHz = 700;

/** No file of these processes grows from now on, as on a full disk (EFBIG instead of ENOSPC). Returns what makes room again. */
function fillDisk(pids: readonly number[]): () => void {
  const limit = (soft: string) => {
    const living = pids.filter((pid) => existsSync(`/proc/${pid}`));
    for (const pid of living) execFileSync('prlimit', ['--pid', String(pid), `--fsize=${soft}:unlimited`]);
  };
  const makeRoom = () => limit('unlimited');
  onTestFinished(makeRoom);
  limit('0');
  return makeRoom;
}

async function partsOf(product: Product): Promise<SystemReadiness['parts']> {
  const answer = await fetch(`${product.httpUrl}/readyz`);
  return ((await answer.json()) as SystemReadiness).parts;
}

const storage = async () => (await partsOf(world().product)).storage;

function mediaOf(product: Product): number[] {
  const media = product.processes().filter(({ commandLine }) => commandLine.includes('crosspoint-media'));
  return media.map(({ pid }) => pid);
}

test('[REC-02] recordings that the disk refuses: the talk goes on, the server says so, and the recording goes on when there is room', async () => {
  const scene = await world().scene({ queue: { wrapUp: { mode: 'none' } } });
  const { customer, agent } = await scene.connect();
  const talking = () =>
    Promise.all([
      customer.sound.ear.hears(agentToneHz, { forMs: 1_500 }),
      agent.sound.ear.hears(callerToneHz, { forMs: 1_500 }),
    ]);
  const beganAtMs = performance.now();
  await talking();
  const makeRoom = fillDisk(mediaOf(world().product));
  await until('the server to say so', async () => !(await storage()).healthy);
  expect((await storage()).detail).toMatch(/Recordings cannot be written, 1 at the moment/);
  await talking();
  makeRoom();
  await until('the recording to go on', async () => (await storage()).healthy);
  await talking();
  const talkedSeconds = (performance.now() - beganAtMs) / 1000;
  customer.hangUp();
  await agent.ended();
  const { recording, heard } = await scene.lastRecording([callerToneHz, agentToneHz]);
  expect(recording.durationSeconds).toBeGreaterThan(talkedSeconds - 1);
  // Said before the disk refused, and after it had room again.
  for (const [channel, tone] of [callerToneHz, agentToneHz].entries())
    expect(secondsOf(tone, heard[channel] ?? [])).toBeGreaterThan(2);
});

test('[REC-02] [OPS-03] a disk that takes nothing: calls begin, talk and end, the server says so, and it heals by itself', async () => {
  const scene = await world().scene({ queue: { wrapUp: { mode: 'none' } } });
  const before = await scene.connect();
  const { product } = world();
  const makeRoom = fillDisk([product.pid, ...mediaOf(product)]);
  await Promise.all([
    before.customer.sound.ear.hears(agentToneHz, { forMs: 500 }),
    before.agent.sound.ear.hears(callerToneHz, { forMs: 500 }),
  ]);
  before.customer.hangUp();
  await before.agent.ended();
  await until('the server to say so', async () => !(await storage()).healthy);
  expect((await storage()).detail).toMatch(/The journal of calls cannot be written/);
  const metrics = await (await fetch(`${product.httpUrl}/metrics`)).text();
  expect(metrics).toMatch(/crosspoint_part_healthy\{part="storage"\} 0/);
  const meanwhile = await scene.connect();
  await meanwhile.customer.sound.ear.hears(agentToneHz, { forMs: 500 });
  makeRoom();
  await until('the journal to be written again', async () => (await storage()).healthy);
  // What lives is in the journal again as a whole: the talk survives a kill.
  await product.kill();
  await product.start();
  await world().login();
  await meanwhile.customer.sound.ear.hears(agentToneHz, { forMs: 500 });
  meanwhile.customer.hangUp();
  await meanwhile.agent.ended();
  await scene.statsAre({ offered: 2, answered: 2 });
});

test('[REC-02] [OPS-03] a file system that is really full, the database on it: calls begin, talk and end, and the books are right when there is room', async ({
  annotate,
}) => {
  const disk = smallDisk(500);
  if (disk === undefined) {
    // Only root mounts; the limit on file sizes above then stands for the full disk, without that of the database.
    expect(process.getuid?.()).not.toBe(0);
    await annotate('no disk could be mounted by this account: proven with limited files only', 'warning');
    return;
  }
  const dataDir = join(disk.folder, 'data');
  const own = await World.start({ dataDir });
  onTestFailed(() => printEnd(own.product));
  onTestFinished(async () => {
    await own.stop();
    await disk.remove();
  });
  const { product } = own;
  const scene = await own.scene({ queue: { wrapUp: { mode: 'none' } } });
  const before = await scene.connect();
  const filling = join(disk.folder, 'filling');
  // First by the megabyte, then what is left.
  for (const size of ['1M', '1'])
    spawnSync('dd', ['if=/dev/zero', `of=${filling}-${size}`, `bs=${size}`, 'count=100000'], {
      stdio: 'ignore',
    });
  let detail = '';
  await until(
    'the server to say so, with the remedy',
    async () => {
      ({ detail } = (await partsOf(product)).storage);
      return /make room|free space/.test(detail);
    },
    { seen: () => detail },
  );
  await Promise.all([
    before.customer.sound.ear.hears(agentToneHz, { forMs: 500 }),
    before.agent.sound.ear.hears(callerToneHz, { forMs: 500 }),
  ]);
  before.customer.hangUp();
  await before.agent.ended();
  const person = scene.agent(1);
  const meanwhile = await (await scene.caller()).call(scene.number);
  await meanwhile.answered();
  const agent = await person.phone.nextCall();
  agent.answer();
  await meanwhile.sound.ear.hears(agentToneHz, { forMs: 500 });
  for (const size of ['1M', '1']) rmSync(`${filling}-${size}`, { force: true });
  await until('everything to work again', () => product.isReady());
  await meanwhile.sound.ear.hears(agentToneHz, { forMs: 500 });
  meanwhile.hangUp();
  await agent.ended();
  await own.settle();
  const contacts = await until('both contacts to be stored to their end', async () => {
    const mine = (await own.api.contacts()).filter(({ number }) => number === scene.number);
    return mine.length === 2 && mine.every(({ closedAt }) => closedAt !== null) && mine;
  });
  for (const { id } of contacts) {
    const { timeline, outcome } = await own.api.contact(id);
    expect(outcome).toBe('answered');
    expect(timeline.map(({ seq }) => seq)).toEqual(timeline.map((_fact, index) => index + 1));
  }
  await scene.statsAre({ offered: 2, answered: 2, waiting: 0 });
});
