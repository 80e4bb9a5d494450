/**
 * The writing thread of the recordings. It receives shared memory and batches of pieces as numbers, writes each
 * piece and then the header that states it, and answers every piece with 0 or a negative error number, and the size
 * of the file.
 */
import { writeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
// The thread loads no more than it needs: the whole library would be 6 MB of it.
import { wavHeaderBytes, writeWavHeader } from '@crosspoint/media/file-formats';
import { answerFields, batchFields } from './recording-disk.ts';
import { recordingFormat } from './recording-file.ts';

/** EIO, for a failure that carries no number of its own. */
const unknownErrno = -5;

/** Place of the size of the sound among the fields of a piece. */
const dataBytesField = 6;

const slabs: Uint8Array[] = [];
const header = new Uint8Array(wavHeaderBytes);

function writeAll(
  descriptor: number,
  bytes: Uint8Array,
  start: number,
  length: number,
  position: number,
): void {
  let written = 0;
  while (written < length) {
    written += writeSync(descriptor, bytes, start + written, length - written, position + written);
  }
}

function writePiece(batch: Float64Array, at: number): number {
  const [descriptor, slab, start, length, position, dataBytes] = batch.subarray(
    at + 1,
    at + batchFields,
  ) as unknown as [number, number, number, number, number, number];
  try {
    writeAll(descriptor, slabs[slab] as Uint8Array, start, length, wavHeaderBytes + position);
    writeWavHeader(header, recordingFormat, dataBytes);
    writeAll(descriptor, header, 0, wavHeaderBytes, 0);
    return 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).errno ?? unknownErrno;
  }
}

parentPort?.on('message', (message: SharedArrayBuffer | Float64Array) => {
  if (message instanceof SharedArrayBuffer) {
    slabs.push(new Uint8Array(message));
    return;
  }
  const answers = new Float64Array((message.length / batchFields) * answerFields);
  for (let at = 0, answer = 0; at < message.length; at += batchFields, answer += answerFields) {
    answers[answer] = message[at] as number;
    answers[answer + 1] = writePiece(message, at);
    answers[answer + 2] = wavHeaderBytes + (message[at + dataBytesField] as number);
  }
  parentPort?.postMessage(answers);
});
