import { fdatasync, fstat } from 'node:fs';
import { promisify } from 'node:util';
import type { FileSystemSync } from '../../platform/kernel/index.ts';
import type { RecordingDisk, WriteDone } from './recording-disk.ts';

/** Writes that take longer are left to the next time, so that one file does not hold up the others. */
const writesWaitMaxMs = 200;

const deviceOf = promisify(fstat);

/**
 * Brings what recordings have written to the medium while they go on, so that a power cut takes no more than a crash. One call
 * for each file system and time, however many recordings there are; where the packet path has no such call, file after
 * file. A time is skipped while the former one is not over: a slow disk gets no queue.
 */
export class RecordingDurability {
  readonly #syncOf: () => FileSystemSync | undefined;
  readonly #changed: (failure: string | null) => void;
  /** The file system of each open file, by descriptor. */
  readonly #devices = new Map<number, number>();
  /** Files with something that may not be on the medium. */
  #written = new Set<number>();
  #writes = 0;
  #dueTimer: NodeJS.Timeout | undefined;
  #isSyncing = false;
  #failure: string | null = null;
  /** Files that are to be closed when the medium has answered: their numbers must stay theirs until then. */
  #closing: (() => void)[] = [];

  /**
   * @param syncOf the packet path's own way, once that is open
   * @param changed told why the medium refuses, and null when nothing is refused any more
   */
  constructor(syncOf: () => FileSystemSync | undefined, changed: (failure: string | null) => void) {
    this.#syncOf = syncOf;
    this.#changed = changed;
  }

  /** Why what is recorded cannot be brought to the medium; null while it can, or nothing is recorded. */
  get failure(): string | null {
    return this.#failure;
  }

  /** The same disk, whose writes are known here. */
  watch(disk: RecordingDisk): RecordingDisk {
    return {
      open: async (path, isContinued) => {
        const descriptor = await disk.open(path, isContinued);
        this.#devices.set(descriptor, (await deviceOf(descriptor)).dev);
        return descriptor;
      },
      write: (piece, done) => {
        this.#writes++;
        disk.write(piece, this.#watched(piece.descriptor, done));
      },
      close: (descriptor, done) => {
        const close = () => {
          this.#written.delete(descriptor);
          this.#devices.delete(descriptor);
          // With nothing to be brought there, nobody would ever find out that the medium is well again.
          if (this.#devices.size === 0) this.#is(null);
          disk.close(descriptor, done);
        };
        if (this.#isSyncing) this.#closing.push(close);
        else close();
      },
      stop: () => {
        clearTimeout(this.#dueTimer);
        disk.stop();
      },
    };
  }

  /** Brings to the medium what was given to the disks until now, as soon as they have written it. */
  secure(): void {
    this.#dueTimer ??= setTimeout(() => this.#begin(), writesWaitMaxMs);
    if (this.#writes === 0) this.#begin();
  }

  #watched(descriptor: number, done: WriteDone): WriteDone {
    return (error, fileBytes) => {
      this.#writes--;
      if (error === undefined) this.#written.add(descriptor);
      done(error, fileBytes);
      if (this.#writes === 0 && this.#dueTimer !== undefined) this.#begin();
    };
  }

  #begin(): void {
    clearTimeout(this.#dueTimer);
    this.#dueTimer = undefined;
    if (this.#isSyncing || this.#written.size === 0) return;
    const descriptors = [...this.#written];
    this.#written = new Set();
    this.#isSyncing = true;
    const sync = this.#syncOf();
    const secured = sync === undefined ? eachFile(descriptors) : this.#eachFileSystem(sync, descriptors);
    void secured.then((failure) => this.#ended(failure));
  }

  async #eachFileSystem(sync: FileSystemSync, descriptors: readonly number[]): Promise<Error | undefined> {
    for (const files of Map.groupBy(descriptors, (descriptor) => this.#devices.get(descriptor)).values()) {
      const isDurable = await new Promise<boolean>((resolve) => sync(files[0] as number, resolve));
      // One by one they either succeed or tell the reason.
      const failure = isDurable ? undefined : await eachFile(files);
      if (failure !== undefined) return failure;
    }
    return undefined;
  }

  #ended(failure: Error | undefined): void {
    this.#isSyncing = false;
    this.#is(failure?.message ?? null);
    for (const close of this.#closing.splice(0)) close();
  }

  #is(failure: string | null): void {
    const hasChanged = (failure === null) !== (this.#failure === null);
    this.#failure = failure;
    if (hasChanged) this.#changed(failure);
  }
}

/** One after the other: the threads for files have other work as well. Resolves with the first failure. */
async function eachFile(descriptors: readonly number[]): Promise<Error | undefined> {
  let failure: Error | undefined;
  for (const descriptor of descriptors) {
    await new Promise<void>((resolve) => {
      fdatasync(descriptor, (error) => {
        failure ??= error ?? undefined;
        resolve();
      });
    });
  }
  return failure;
}
