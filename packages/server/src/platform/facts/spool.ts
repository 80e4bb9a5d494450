import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { countRows, type PendingFacts, pendingFacts } from './pending.ts';
import type { Facts } from './types.ts';

export interface FactsSpoolOptions {
  /** Most bytes of all files; `append` refuses beyond. */
  readonly bytesMax?: number;
  /** A file is written back as one batch. */
  readonly fileBytesMax?: number;
}

const BYTES_MAX = 1024 * 1024 * 1024;
const FILE_BYTES_MAX = 1024 * 1024;
const NAME = /^facts-(\d{9,})\.ndjson$/;

interface SpoolLine {
  readonly f: Facts;
  readonly i: readonly string[];
}

interface SpoolFile {
  readonly path: string;
  bytes: number;
}

/** What the oldest file of a spool holds. */
export interface SpooledFacts {
  readonly batch: readonly PendingFacts[];
  /** Lines that cannot be read: the process or the disk ended amid them, and whoever wrote them knows that it failed. */
  readonly damagedLines: number;
}

/**
 * Facts on disk that wait for the database: files of lines, appended and synchronised with the disk, read again oldest first. A file
 * is removed when the database has it, so that a process that dies in between writes it once more; the identifiers
 * of its rows are in it, and the database skips those that it knows.
 */
export class FactsSpool {
  readonly #directory: string;
  readonly #bytesMax: number;
  readonly #fileBytesMax: number;
  readonly #files: SpoolFile[] = [];
  #bytes = 0;
  #number = 0;
  /** The newest file, as long as it is appended to. */
  #open: { handle: FileHandle; file: SpoolFile } | undefined;
  /** Ends with what was begun last: files are appended to and read one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  /** Opens the folder, with what a former process left in it. */
  constructor(directory: string, options: FactsSpoolOptions = {}) {
    this.#directory = directory;
    this.#bytesMax = options.bytesMax ?? BYTES_MAX;
    this.#fileBytesMax = options.fileBytesMax ?? FILE_BYTES_MAX;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    for (const number of spoolNumbers(directory)) {
      const path = this.#pathOf(number);
      const bytes = statSync(path).size;
      this.#files.push({ path, bytes });
      this.#bytes += bytes;
      this.#number = number;
    }
  }

  get isEmpty(): boolean {
    return this.#files.length === 0;
  }

  /** Of all files. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether half of the room is taken. */
  get isHalfFull(): boolean {
    return this.#bytes * 2 >= this.#bytesMax;
  }

  /**
   * Returns when they are on the disk.
   *
   * @throws {Error} that of the file system, or one that the limit is reached. Part of them may be read again all the same.
   */
  append(batch: readonly PendingFacts[]): Promise<void> {
    return this.#inTurn(() => this.#append(batch));
  }

  /** Reads the oldest file, to which nothing is appended from now on. Not to be called when the spool is empty. */
  oldest(): Promise<SpooledFacts> {
    return this.#inTurn(() => this.#oldest());
  }

  /** The database has what the oldest file holds. */
  dropOldest(): void {
    const file = this.#files.shift();
    if (file === undefined) return;
    rmSync(file.path, { force: true });
    this.#bytes -= file.bytes;
  }

  /** Files stay for the next process. */
  close(): Promise<void> {
    return this.#inTurn(() => this.#finish());
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #append(batch: readonly PendingFacts[]): Promise<void> {
    const bytes = Buffer.from(batch.map(encodeLine).join(''));
    if (this.#bytes + bytes.length > this.#bytesMax) {
      throw new Error(`${this.#bytes} bytes of facts wait on disk already; the limit is ${this.#bytesMax}.`);
    }
    this.#open ??= await this.#begin();
    const { handle, file } = this.#open;
    try {
      await handle.appendFile(bytes);
      await handle.datasync();
    } catch (error) {
      this.#counted(file, (await handle.stat()).size - file.bytes);
      await this.#giveUp(file);
      throw error;
    }
    this.#counted(file, bytes.length);
    if (file.bytes >= this.#fileBytesMax) await this.#finish();
  }

  /** The last line of a file may be cut: nothing is appended to it any more, and an empty one goes. */
  async #giveUp(file: SpoolFile): Promise<void> {
    await this.#finish();
    if (file.bytes > 0) return;
    this.#files.pop();
    rmSync(file.path, { force: true });
  }

  async #oldest(): Promise<SpooledFacts> {
    const [file] = this.#files;
    if (file === undefined) throw new Error('The spool of facts is empty.');
    if (this.#open?.file === file) await this.#finish();
    const batch: PendingFacts[] = [];
    let damagedLines = 0;
    for (const text of (await readFile(file.path, 'utf8')).split('\n')) {
      if (text === '') continue;
      const line = decodeLine(text);
      if (line === undefined) damagedLines++;
      else batch.push(spooledFacts(line));
    }
    return { batch, damagedLines };
  }

  async #begin(): Promise<{ handle: FileHandle; file: SpoolFile }> {
    this.#number++;
    const path = this.#pathOf(this.#number);
    const handle = await open(path, 'ax', 0o600);
    // Without this its name may be gone after a power cut, though its content is on the disk.
    const directory = await open(this.#directory, 'r');
    await directory.sync().finally(() => directory.close());
    const file = { path, bytes: 0 };
    this.#files.push(file);
    return { handle, file };
  }

  async #finish(): Promise<void> {
    const { handle } = this.#open ?? {};
    this.#open = undefined;
    await handle?.close();
  }

  #counted(file: SpoolFile, bytes: number): void {
    file.bytes += bytes;
    this.#bytes += bytes;
  }

  #pathOf(number: number): string {
    return join(this.#directory, `facts-${String(number).padStart(9, '0')}.ndjson`);
  }
}

function spoolNumbers(directory: string): number[] {
  return readdirSync(directory)
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

function encodeLine({ facts, agentEventIds }: PendingFacts): string {
  const line: SpoolLine = { f: facts, i: agentEventIds };
  return `${JSON.stringify(line)}\n`;
}

function decodeLine(text: string): SpoolLine | undefined {
  try {
    return JSON.parse(text) as SpoolLine;
  } catch {
    return undefined; // Counted by the caller.
  }
}

/** Nobody waits for them any more: they were promised when they were on disk. */
function spooledFacts({ f: facts, i: agentEventIds }: SpoolLine): PendingFacts {
  const nobody = (): void => undefined;
  return pendingFacts({ ...facts, agentEventIds }, countRows(facts), nobody, nobody);
}
