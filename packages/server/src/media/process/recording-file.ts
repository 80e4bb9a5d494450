import { wavDataBytesMax, wavHeaderBytes } from '@crosspoint/media/file-formats';
import type { RecordingFailure } from '../protocol.ts';
import type { DiskError, PieceBuffers, RecordingDisk } from './recording-disk.ts';

/** 16-bit stereo at 8,000 Hz. */
export const frameBytes = 4;
export const recordingFormat = { encoding: 'pcm16', channels: 2, rateHz: 8000 } as const;

/** Pieces that one recording may have waiting: about six seconds of sound. */
const piecesWaitingMax = 12;
/** Pause before a refused write is tried again. */
const retryMs = 1000;
/** Attempts at the last pieces when a recording ends on a disk that refuses. */
const closeAttemptsMax = 2;

interface Piece {
  buffer: Uint8Array;
  length: number;
  /** From the beginning of the sound. */
  position: number;
}

export interface RecordingFileEvents {
  failed(code: RecordingFailure, message: string): void;
  resumed(lostBytes: number): void;
}

/**
 * One recording on the disk. Pieces are written at the place that their time gives them, one after the other, and
 * after each the file is a valid one. When the disk refuses, the oldest waiting piece is tried again each
 * second; what no longer fits the queue is given up and stays a stretch of silence.
 */
export class RecordingFile {
  #descriptor: number | undefined;
  readonly #open: () => Promise<number>;
  readonly #disk: RecordingDisk;
  readonly #buffers: PieceBuffers;
  readonly #events: RecordingFileEvents;
  readonly #waiting: Piece[] = [];
  #isWriting = false;
  #failure: RecordingFailure | undefined;
  #lostBytesInFailure = 0;
  #retryTimer: NodeJS.Timeout | undefined;
  #writtenBytes = 0;
  /** As the disk stated it last. */
  #fileBytes = 0;
  #closing: ((complete: boolean) => void) | undefined;
  #closeAttempts = 0;
  #isAbandoned = false;
  lostBytes = 0;

  /**
   * @param open called at once, and again each second until it resolves; pieces wait meanwhile
   */
  constructor(
    open: () => Promise<number>,
    disk: RecordingDisk,
    buffers: PieceBuffers,
    events: RecordingFileEvents,
  ) {
    this.#open = open;
    this.#disk = disk;
    this.#buffers = buffers;
    this.#events = events;
    // An empty piece: from now on the file is a valid one without sound.
    this.append(buffers.empty, 0, 0);
  }

  /**
   * The file that is being opened holds so much already, as 16-bit stereo. What waits belongs `laterBytes` later than was thought.
   */
  continueAfter(soundBytes: number, laterBytes: number): void {
    this.#writtenBytes = Math.max(this.#writtenBytes, soundBytes);
    for (const piece of this.#waiting) if (piece.length > 0) piece.position += laterBytes;
  }

  /** It can never be opened: nothing of it is told or tried again. */
  abandon(): void {
    this.#isAbandoned = true;
    for (const piece of this.#waiting.splice(0)) this.#buffers.give(piece.buffer);
    this.#closing?.(false);
  }

  /** Size of the file. */
  get bytes(): number {
    return this.#fileBytes;
  }

  /** Length of the sound in the file. */
  get durationSeconds(): number {
    return this.#writtenBytes / frameBytes / recordingFormat.rateHz;
  }

  get isStalled(): boolean {
    return this.#failure !== undefined;
  }

  /** Queues `length` bytes that belong at `position`; takes over a buffer that came from `PieceBuffers`. */
  append(buffer: Uint8Array, length: number, position: number): void {
    if (position + length > wavDataBytesMax) {
      this.#buffers.give(buffer);
      this.lose(
        length,
        'disk-error',
        'the file has reached the limit of WAV (37 hours); start another recording',
      );
      return;
    }
    if (this.#waiting.length >= piecesWaitingMax) {
      // The piece being written cannot be given up; the one behind it is the oldest that can.
      const oldest = this.#waiting.splice(this.#isWriting ? 1 : 0, 1)[0] as Piece;
      this.#buffers.give(oldest.buffer);
      this.lose(oldest.length, 'disk-slow', 'the disk does not keep up; check its load');
    }
    this.#waiting.push({ buffer, length, position });
    this.#next();
  }

  /** Counts sound that had to be given up. */
  lose(bytes: number, code: RecordingFailure, message: string): void {
    this.lostBytes += bytes;
    this.#lostBytesInFailure += bytes;
    this.#fail(code, message);
  }

  /** Writes what waits, flushes it to the medium and closes. Resolves with false when something was lost. */
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
    if (piece === undefined) {
      if (this.#closing !== undefined) this.#finish(this.#closing);
      return;
    }
    this.#isWriting = true;
    if (this.#descriptor === undefined) void this.#tryToOpen();
    else this.#write(this.#descriptor, piece);
  }

  async #tryToOpen(): Promise<void> {
    try {
      this.#descriptor = await this.#open();
      this.#isWriting = false;
      this.#next();
    } catch (error) {
      if (this.#isAbandoned) return;
      this.#isWriting = false;
      const { code = 'EIO', message } = error as NodeJS.ErrnoException;
      this.#refused({ code, message });
    }
  }

  #write(descriptor: number, piece: Piece): void {
    const { buffer, length, position } = piece;
    const dataBytes = Math.max(this.#writtenBytes, position + length);
    const write = { descriptor, buffer, length, position, dataBytes };
    this.#disk.write(write, (error, fileBytes = wavHeaderBytes + dataBytes) => {
      this.#isWriting = false;
      if (error !== undefined) return this.#refused(error);
      this.#fileBytes = fileBytes;
      this.#waiting.shift();
      this.#buffers.give(buffer);
      this.#writtenBytes = dataBytes;
      if (this.#failure !== undefined) this.#recovered();
      this.#next();
    });
  }

  #refused(error: DiskError): void {
    const isFull = error.code === 'ENOSPC' || error.code === 'EDQUOT';
    const remedy = isFull ? 'free space on the recording disk' : 'check the recording disk';
    this.#fail(isFull ? 'disk-full' : 'disk-error', `${error.message}; ${remedy}`);
    if (this.#closing !== undefined && ++this.#closeAttempts >= closeAttemptsMax) {
      for (const piece of this.#waiting.splice(0)) {
        this.lostBytes += piece.length;
        this.#buffers.give(piece.buffer);
      }
      this.#finish(this.#closing);
      return;
    }
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      this.#next();
    }, retryMs);
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
    if (this.#descriptor === undefined) return resolve(false);
    this.#disk.close(this.#descriptor, (isDurable, fileBytes = this.#fileBytes) => {
      this.#fileBytes = fileBytes;
      resolve(isDurable && this.lostBytes === 0);
    });
  }
}
