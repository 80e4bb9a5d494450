/**
 * The writing thread of MP3 recordings. It receives shared memory and batches of pieces as numbers, encodes each piece, appends
 * what came out, and answers with 0 or a negative error number and the size of the file. Messages are worked off one
 * after the other, also where an encoder has to be made first.
 */
import { fstatSync, readFileSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parentPort } from 'node:worker_threads';
import { mp3FrameBytes } from '@crosspoint/media/file-formats';
import { createEncoder } from 'wasm-media-encoders';
import { answerFields, batchFields, noSlab, unknownErrno } from './recording-disk.ts';
import { type Mp3Encoder, Mp3Recording, peakFrames } from './recording-mp3.ts';

const bytesPerFrame = 4;
const peakBytes = 2;
/** Encoders kept for the next recordings; each has about 0.6 MB. */
const sparesMax = 8;

interface OpenFile {
  encoder: Mp3Encoder;
  recording: Mp3Recording;
  /** What the disk has refused, to be written before anything else. */
  bytes: Uint8Array;
  peaks: Uint8Array;
  fileBytes: number;
  peaksAt: number;
}

const nothing = new Uint8Array(0);
const slabs: Uint8Array[] = [];
const files = new Map<number, OpenFile>();
const spares: Mp3Encoder[] = [];
/** The bytes of the encoder, and once it was compiled the module. */
let wasm: object | undefined;

async function takeEncoder(): Promise<Mp3Encoder> {
  const spare = spares.pop();
  if (spare !== undefined) return spare;
  wasm ??= readFileSync(fileURLToPath(import.meta.resolve('wasm-media-encoders/wasm/mp3')));
  return createEncoder('audio/mpeg', wasm, (compiled) => {
    wasm = compiled;
  });
}

/** A new file; or one whose thread is gone, to which whole frames are appended. */
async function fileOf(descriptor: number): Promise<OpenFile> {
  const known = files.get(descriptor);
  if (known !== undefined) return known;
  const encoder = await takeEncoder();
  const fileBytes = Math.floor(fstatSync(descriptor).size / mp3FrameBytes) * mp3FrameBytes;
  const recording = new Mp3Recording(encoder, fileBytes);
  const peaksAt = Math.floor(recording.encodedUntil / peakFrames) * peakBytes;
  const file: OpenFile = { encoder, recording, bytes: nothing, peaks: nothing, fileBytes, peaksAt };
  files.set(descriptor, file);
  return file;
}

function writeAll(descriptor: number, bytes: Uint8Array, position: number): void {
  let written = 0;
  while (written < bytes.length) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, position + written);
  }
}

/** Writes what is ready; throws what the disk says, and keeps it then. */
function flush(file: OpenFile, descriptor: number, companion: number): void {
  if (file.bytes.length === 0 && file.recording.hasWaiting) {
    const { bytes, peaks } = file.recording.take();
    file.bytes = bytes;
    file.peaks = peaks;
  }
  writeAll(descriptor, file.bytes, file.fileBytes);
  file.fileBytes += file.bytes.length;
  file.bytes = nothing;
  if (companion >= 0) writeAll(companion, file.peaks, file.peaksAt);
  file.peaksAt += file.peaks.length;
  file.peaks = nothing;
}

async function work(batch: Float64Array, at: number): Promise<number> {
  const [descriptor, slab, start, length, position, , companion] = batch.subarray(
    at + 1,
    at + batchFields,
  ) as unknown as [number, number, number, number, number, number, number];
  const file = await fileOf(descriptor);
  if (slab === noSlab) return finish(file, descriptor, companion);
  // What was refused before goes first; nothing is encoded while the disk still refuses it.
  flush(file, descriptor, companion);
  if (length > 0) {
    const memory = slabs[slab] as Uint8Array;
    const samples = new Int16Array(memory.buffer, start, length / 2);
    file.recording.append(samples, position / bytesPerFrame);
    flush(file, descriptor, companion);
  }
  return file.fileBytes;
}

/** The file is forgotten whatever the disk says: its number will soon be another's. */
function finish(file: OpenFile, descriptor: number, companion: number): number {
  files.delete(descriptor);
  try {
    flush(file, descriptor, companion);
    file.recording.finish();
    flush(file, descriptor, companion);
    return file.fileBytes;
  } finally {
    if (spares.length < sparesMax) spares.push(file.encoder);
  }
}

async function answer(batch: Float64Array): Promise<void> {
  const answers = new Float64Array((batch.length / batchFields) * answerFields);
  for (let at = 0, to = 0; at < batch.length; at += batchFields, to += answerFields) {
    answers[to] = batch[at] as number;
    try {
      answers[to + 2] = await work(batch, at);
    } catch (error) {
      answers[to + 1] = (error as NodeJS.ErrnoException).errno ?? unknownErrno;
    }
  }
  parentPort?.postMessage(answers);
}

let working = Promise.resolve();
parentPort?.on('message', (message: SharedArrayBuffer | Float64Array) => {
  if (message instanceof SharedArrayBuffer) slabs.push(new Uint8Array(message));
  else working = working.then(() => answer(message));
});
