import { close, constants, fdatasync, open } from 'node:fs';
import { getSystemErrorMap } from 'node:util';
import { Worker } from 'node:worker_threads';

/** A piece of sound, and how much there is once it is written. */
export interface PieceWrite {
  descriptor: number;
  /** Lies in shared memory (`PieceBuffers`). */
  buffer: Uint8Array;
  length: number;
  /** From the beginning of the sound, in bytes of 16-bit stereo, whatever the file makes of them. */
  position: number;
  /** Sound in the file afterwards, in the same bytes. */
  dataBytes: number;
  /** Another file that is written along with it, by its descriptor. */
  companion?: number;
}

export interface DiskError {
  /** `ENOSPC` and the like. */
  code: string;
  message: string;
}

/** The part of the file system that recordings need, so that a test can fill the disk. */
export interface RecordingDisk {
  /** Creates a file that did not exist, mode 0600; to be continued, it may exist. */
  open(path: string, isContinued?: boolean): Promise<number>;
  /**
   * Writes the piece; afterwards the file is a valid one. May be repeated. Calls back with the size of the file where
   * it is not that of a WAV file with this sound.
   */
  write(piece: PieceWrite, done: WriteDone): void;
  /** Completes the file, flushes it to the medium and closes; calls back with false when any of it failed. */
  close(descriptor: number, done: (isDurable: boolean, fileBytes?: number) => void): void;
  /** Ends the disk's own resources. */
  stop(): void;
}

export type WriteDone = (error: DiskError | undefined, fileBytes?: number) => void;

/** Numbers per piece in a batch, and per answer; see `recording-mp3-writer.ts`. */
export const batchFields = 8;
export const answerFields = 3;
/** Instead of a slab: nothing is to be written, the file ends here. */
export const noSlab = -1;
const noDescriptor = -1;
/** EIO, for a failure that carries no number of its own. */
export const unknownErrno = -5;
/** What is there stays; a file that was never created is created. */
export const continuedFlags = constants.O_RDWR | constants.O_CREAT;

/** Creates a file that did not exist, mode 0600; to be continued, it may exist. */
export function openFile(path: string, isContinued = false): Promise<number> {
  return new Promise((resolve, reject) => {
    open(path, isContinued ? continuedFlags : 'wx', 0o600, (error, descriptor) =>
      error === null ? resolve(descriptor) : reject(error),
    );
  });
}

/** Flushes a file to the medium and closes it; calls back with false when any of it failed. */
export function closeFile(descriptor: number, done: (isDurable: boolean) => void): void {
  fdatasync(descriptor, (syncError) => {
    close(descriptor, (closeError) => done(syncError === null && closeError === null));
  });
}

/** What a file system says, without the call that it says it of. */
export function describeError(errno: number): DiskError {
  const [code, message] = getSystemErrorMap().get(errno) ?? ['EIO', `error ${errno}`];
  return { code, message };
}

/**
 * Writing that takes the processor for long, by one thread of its own: no packet waits for it, and a batch of pieces costs one
 * message. The thread is started by the first recording.
 */
export class RecordingThread {
  readonly #writer: URL;
  #worker: Worker | undefined;
  #batch: number[] = [];
  #nextId = 1;
  readonly #waiting = new Map<number, WriteDone>();
  readonly #slabs: SharedArrayBuffer[] = [];

  /** @param writer the module of the thread; it answers each field group of a batch */
  constructor(writer: URL) {
    this.#writer = writer;
  }

  write(piece: PieceWrite, done: WriteDone): void {
    const { descriptor, buffer, length, position, dataBytes } = piece;
    const { companion = noDescriptor } = piece;
    const start = buffer.byteOffset;
    this.#enqueue([descriptor, this.#slabOf(buffer), start, length, position, dataBytes, companion], done);
  }

  /** Has the thread write what it still holds of a file, before it is closed. */
  finish(descriptor: number, companion: number, done: WriteDone): void {
    this.#enqueue([descriptor, noSlab, 0, 0, 0, 0, companion], done);
  }

  stop(): void {
    this.#worker?.removeAllListeners('exit');
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  /** The thread knows shared memory by number; a new one is announced before its first use. */
  #slabOf(buffer: Uint8Array): number {
    const memory = buffer.buffer as SharedArrayBuffer;
    const known = this.#slabs.indexOf(memory);
    if (known >= 0) return known;
    this.#slabs.push(memory);
    this.#worker?.postMessage(memory);
    return this.#slabs.length - 1;
  }

  #enqueue(fields: readonly number[], done: WriteDone): void {
    const id = this.#nextId++;
    this.#waiting.set(id, done);
    if (this.#batch.length === 0) setImmediate(() => this.#sendBatch());
    this.#batch.push(id, ...fields);
  }

  #sendBatch(): void {
    const batch = Float64Array.from(this.#batch);
    this.#batch = [];
    this.#worker ??= this.#start();
    this.#worker.postMessage(batch);
  }

  #start(): Worker {
    const worker = new Worker(this.#writer, {
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
      stdin: false,
    });
    worker.on('message', (answers: Float64Array) => this.#receive(answers));
    worker.on('error', (error) => this.#lost(error.message));
    worker.on('exit', () => this.#lost('it has ended'));
    for (const slab of this.#slabs) worker.postMessage(slab);
    return worker;
  }

  #receive(answers: Float64Array): void {
    for (let at = 0; at < answers.length; at += answerFields) {
      const id = answers[at] as number;
      const errno = answers[at + 1] as number;
      const done = this.#waiting.get(id);
      this.#waiting.delete(id);
      done?.(errno === 0 ? undefined : describeError(errno), answers[at + 2]);
    }
  }

  /** What waits is refused, so that it is tried again; the next batch starts a new thread. */
  #lost(reason: string): void {
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#batch = [];
    for (const done of waiting) done({ code: 'EIO', message: `the writing thread failed: ${reason}` });
  }
}

/** Waiting sound of all recordings together, in bytes. */
const bytesWaitingMax = 64 * 1024 * 1024;
const buffersPerSlab = 16;

/** Buffers for pieces of sound in shared memory, common to every recording of the process and limited in sum. */
export class PieceBuffers {
  readonly bufferBytes: number;
  /** For pieces without sound. It stands for itself: `give` takes no notice of it. */
  readonly empty = new Uint8Array(new SharedArrayBuffer(0));
  readonly #free: Uint8Array[] = [];
  #allocatedBytes = 0;

  /** @param bufferBytes size of each, a multiple of 8 */
  constructor(bufferBytes: number) {
    this.bufferBytes = bufferBytes;
  }

  /** A buffer, or undefined when the disk is so far behind that no more may wait. */
  take(): Uint8Array | undefined {
    if (this.#free.length === 0) this.#grow();
    return this.#free.pop();
  }

  give(buffer: Uint8Array): void {
    if (buffer !== this.empty) this.#free.push(buffer);
  }

  #grow(): void {
    const slabBytes = this.bufferBytes * buffersPerSlab;
    if (this.#allocatedBytes + slabBytes > bytesWaitingMax) return;
    this.#allocatedBytes += slabBytes;
    const slab = new SharedArrayBuffer(slabBytes);
    for (let i = 0; i < buffersPerSlab; i++) {
      this.#free.push(new Uint8Array(slab, i * this.bufferBytes, this.bufferBytes));
    }
  }
}
