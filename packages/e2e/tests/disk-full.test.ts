import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { SystemReadiness } from '@crosspoint/contracts';
import { expect, onTestFinished, test } from 'vitest';
import { callerToneHz, until, useWorld } from '../src/index.ts';

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

async function storage(): Promise<SystemReadiness['parts']['storage']> {
  const answer = await fetch(`${world().product.httpUrl}/readyz`);
  return ((await answer.json()) as SystemReadiness).parts.storage;
}

test('[REC-02] [OPS-03] a disk that takes nothing: calls begin, talk and end, the server says so, and it heals by itself', async () => {
  const scene = await world().scene({ queue: { wrapUp: { mode: 'none' } } });
  const before = await scene.connect();
  const { product } = world();
  const media = product.processes().filter(({ commandLine }) => commandLine.includes('crosspoint-media'));
  const makeRoom = fillDisk([product.pid, ...media.map(({ pid }) => pid)]);
  await Promise.all([
    before.customer.sound.ear.hears(agentToneHz, { forMs: 500 }),
    before.agent.sound.ear.hears(callerToneHz, { forMs: 500 }),
  ]);
  before.customer.hangUp();
  await before.agent.ended();
  await until('the server to say so', async () => !(await storage()).healthy, { timeoutMs: 30_000 });
  expect((await storage()).detail).toMatch(/The journal of calls cannot be written/);
  const metrics = await (await fetch(`${product.httpUrl}/metrics`)).text();
  expect(metrics).toMatch(/crosspoint_part_healthy\{part="storage"\} 0/);
  const meanwhile = await scene.connect();
  await meanwhile.customer.sound.ear.hears(agentToneHz, { forMs: 500 });
  makeRoom();
  await until('the journal to be written again', async () => (await storage()).healthy, {
    timeoutMs: 30_000,
  });
  // What lives is in the journal again as a whole: the talk survives a kill.
  await product.kill();
  await product.start();
  await world().login();
  await meanwhile.customer.sound.ear.hears(agentToneHz, { forMs: 500 });
  meanwhile.customer.hangUp();
  await meanwhile.agent.ended();
  await scene.statsAre({ offered: 2, answered: 2 });
});
