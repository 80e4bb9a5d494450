import { parentPort } from 'node:worker_threads';
import { getQuickJS } from 'quickjs-emscripten';
import type { ScriptRequest } from '@crosspoint/core';
import { runScript } from './sandbox.ts';

/** The other end of `runner.ts`: runs one script after the other, and answers each once. */
const quickjs = await getQuickJS();
/** What this thread has computed: on a busy machine a script is not to blame for the time of others. */
const computedMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};
parentPort?.on('message', ({ source, contact }: ScriptRequest) => {
  parentPort?.postMessage(runScript(quickjs, source, contact, computedMs));
});
parentPort?.postMessage('ready');
