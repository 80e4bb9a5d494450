/** How soon a script that loops for ever is stopped, and what calls notice of it. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { ScriptContact } from '@crosspoint/core';
import { ScriptRunner } from '../src/features/routing/index.ts';

const runs = Number(process.argv[2] ?? 100);
const contact: ScriptContact = {
  ...{ caller: '+420555000111', callerName: '', dialled: '700', trunk: '', country: 'CZ', language: 'cs' },
  ...{ history: null, segments: [], variables: {}, now: 0, queues: {}, open: {} },
};
const runner = new ScriptRunner();
await runner.run({ source: 'return true;', contact });

const ms = (nanoseconds: number) => `${(nanoseconds / 1e6).toFixed(2)} ms`;
async function delayWhile(work: () => Promise<void>): Promise<string> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await work();
  delay.disable();
  return `p50 ${ms(delay.percentile(50))}, p99 ${ms(delay.percentile(99))}, longest ${ms(delay.max)}`;
}

async function timesOf(source: string): Promise<string> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const before = performance.now();
    await runner.run({ source, contact });
    times.push(performance.now() - before);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => `${(times[Math.floor((times.length - 1) * share)] ?? 0).toFixed(2)} ms`;
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, longest ${at(1)}`;
}

console.log(`event loop, nothing runs: ${await delayWhile(async () => void (await pause(2_000)))}`);
console.log(`a script that decides: ${await timesOf('return { queue: contact.caller };')}`);
let stopped = '';
const delay = await delayWhile(async () => {
  stopped = await timesOf('for (;;) { try { for (;;) {} } catch {} }');
});
console.log(`a script that loops is stopped after: ${stopped}`);
console.log(`event loop meanwhile: ${delay}`);
runner.close();
