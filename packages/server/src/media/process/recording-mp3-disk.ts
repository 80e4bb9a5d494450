import { close, open } from 'node:fs';
import {
  closeFile,
  continuedFlags,
  openFile,
  type PieceWrite,
  type RecordingDisk,
  RecordingThread,
  type WriteDone,
} from './recording-disk.ts';

/** Behind the name of an MP3 file: its peaks, written along with it, because reading them from MP3 needs a decoder. */
export const peaksSuffix = '.peaks';

/**
 * Recordings as MP3. Encoding takes a hundred times the processor that WAV does, so that it has a thread of its own:
 * what it cannot keep up with is reported as a slow disk and becomes silence, and WAV recordings do not notice.
 */
export class Mp3Disk implements RecordingDisk {
  readonly #thread = new RecordingThread(new URL('./recording-mp3-writer.ts', import.meta.url));
  /** Descriptor of the peaks by that of the sound. */
  readonly #companions = new Map<number, number>();

  async open(path: string, isContinued = false): Promise<number> {
    const descriptor = await openFile(path, isContinued);
    this.#companions.set(descriptor, await openCompanion(`${path}${peaksSuffix}`, isContinued));
    return descriptor;
  }

  write(piece: PieceWrite, done: WriteDone): void {
    this.#thread.write({ ...piece, companion: this.#companionOf(piece.descriptor) }, done);
  }

  close(descriptor: number, done: (isDurable: boolean, fileBytes?: number) => void): void {
    const companion = this.#companionOf(descriptor);
    this.#companions.delete(descriptor);
    this.#thread.finish(descriptor, companion, (error, fileBytes) => {
      if (companion >= 0) close(companion);
      closeFile(descriptor, (isDurable) => done(isDurable && error === undefined, fileBytes));
    });
  }

  stop(): void {
    this.#thread.stop();
  }

  #companionOf(descriptor: number): number {
    return this.#companions.get(descriptor) ?? -1;
  }
}

/** −1 when it cannot be created: a recording without a picture is better than none. */
function openCompanion(path: string, isContinued: boolean): Promise<number> {
  return new Promise((resolve) => {
    open(path, isContinued ? continuedFlags : 'wx', 0o600, (error, descriptor) =>
      resolve(error === null ? descriptor : -1),
    );
  });
}
