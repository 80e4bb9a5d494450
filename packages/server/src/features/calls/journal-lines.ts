import { closeSync, readSync } from 'node:fs';
import type { ContactId } from '@crosspoint/contracts';
import { createJournal, writeWhole } from './journal-files.ts';

/** After so much a new file is begun, with what lives alone: a start reads one file. */
const fileBytesMax = 16 * 1024 * 1024;
/** A file that begins with so much of what lives grows by as much again and more before the next one. */
const growthFactor = 3;

/**
 * The lines of a journal. What is written is forgotten here but for its place, since a live call has a dozen lines, and reading
 * them again costs less than carrying them along; what waits for the disk is in memory.
 */
export class JournalLines {
  readonly #directory: string;
  /** Of the newest file. */
  #number: number;
  #file: number | undefined;
  /** So many bytes of the file are written; the lines that wait come behind them. */
  #written = 0;
  #waiting = '';
  #bytesMax = fileBytesMax;
  /** Of each contact that lives: where its lines begin and how long they are, in turns. */
  #live = new Map<ContactId, number[]>();

  constructor(directory: string, number: number) {
    this.#directory = directory;
    this.#number = number;
  }

  get isAllWritten(): boolean {
    return this.#waiting === '';
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
    const line = lineOf(json);
    const start = this.#written + this.#waiting.length;
    const places = this.#live.get(contactId);
    if (places === undefined) this.#live.set(contactId, [start, line.length]);
    else places.push(start, line.length);
    this.#waiting += line;
  }

  /** A line that stays behind in its file. */
  note(json: string): void {
    this.#waiting += lineOf(json);
  }

  forget(contactId: ContactId): void {
    this.#live.delete(contactId);
  }

  /** Writes what waits; what cannot be written goes on waiting, and the error is thrown. */
  write(): void {
    if (this.#file === undefined || this.#waiting === '') return;
    writeWhole(this.#file, this.#waiting, this.#written);
    this.#written += this.#waiting.length;
    this.#waiting = '';
  }

  /** A new file with the lines of what lives between these others, complete in itself; on an error everything stays as it was. */
  beginFile(before: readonly string[], after: readonly string[]): void {
    const beginning = before.map(lineOf).join('');
    const { text, live } = this.#gather(beginning.length);
    const whole = `${beginning}${text}${after.map(lineOf).join('')}`;
    const file = createJournal(this.#directory, this.#number + 1, whole);
    this.close();
    this.#file = file;
    this.#number += 1;
    this.#live = live;
    this.#written = whole.length;
    this.#waiting = '';
    this.#bytesMax = Math.max(fileBytesMax, whole.length * growthFactor);
  }

  /** Keeps what lives in memory alone and leaves the rest behind, when the disk takes nothing for long, or gives nothing back. */
  shrink(): void {
    const { text, live } = this.#gatherReadable();
    this.close();
    this.#live = live;
    this.#written = 0;
    this.#waiting = text;
  }

  /** Nothing more is written into the file. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  /** The lines of what lives, and where they stand in a file in which so many bytes come before them. */
  #gather(offset: number): { text: string; live: Map<ContactId, number[]> } {
    const written = this.#readBack();
    const live = new Map<ContactId, number[]>();
    const lines: string[] = [];
    let start = offset;
    for (const [contactId, places] of this.#live) {
      const moved: number[] = [];
      for (let index = 0; index < places.length; index += 2) {
        const at = places[index] ?? 0;
        const length = places[index + 1] ?? 0;
        const isWritten = at < this.#written;
        const from = isWritten ? at : at - this.#written;
        lines.push(
          isWritten
            ? written.toString('latin1', from, from + length)
            : this.#waiting.slice(from, from + length),
        );
        moved.push(start, length);
        start += length;
      }
      live.set(contactId, moved);
    }
    return { text: lines.join(''), live };
  }

  #gatherReadable(): { text: string; live: Map<ContactId, number[]> } {
    try {
      return this.#gather(0);
    } catch {
      // A contact without its beginning is worth nothing to another process; what comes from here on is.
      for (const [contactId, [first = 0]] of this.#live)
        if (first < this.#written) this.#live.delete(contactId);
      for (const places of this.#live.values())
        for (let index = 0; index < places.length; index += 2)
          places[index] = (places[index] ?? 0) - this.#written;
      this.#written = 0;
      return this.#gather(0);
    }
  }

  #readBack(): Buffer {
    const bytes = Buffer.alloc(this.#written);
    if (this.#file === undefined) return bytes;
    let read = 0;
    while (read < bytes.length) {
      const count = readSync(this.#file, bytes, read, bytes.length - read, read);
      if (count === 0) throw new Error('the journal of calls is shorter than what was written to it');
      read += count;
    }
    return bytes;
  }
}

/** JSON in ASCII, so that places in the text are places in the file. */
function lineOf(json: string): string {
  if (!beyondAscii.test(json)) return `${json}\n`;
  return `${json.replaceAll(beyondAsciiEach, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

const beyondAscii = /[\u0080-\uffff]/;
const beyondAsciiEach = /[\u0080-\uffff]/g;
