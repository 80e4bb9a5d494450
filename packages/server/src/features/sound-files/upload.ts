import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { writeWavHeader, wavHeaderBytes } from '@crosspoint/media';
import { writeDurably } from '../../platform/index.ts';
import { type DecodedPrompt, PromptSoundError } from './decode.ts';

/** Ten minutes of sound take a few seconds; a file that makes the decoder go round is given up. */
const decodeMaxMs = 30_000;

type Answer = { ok: true; prompt: DecodedPrompt } | { ok: false; message: string };

/** Decodes an uploaded file in a thread of its own, because calls share this one. @throws {PromptSoundError} */
export async function decodeSound(file: Uint8Array): Promise<DecodedPrompt> {
  const { promise, resolve, reject } = Promise.withResolvers<DecodedPrompt>();
  const worker = new Worker(new URL('./decode-worker.ts', import.meta.url), {
    workerData: file,
    resourceLimits: { maxOldGenerationSizeMb: 256 },
  });
  const timer = setTimeout(() => {
    reject(new PromptSoundError('The file takes too long to decode. Convert it to WAV.'));
  }, decodeMaxMs);
  worker.on('message', (answer: Answer) => {
    if (answer.ok) resolve(answer.prompt);
    else reject(new PromptSoundError(answer.message));
  });
  worker.on('error', reject);
  worker.on('exit', () => reject(new PromptSoundError('The file could not be decoded. Convert it to WAV.')));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

/** Stores the sound of a file as a prompt at that path; who plays the former meanwhile goes on with it. @throws {PromptSoundError} */
export async function storePrompt(path: string, file: Uint8Array): Promise<Omit<DecodedPrompt, 'wav'>> {
  const { wav, durationSeconds, gainDb } = await decodeSound(file);
  await mkdir(dirname(path), { recursive: true });
  await writeDurably(path, wav);
  return { durationSeconds, gainDb };
}

const bareEncodings: Readonly<Record<string, 'ulaw' | 'alaw'>> = {
  'audio/pcmu': 'ulaw',
  'audio/basic': 'ulaw',
  'audio/pcma': 'alaw',
};

/** By which files begin that tell themselves what they are, `.snd` (AU) among them, which senders call `audio/basic` as well. */
const selfTold = ['RIFF', 'OggS', 'ID3', '.snd'];

/** Bare G.711 tells by its media type alone what it is; it gets the header by which it is read. Other files stay as they are. */
export function withHeader(file: Buffer, contentType: string): Buffer {
  const encoding = bareEncodings[contentType.split(';')[0]?.trim().toLowerCase() ?? ''];
  const begin = file.toString('latin1', 0, 4);
  if (encoding === undefined || selfTold.some((sign) => begin.startsWith(sign))) return file;
  const header = Buffer.alloc(wavHeaderBytes);
  writeWavHeader(header, { encoding, channels: 1, rateHz: 8_000 }, file.length);
  return Buffer.concat([header, file]);
}
