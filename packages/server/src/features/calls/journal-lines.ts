import { closeSync } from 'node:fs';
import type { ContactId } from '@crosspoint/contracts';
import { contactOfLine, JournalCopy, readWhole } from './journal-copy.ts';
import { writeWhole } from './journal-files.ts';

export interface JournalLimits {
  /** After so much a new file is made, with what lives alone: a start reads one file. */
  readonly fileBytesMax: number;
  /** So much of a long file is copied with each write at least. */
  readonly copiedBytesMin: number;
}

/** A piece is some hundred lines, a fraction of a millisecond. */
const journalLimits: JournalLimits = { fileBytesMax: 16 * 1024 * 1024, copiedBytesMin: 64 * 1024 };
/** A file that begins with so much of what lives grows by as much again and more before the next one. */
const growthFactor = 3;
/** The copy comes to its end, since it goes faster than the file grows. */
const copiedPerWritten = 4;

/** What stands around the lines of contacts in a new file. */
export interface Frame {
  /** In front of them. */
  readonly before: readonly string[];
  /** Behind them. */
  readonly after: readonly string[];
}

/**
 * The lines of a journal. What is written is forgotten here but for the names of the contacts that live; what waits for the disk is
 * in memory. A file that has become long is copied without what has ended, a piece with each write, so that no turn waits for all
 * of it: with 1,500 calls that took 20 ms.
 */
export class JournalLines {
  readonly #directory: string;
  /** Of the newest file. */
  #number: number;
  #file: number | undefined;
  /** So many bytes of the file are written; the lines that wait come behind them. */
  #written = 0;
  #waiting = '';
  readonly #limits: JournalLimits;
  #bytesMax: number;
  readonly #live = new Set<ContactId>();
  /** Those of them whose first line waits, so that the file has nothing of them. */
  readonly #unwritten = new Set<ContactId>();
  /** The file that is being made while this one goes on. */
  #next: JournalCopy | undefined;

  constructor(directory: string, number: number, limits: JournalLimits = journalLimits) {
    this.#directory = directory;
    this.#number = number;
    this.#limits = limits;
    this.#bytesMax = limits.fileBytesMax;
  }

  get isAllWritten(): boolean {
    return this.#waiting === '';
  }

  /** What the next write brings to the disk. */
  get waitingBytes(): number {
    return this.#waiting.length;
  }

  /** Whether a new file is due: this one is long, or there is none. */
  get isLong(): boolean {
    return this.#file === undefined || this.#written + this.#waiting.length > this.#bytesMax;
  }

  has(contactId: ContactId): boolean {
    return this.#live.has(contactId);
  }

  /** A line that goes along into new files until the contact is forgotten. */
  add(contactId: ContactId, json: string): void {
    if (!this.#live.has(contactId)) {
      this.#live.add(contactId);
      this.#unwritten.add(contactId);
    }
    this.#waiting += lineOf(json);
  }

  /** A line that stays behind in its file. */
  note(json: string): void {
    this.#waiting += lineOf(json);
  }

  forget(contactId: ContactId): void {
    this.#live.delete(contactId);
    this.#unwritten.delete(contactId);
  }

  /** Writes what waits; what cannot be written goes on waiting, and the error is thrown. */
  write(): void {
    if (this.#file === undefined || this.#waiting === '') return;
    writeWhole(this.#file, this.#waiting, this.#written);
    this.#written += this.#waiting.length;
    this.#waiting = '';
    this.#unwritten.clear();
  }

  /**
   * Goes on with the copy of a file that is long, after each write.
   *
   * @param writtenBytes what was written since the last time.
   * @returns whether the new file is there, complete in itself, and is written to from now on.
   */
  renew(writtenBytes: number, frame: () => Frame): boolean {
    this.#next ??= new JournalCopy(this.#directory, this.#number + 1);
    const most = Math.max(this.#limits.copiedBytesMin, writtenBytes * copiedPerWritten);
    if (this.#file !== undefined && !this.#next.copy(this.#file, this.#written, this.#live, most))
      return false;
    this.#take(this.#next, frame());
    return true;
  }

  /** A new file at once, with what lives on the disk and in memory; on an error everything stays as it was. */
  beginFile({ before, after }: Frame): void {
    this.#abandonNext();
    const next = new JournalCopy(this.#directory, this.#number + 1);
    this.#next = next;
    if (this.#file !== undefined) next.copy(this.#file, this.#written, this.#live, Number.POSITIVE_INFINITY);
    this.#take(next, { before, after: [...this.#living(this.#waiting), ...after] });
    this.#waiting = '';
    this.#unwritten.clear();
  }

  /** Keeps what lives in memory alone and leaves the rest behind, when the disk takes nothing for long, or gives nothing back. */
  shrink(): void {
    this.#abandonNext();
    const text = this.#readBack() + this.#waiting;
    this.close();
    this.#written = 0;
    this.#waiting = this.#living(text).map(lineOf).join('');
    for (const contactId of this.#live) this.#unwritten.add(contactId);
  }

  /** Nothing more is written into the file. */
  close(): void {
    this.#abandonNext();
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #take(next: JournalCopy, { before, after }: Frame): void {
    const { file, bytes } = next.finish(this.#live, before.map(lineOf).join(''), after.map(lineOf).join(''));
    this.#next = undefined;
    this.close();
    this.#file = file;
    this.#number += 1;
    this.#written = bytes;
    this.#bytesMax = Math.max(this.#limits.fileBytesMax, bytes * growthFactor);
  }

  #abandonNext(): void {
    this.#next?.abandon();
    this.#next = undefined;
  }

  #living(text: string): string[] {
    return text.split('\n').filter((line) => {
      const contactId = contactOfLine(line);
      return contactId !== undefined && this.#live.has(contactId);
    });
  }

  #readBack(): string {
    try {
      return this.#file === undefined ? '' : readWhole(this.#file, this.#written).toString('latin1');
    } catch {
      // A contact without its beginning is worth nothing to another process; what comes from here on is.
      for (const contactId of this.#live) if (!this.#unwritten.has(contactId)) this.#live.delete(contactId);
      return '';
    }
  }
}

/** JSON in ASCII, so that places in the text are places in the file. */
function lineOf(json: string): string {
  if (!beyondAscii.test(json)) return `${json}\n`;
  return `${json.replaceAll(beyondAsciiEach, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

const beyondAscii = /[\u0080-\uffff]/;
const beyondAsciiEach = /[\u0080-\uffff]/g;
