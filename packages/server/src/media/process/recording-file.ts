import { close, fdatasync, open, write } from 'node:fs';
import { wavDataBytesMax, wavHeaderBytes, writeWavHeader } from '@crosspoint/media';
import type { RecordingFailure } from '../protocol.ts';

/** The part of the file system that a recording needs, so that a test can fill the disk. */
export interface RecordingDisk {
  open(path: string): Promise<number>;
  /** Calls back with the number of bytes written, or with the error. */
  write(
    descriptor: number,
    bytes: Uint8Array,
    length: number,
    position: number,
    done: (error: NodeJS.ErrnoException | null, written: number) => void,
  ): void;
  sync(descriptor: number, done: (error: NodeJS.ErrnoException | null) => void): void;
  close(descriptor: number, done: (error: NodeJS.ErrnoException | null) => void): void;
}

export const realDisk: RecordingDisk = {
  open: (path) =>
    new Promise((resolve, reject) => {
      open(path, 'wx', 0o600, (error, descriptor) => (error === null ? resolve(descriptor) : reject(error)));
    }),
  write: (descriptor, bytes, length, position, done) => write(descriptor, bytes, 0, length, position, done),
  sync: (descriptor, done) => fdatasync(descriptor, done),
  close: (descriptor, done) => close(descriptor, done),
};

/** 16-bit stereo at 8,000 Hz. */
export const frameBytes = 4;
export const recordingFormat = { encoding: 'pcm16', channels: 2, rateHz: 8000 } as const;

/** Pieces that one recording may have waiting: about seven seconds of sound. */
const piecesWaitingMax = 8;
/** Waiting sound of all recordings together, in bytes. */
const bytesWaitingMax = 64 * 1024 * 1024;
/** Buffers kept for reuse. */
const buffersKeptMax = 64;
/** Pause before a refused write is tried again. */
const retryMs = 1000;
/** How long the end of a recording may wait for a disk that refuses. */
const closeAttemptsMax = 2;

/** Buffers for pieces of sound, shared by every recording of the process and limited in sum. */
export class PieceBuffers {
  readonly bufferBytes: number;
  readonly #free: Uint8Array[] = [];
  #out = 0;

  constructor(bufferBytes: number) {
    this.bufferBytes = bufferBytes;
  }

  /** A buffer, or undefined when the disk is so far behind that no more may wait. */
  take(): Uint8Array | undefined {
    if ((this.#out + 1) * this.bufferBytes > bytesWaitingMax) return undefined;
    this.#out++;
    return this.#free.pop() ?? new Uint8Array(this.bufferBytes);
  }

  give(buffer: Uint8Array): void {
    this.#out--;
    if (this.#free.length < buffersKeptMax) this.#free.push(buffer);
  }
}

interface Piece {
  buffer: Uint8Array;
  start: number;
  length: number;
  position: number;
}

export interface RecordingFileEvents {
  failed(code: RecordingFailure, message: string): void;
  resumed(lostBytes: number): void;
}

/**
 * One recording on the disk. Pieces are written at the place that their time gives them, one after the other, and
 * after each the header states what is there. When the disk refuses, the oldest waiting piece is tried again each
 * second; what no longer fits the queue is given up and stays a stretch of silence.
 */
export class RecordingFile {
  readonly #descriptor: number;
  readonly #disk: RecordingDisk;
  readonly #buffers: PieceBuffers;
  readonly #events: RecordingFileEvents;
  readonly #header = new Uint8Array(wavHeaderBytes);
  readonly #waiting: Piece[] = [];
  #isWriting = false;
  #failure: RecordingFailure | undefined;
  #lostBytesInFailure = 0;
  #retryTimer: NodeJS.Timeout | undefined;
  /** End of the sound that was written, in bytes from the start of the data. */
  #writtenBytes = 0;
  /** The header does not state `#writtenBytes` yet. */
  #isHeaderStale = true;
  #closing: ((complete: boolean) => void) | undefined;
  #closeAttempts = 0;
  /** The file ended without its last sound or header; `recover` can repair the header. */
  #isDamaged = false;
  lostBytes = 0;

  constructor(descriptor: number, disk: RecordingDisk, buffers: PieceBuffers, events: RecordingFileEvents) {
    this.#descriptor = descriptor;
    this.#disk = disk;
    this.#buffers = buffers;
    this.#events = events;
    this.#next();
  }

  get bytes(): number {
    return wavHeaderBytes + this.#writtenBytes;
  }

  get isStalled(): boolean {
    return this.#failure !== undefined;
  }

  /** Queues `length` bytes that belong at `dataPosition`; takes over a buffer that came from `PieceBuffers`. */
  append(buffer: Uint8Array, length: number, dataPosition: number): void {
    if (dataPosition + length > wavDataBytesMax) {
      this.#buffers.give(buffer);
      this.lose(
        length,
        'disk-error',
        'the file has reached the size limit of WAV (37 hours); start another recording',
      );
      return;
    }
    if (this.#waiting.length >= piecesWaitingMax) {
      // The piece being written cannot be given up; the one behind it is the oldest that can.
      const oldest = this.#waiting.splice(this.#isWriting ? 1 : 0, 1)[0] as Piece;
      this.#buffers.give(oldest.buffer);
      this.lose(oldest.length, 'disk-slow', 'the disk does not keep up; check its load');
    }
    this.#waiting.push({ buffer, start: 0, length, position: dataPosition });
    this.#next();
  }

  /** Counts sound that had to be given up. */
  lose(bytes: number, code: RecordingFailure, message: string): void {
    this.lostBytes += bytes;
    this.#lostBytesInFailure += bytes;
    this.#fail(code, message);
  }

  /** Writes what waits, flushes it to the disk and closes. Resolves with false when sound or the flush was lost. */
  close(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#closing = resolve;
      this.#closeAttempts = 0;
      this.#next();
    });
  }

  #next(): void {
    if (this.#isWriting || this.#retryTimer !== undefined) return;
    const piece = this.#waiting[0];
    if (piece !== undefined) this.#writePiece(piece);
    else if (this.#isHeaderStale) this.#writeHeader();
    else if (this.#closing !== undefined) this.#finish(this.#closing);
  }

  #writePiece(piece: Piece): void {
    this.#isWriting = true;
    const bytes = piece.start === 0 ? piece.buffer : piece.buffer.subarray(piece.start);
    const length = piece.length - piece.start;
    const position = wavHeaderBytes + piece.position + piece.start;
    this.#disk.write(this.#descriptor, bytes, length, position, (error, written) => {
      this.#isWriting = false;
      if (error !== null) return this.#refused(error);
      piece.start += written;
      if (piece.start < piece.length) return this.#next();
      this.#waiting.shift();
      this.#buffers.give(piece.buffer);
      this.#writtenBytes = Math.max(this.#writtenBytes, piece.position + piece.length);
      this.#isHeaderStale = true;
      this.#writeHeader();
    });
  }

  #writeHeader(): void {
    writeWavHeader(this.#header, recordingFormat, this.#writtenBytes);
    this.#isWriting = true;
    this.#disk.write(this.#descriptor, this.#header, wavHeaderBytes, 0, (error) => {
      this.#isWriting = false;
      if (error !== null) return this.#refused(error);
      this.#isHeaderStale = false;
      if (this.#failure !== undefined) this.#recovered();
      this.#next();
    });
  }

  #refused(error: NodeJS.ErrnoException): void {
    const isFull = error.code === 'ENOSPC' || error.code === 'EDQUOT';
    const remedy = isFull ? 'free space on the recording disk' : 'check the recording disk';
    this.#fail(isFull ? 'disk-full' : 'disk-error', `${error.message}; ${remedy}`);
    if (this.#closing !== undefined && ++this.#closeAttempts >= closeAttemptsMax) {
      this.#giveUp();
      this.#finish(this.#closing);
      return;
    }
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      this.#next();
    }, retryMs);
  }

  #giveUp(): void {
    this.#isHeaderStale = false;
    this.#isDamaged = true;
    for (const piece of this.#waiting.splice(0)) {
      this.lostBytes += piece.length;
      this.#buffers.give(piece.buffer);
    }
  }

  #fail(code: RecordingFailure, message: string): void {
    if (this.#failure !== undefined) return;
    this.#failure = code;
    this.#events.failed(code, message);
  }

  #recovered(): void {
    this.#failure = undefined;
    const lost = this.#lostBytesInFailure;
    this.#lostBytesInFailure = 0;
    this.#events.resumed(lost);
  }

  #finish(resolve: (complete: boolean) => void): void {
    this.#closing = undefined;
    clearTimeout(this.#retryTimer);
    this.#disk.sync(this.#descriptor, (syncError) => {
      this.#disk.close(this.#descriptor, (closeError) => {
        resolve(syncError === null && closeError === null && this.lostBytes === 0 && !this.#isDamaged);
      });
    });
  }
}
