import { write } from 'node:fs';
import { wavHeaderBytes, writeWavHeader } from '@crosspoint/media';
import type { FileWrite } from './packets.ts';
import {
  closeFile,
  describeError,
  openFile,
  type PieceWrite,
  type RecordingDisk,
  unknownErrno,
  type WriteDone,
} from './recording-disk.ts';
import { recordingFormat } from './recording-file.ts';

/** Writes at once by the threads that Node has for files, which are four: prompts are read meanwhile. */
const poolWritersMax = 2;
const ringWritersMax = 64;

/**
 * Recordings as WAV. They are written by the kernel along with the packets where the packet path can do that; otherwise by the
 * threads that Node has for files anyway. One of our own would be a second JavaScript engine, 16 MB for a few writes.
 */
export class WavDisk implements RecordingDisk {
  readonly open = openFile;
  readonly close = closeFile;
  readonly #ring: () => FileWrite | undefined;
  readonly #waiting: { piece: PieceWrite; done: WriteDone }[] = [];
  /** One for each write that may go on. Shared memory never moves. */
  readonly #headers: Uint8Array[] = [];
  #writers = 0;

  /** @param ring the packet path's own way to write, once that is open */
  constructor(ring: () => FileWrite | undefined) {
    this.#ring = ring;
    const memory = new SharedArrayBuffer(ringWritersMax * wavHeaderBytes);
    for (let i = 0; i < ringWritersMax; i++)
      this.#headers.push(new Uint8Array(memory, i * wavHeaderBytes, wavHeaderBytes));
  }

  write(piece: PieceWrite, done: WriteDone): void {
    this.#waiting.push({ piece, done });
    this.#next();
  }

  stop(): void {
    // Nothing is kept beyond the files.
  }

  #next(): void {
    const ring = this.#ring();
    if (this.#waiting.length === 0 || this.#writers >= (ring ? ringWritersMax : poolWritersMax)) return;
    const { piece, done } = this.#waiting.shift() as { piece: PieceWrite; done: WriteDone };
    const { descriptor, buffer, length, position, dataBytes } = piece;
    const header = this.#headers.pop() as Uint8Array;
    this.#writers++;
    const finish = (errno: number): void => {
      this.#headers.push(header);
      this.#writers--;
      done(errno === 0 ? undefined : describeError(errno));
      this.#next();
    };
    const writeAll = writerOf(ring ?? poolWrite);
    writeAll(descriptor, buffer, length, wavHeaderBytes + position, (errno) => {
      if (errno !== 0) return finish(errno);
      writeWavHeader(header, recordingFormat, dataBytes);
      writeAll(descriptor, header, wavHeaderBytes, 0, finish);
    });
  }
}

const poolWrite: FileWrite = (descriptor, bytes, start, length, position, done) =>
  write(descriptor, bytes, start, length, position, (error, written) =>
    done(error === null ? written : (error.errno ?? unknownErrno)),
  );

/** The same until all of it is written; calls back with 0 or the negative number of an error. */
function writerOf(writeSome: FileWrite) {
  return function writeAll(
    descriptor: number,
    bytes: Uint8Array,
    length: number,
    position: number,
    done: (errno: number) => void,
    start = 0,
  ): void {
    if (start >= length) return done(0);
    writeSome(descriptor, bytes, start, length - start, position + start, (result) => {
      // Nothing written, and no reason told: it would go on for ever.
      if (result <= 0) done(result === 0 ? unknownErrno : result);
      else writeAll(descriptor, bytes, length, position, done, start + result);
    });
  };
}
