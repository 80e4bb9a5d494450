import { closeSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ContactId } from '@crosspoint/contracts';
import { type ContactInput, type JournaledInput, LeastRecentMap } from '@crosspoint/core';
import type { Binding } from '@crosspoint/sip';
import type { SipLegSnapshot } from '../../carriers/sip/index.ts';
import type { RecordingRow } from '../../platform/index.ts';
import {
  type ContactOrigin,
  createJournal,
  findInputs,
  forgetAttempts,
  journalNumbers,
  journalPath,
  noteAttempt,
  pruneJournals,
  readJournal,
  type ReadJournal,
  writeWhole,
} from './journal-files.ts';
import type { MediaPlace } from './media-places.ts';
import type { TurnOutput } from './state.ts';

interface JournalLog {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** After so much a new file is begun, with what lives alone: a start reads one file. */
const fileBytesMax = 16 * 1024 * 1024;
/** A file that begins with so much of what lives grows by as much again and more before the next one. */
const growthFactor = 3;
/** A disk that is full is tried again after this. */
const retryMs = 1_000;
const earlyMax = 10_000;
/** Calls that bring each process down that takes them up are not taken up for ever. */
const attemptsMax = 5;

/** The folder of the journals in a data directory. */
function journalDirectory(dataDir: string): string {
  return join(dataDir, 'journal');
}

/** What a contact was told, as far as it is kept; undefined when it is not. */
export function findJournaledContact(dataDir: string, contactId: ContactId): JournaledInput[] | undefined {
  const directory = journalDirectory(dataDir);
  return existsSync(directory) ? findInputs(directory, contactId) : undefined;
}

/**
 * What happened to each contact that lives, on disk before anybody outside hears of it: the inputs of its machine, and how its
 * legs and their sound can be taken up. It is written by plain appends without waiting for the disk: it is to outlive the process,
 * as the media processes do, not the host.
 */
export class CallJournal {
  readonly #directory: string;
  readonly #log: JournalLog;
  readonly #now: () => number;
  #number: number;
  #file: number | undefined;
  #bytes = 0;
  #bytesMax = fileBytesMax;
  /** Lines that are not written yet. */
  #pending = '';
  #turn = 0;
  #storedTurn = 0;
  #notedStoredTurn = 0;
  /** The lines of each contact that lives, or whose facts are not stored yet. */
  readonly #live = new Map<ContactId, string[]>();
  /** Sockets of calls that are about to become contacts, or not. */
  readonly #early = new LeastRecentMap<ContactId, MediaPlace>(earlyMax);
  /** Facts of agents that are not stored yet, by their turn. */
  readonly #agentFacts = new Map<number, string>();
  /** Contacts that are closed, with the turn in which they were. */
  readonly #closed = new Map<ContactId, number>();
  #failingSince: number | undefined;
  #failure: string | undefined;
  #retry: NodeJS.Timeout | undefined;

  /** The last event that was heard of each media process. */
  #heard: () => readonly number[] = () => [];

  private constructor(directory: string, number: number, now: () => number, log: JournalLog) {
    this.#directory = directory;
    this.#number = number;
    this.#now = now;
    this.#log = log;
  }

  /** Opens the folder. `left` is what the last process left behind; it is kept until `begin`. */
  static open(
    dataDir: string,
    now: () => number,
    log: JournalLog,
  ): { journal: CallJournal; left: ReadJournal | undefined } {
    const directory = journalDirectory(dataDir);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const newest = journalNumbers(directory).at(-1);
    const isTried = newest !== undefined && noteAttempt(directory) <= attemptsMax;
    if (newest !== undefined && !isTried) {
      log.error(
        { attempts: attemptsMax },
        'the calls of the former process could not be taken up in several starts; this one goes without them',
      );
    }
    const left = isTried ? readJournal(journalPath(directory, newest)) : undefined;
    if (left !== undefined && left.damagedLines > 1) {
      log.warn({ lines: left.damagedLines }, 'the journal of calls has lines that cannot be read');
    }
    const journal = new CallJournal(directory, newest ?? 0, now, log);
    journal.#turn = left?.lastTurn ?? 0;
    return { journal, left };
  }

  /** Takes up a contact of the last process, with what was kept of it. To be called before `begin`. */
  adopt(contactId: ContactId, lines: readonly object[]): void {
    this.#live.set(
      contactId,
      lines.map((line) => `${JSON.stringify(line)}\n`),
    );
  }

  /** What was taken up has not brought this process down: the next start may try again. */
  settled(): void {
    forgetAttempts(this.#directory);
  }

  /** Begins a new file with what was adopted; the former one is only for questions from then on. */
  begin(heard: () => readonly number[]): void {
    this.#heard = heard;
    this.#rotate();
  }

  // ---------------------------------------------------------------- what is kept

  /** Why nothing can be written; undefined when it can. */
  get failure(): string | undefined {
    return this.#failingSince === undefined ? undefined : this.#failure;
  }

  isOpen(contactId: ContactId): boolean {
    return this.#live.has(contactId);
  }

  opened(contactId: ContactId, origin: ContactOrigin): void {
    this.#add(contactId, JSON.stringify({ c: contactId, o: origin }));
    const place = this.#early.get(contactId);
    if (place === undefined) return;
    this.#early.delete(contactId);
    this.place(place);
  }

  /** To be called before the machine gets it, which may keep and change it. */
  input(contactId: ContactId, at: number, input: ContactInput): void {
    this.#add(contactId, `{"c":"${contactId}","t":${at},"i":${JSON.stringify(input)}}`);
  }

  leg(snapshot: SipLegSnapshot): void {
    const { contactId } = snapshot;
    // The sound of a caller is agreed before there is a contact; what comes after its end concerns nobody.
    if (this.#live.has(contactId)) this.#add(contactId, JSON.stringify({ c: contactId, l: snapshot }));
  }

  place(place: MediaPlace): void {
    const { contactId } = place;
    if (!this.#live.has(contactId)) return void this.#early.set(contactId, place);
    this.#add(contactId, JSON.stringify({ c: contactId, m: place }));
  }

  recording(row: RecordingRow): void {
    const contactId = row.contactId as ContactId;
    this.#add(contactId, JSON.stringify({ c: contactId, r: row }));
  }

  /** What a flow of this contact was told, sealed. */
  flow(contactId: ContactId, sealed: string, isFirst: boolean): void {
    if (!this.#live.has(contactId)) return;
    this.#add(contactId, JSON.stringify({ c: contactId, f: sealed, ...(isFirst ? { first: true } : {}) }));
  }

  /** The devices of an address of record are these now. */
  registered(aor: string, bindings: readonly Binding[]): void {
    this.#pending += `${JSON.stringify({ b: aor, d: bindings })}\n`;
  }

  /**
   * A turn is over: all of it is on disk when this returns. `stored` tells when its facts are durable elsewhere, until when its
   * closed contacts and its facts of agents are kept; false: never by this process.
   */
  turnEnded(
    { agentFacts, closed }: Pick<TurnOutput, 'agentFacts' | 'closed'>,
    agentFactIds: readonly string[],
    stored: Promise<boolean>,
  ): void {
    if (this.#pending === '' && agentFacts.length === 0) return;
    const turn = ++this.#turn;
    if (agentFacts.length > 0) {
      const line = `${JSON.stringify({ a: agentFacts, ids: agentFactIds })}\n`;
      this.#agentFacts.set(turn, line);
      this.#pending += line;
    }
    this.#pending += `{"n":${turn},"q":[${this.#heard().join()}]}\n`;
    for (const { id } of closed) this.#closed.set(id, turn);
    this.flush();
    void stored.then((isDurable) => isDurable && this.#stored(turn));
  }

  /** Writes what waits. */
  flush(): void {
    if (this.#pending === '' || this.#file === undefined || this.#isResting()) return;
    if (this.#failingSince !== undefined) return this.#rotate();
    const text = this.#pending;
    try {
      writeWhole(this.#file, text);
      this.#pending = '';
      this.#bytes += text.length;
      if (this.#bytes > this.#bytesMax) this.#rotate();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Nothing more is written. */
  close(): void {
    this.flush();
    clearTimeout(this.#retry);
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  // ---------------------------------------------------------------- steps

  #add(contactId: ContactId, text: string): void {
    const line = `${text}\n`;
    this.#pending += line;
    const lines = this.#live.get(contactId);
    if (lines === undefined) this.#live.set(contactId, [line]);
    else lines.push(line);
  }

  /** Batches are stored in order, so that everything before is stored too. */
  #stored(turn: number): void {
    if (turn > this.#storedTurn) this.#storedTurn = turn;
    for (const factsTurn of this.#agentFacts.keys()) {
      if (factsTurn > this.#storedTurn) break;
      this.#agentFacts.delete(factsTurn);
    }
    for (const [contactId, closedTurn] of this.#closed) {
      if (closedTurn > this.#storedTurn) break;
      this.#closed.delete(contactId);
      this.#live.delete(contactId);
    }
    // A line a second would do; with the next turn it costs no write of its own.
    if (this.#storedTurn - this.#notedStoredTurn < storedTurnsApart) return;
    this.#notedStoredTurn = this.#storedTurn;
    this.#pending += `{"s":${this.#storedTurn}}\n`;
  }

  /** A new file, begun with the lines of what lives, is complete in itself. */
  #rotate(): void {
    const beginning = [`{"n":${this.#turn}}\n{"s":${this.#storedTurn}}\n`];
    for (const lines of this.#live.values()) beginning.push(...lines);
    beginning.push(...this.#agentFacts.values());
    beginning.push(`{"n":${this.#turn}}\n`);
    const text = beginning.join('');
    try {
      const file = createJournal(this.#directory, this.#number + 1, text);
      if (this.#file !== undefined) closeSync(this.#file);
      this.#file = file;
      this.#number += 1;
      this.#bytes = text.length;
      this.#bytesMax = Math.max(fileBytesMax, text.length * growthFactor);
      this.#pending = '';
      if (this.#failingSince !== undefined) {
        this.#failingSince = undefined;
        this.#log.warn({}, 'the journal of calls is written again');
      }
      pruneJournals(this.#directory, this.#now());
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    // What lives is kept in memory, and written as a whole when there is room again.
    this.#pending = '';
    if (this.#failingSince === undefined) {
      this.#log.error(
        { err: error },
        'the journal of calls cannot be written: calls go on, but would not survive a crash; see the disk of the data directory',
      );
    }
    this.#failingSince = this.#now();
    this.#failure = (error as Error).message;
    // Calls that only talk bring nothing to be written, and are to survive a crash as well.
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#rotate(), retryMs).unref();
  }

  #isResting(): boolean {
    if (this.#failingSince === undefined) return false;
    if (this.#now() - this.#failingSince >= retryMs) return false;
    this.#pending = '';
    return true;
  }
}

/** Turns between two notes of what is stored; what was stored since is written once more after a crash, and skipped there. */
const storedTurnsApart = 50;
