import { parentPort, workerData } from 'node:worker_threads';
import { decodePrompt, PromptSoundError } from './decode.ts';

/** The other end of `upload.ts`: decodes one file and answers once. */
try {
  parentPort?.postMessage({ ok: true, prompt: await decodePrompt(workerData as Uint8Array) });
} catch (error) {
  if (!(error instanceof PromptSoundError)) throw error;
  parentPort?.postMessage({ ok: false, message: error.message });
}
