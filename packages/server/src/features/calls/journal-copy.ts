import { closeSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import type { ContactId } from '@crosspoint/contracts';
import { journalMode, journalPath, writeWhole } from './journal-files.ts';

/** Room for the lines in front, which are known when the copy is made. */
const frontBytes = 256;
const pieceBytes = 64 * 1024;
const lineFeed = 0x0a;
const quote = 0x22;
/** With what a line about a contact begins; its identifier follows, and another quote. */
const contactBeginningText = '{"c":"';
const contactBeginning = Buffer.from(contactBeginningText);

/**
 * A journal in the making: the lines of another one that are about contacts that live, copied in pieces while that one grows. It
 * is there as a whole, under its name, or not at all.
 */
export class JournalCopy {
  readonly #path: string;
  readonly #file: number;
  /** So far the other file is read. */
  #read = 0;
  #bytes = frontBytes;
  #piece = Buffer.allocUnsafe(pieceBytes);
  /** Contacts of which it has lines. */
  readonly #copied = new Set<ContactId>();

  constructor(directory: string, number: number) {
    this.#path = journalPath(directory, number);
    this.#file = openSync(`${this.#path}.new`, 'w+', journalMode);
  }

  /**
   * Copies about so many bytes further, whole lines always.
   *
   * @param end so long is the other file.
   * @returns whether its end is reached.
   */
  copy(file: number, end: number, live: ReadonlySet<ContactId>, mostBytes: number): boolean {
    const until = Math.min(end, this.#read + mostBytes);
    let want = Math.min(pieceBytes, mostBytes);
    while (this.#read < until) {
      if (this.#piece.length < want) this.#piece = Buffer.allocUnsafe(want);
      const piece = this.#piece;
      const length = readAt(file, piece, Math.min(want, end - this.#read), this.#read);
      const whole = piece.subarray(0, length).lastIndexOf(lineFeed) + 1;
      if (whole === 0) {
        if (length === end - this.#read) throw new Error('the journal of calls ends within a line');
        want *= 2;
        continue;
      }
      const kept = this.#moveTogether(whole, live);
      writeAll(this.#file, piece, kept, this.#bytes);
      this.#bytes += kept;
      this.#read += whole;
    }
    return this.#read === end;
  }

  /**
   * Completes the file between these lines and gives it its name.
   *
   * @returns its descriptor, for writing and reading, and its length.
   */
  finish(
    live: ReadonlySet<ContactId>,
    before: string,
    after: string,
  ): { readonly file: number; readonly bytes: number } {
    if (before.length > frontBytes)
      throw new Error(`${before.length} bytes do not fit in front of a journal; ${frontBytes} do`);
    writeWhole(this.#file, `${before.trimEnd().padEnd(frontBytes - 1)}\n`, 0);
    // Whoever ended meanwhile is whole in the other file alone.
    const gone = [...this.#copied].filter((contactId) => !live.has(contactId));
    const end = `${gone.map((contactId) => `{"c":"${contactId}","g":true}\n`).join('')}${after}`;
    writeWhole(this.#file, end, this.#bytes);
    renameSync(`${this.#path}.new`, this.#path);
    return { file: this.#file, bytes: this.#bytes + end.length };
  }

  /** It is not wanted after all. */
  abandon(): void {
    closeSync(this.#file);
    rmSync(`${this.#path}.new`, { force: true });
  }

  /** Moves the lines that go along to the beginning of the piece; returns how many bytes they are. */
  #moveTogether(length: number, live: ReadonlySet<ContactId>): number {
    const piece = this.#piece;
    let kept = 0;
    for (let start = 0; start < length; ) {
      const end = piece.indexOf(lineFeed, start) + 1;
      const contactId = contactAt(piece, start);
      if (contactId !== undefined && live.has(contactId)) {
        this.#copied.add(contactId);
        piece.copyWithin(kept, start, end);
        kept += end - start;
      }
      start = end;
    }
    return kept;
  }
}

/** The contact that a line is about; undefined when it is about none. */
export function contactOfLine(line: string): ContactId | undefined {
  if (!line.startsWith(contactBeginningText)) return undefined;
  const from = contactBeginningText.length;
  return line.slice(from, line.indexOf('"', from)) as ContactId;
}

/** The first bytes of a file, so many. @throws {Error} when it has fewer. */
export function readWhole(file: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let read = 0; read < length; ) read += readAt(file, bytes.subarray(read), length - read, read);
  return bytes;
}

/** The contact that the line is about that begins there; undefined when it is about none. */
function contactAt(bytes: Buffer, start: number): ContactId | undefined {
  const from = start + contactBeginning.length;
  if (bytes.compare(contactBeginning, 0, contactBeginning.length, start, from) !== 0) return undefined;
  return bytes.toString('latin1', from, bytes.indexOf(quote, from)) as ContactId;
}

function readAt(file: number, into: Buffer, length: number, position: number): number {
  const read = readSync(file, into, 0, length, position);
  if (read === 0) throw new Error('the journal of calls is shorter than what was written to it');
  return read;
}

function writeAll(file: number, bytes: Buffer, length: number, position: number): void {
  for (let done = 0; done < length; ) done += writeSync(file, bytes, done, length - done, position + done);
}
