import { parentPort } from 'node:worker_threads';
import type { ScriptContact } from '@crosspoint/core';
import { getQuickJS } from 'quickjs-emscripten';
import type { WorkerRequest } from './runner.ts';
import { Sandbox, type SandboxClock } from './sandbox.ts';

/** The other end of `runner.ts`: runs one script after the other, and answers each once. */
const quickjs = await getQuickJS();
const clock: SandboxClock = {
  nowMs: () => performance.now(),
  computedMs: () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1_000;
  },
};
const stopped: SandboxClock = { nowMs: () => 0, computedMs: () => 0 };

const nobody: ScriptContact = {
  ...{ caller: '', callerName: '', dialled: '', trunk: '', country: '', language: '' },
  ...{ history: null, segments: [], variables: {}, now: 0, queues: {}, open: {} },
};
// What the engine does for the first time takes long; no caller waits for that.
for (let times = 0; times < 3; times++)
  new Sandbox(quickjs).run('console.log(contact); return [1];', nobody, stopped, 1);

let next = new Sandbox(quickjs);
parentPort?.on('message', ({ source, contact, lastsMaxMs }: WorkerRequest) => {
  parentPort?.postMessage(next.run(source, contact, clock, lastsMaxMs));
  // The script has its answer; the next ones get another worker.
  if (next.broken !== undefined) throw next.broken;
  next = new Sandbox(quickjs);
});
parentPort?.postMessage('ready');
