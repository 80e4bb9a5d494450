import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ContactId } from '@crosspoint/contracts';
import { type ContactInput, type JournaledInput, LeastRecentMap } from '@crosspoint/core';
import type { Binding } from '@crosspoint/sip';
import type { SipLegSnapshot } from '../../carriers/sip/index.ts';
import type { RecordingRow } from '../../platform/index.ts';
import type { CallerNote } from '../flows/index.ts';
import {
  allInputs,
  type ContactOrigin,
  findInputs,
  forgetAttempts,
  journalNumbers,
  journalPath,
  noteAttempt,
  pruneJournals,
  readJournal,
  type ReadJournal,
} from './journal-files.ts';
import { type Frame, JournalLines } from './journal-lines.ts';
import type { MediaPlace } from './media-places.ts';
import type { TurnOutput } from './state.ts';

interface JournalLog {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

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

/** What every contact was told of which anything is kept, newest first by file. */
export function journaledContacts(dataDir: string): Iterable<[ContactId, JournaledInput[]]> {
  const directory = journalDirectory(dataDir);
  return existsSync(directory) ? allInputs(directory) : [];
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
  /** Of all that was told, with the contacts that live, or whose facts are not stored yet. */
  readonly #lines: JournalLines;
  #isBegun = false;
  #turn = 0;
  #storedTurn = 0;
  #notedStoredTurn = 0;
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
    this.#lines = new JournalLines(directory, number);
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
    for (const line of lines) this.#lines.add(contactId, JSON.stringify(line));
  }

  /** What was taken up has not brought this process down: the next start may try again. */
  settled(): void {
    forgetAttempts(this.#directory);
  }

  /** Begins a new file with what was adopted; the former one is only for questions from then on. */
  begin(heard: () => readonly number[]): void {
    this.#heard = heard;
    this.#isBegun = true;
    this.#try(() => this.#beginFile());
  }

  // ---------------------------------------------------------------- what is kept

  /** Why nothing can be written; undefined when it can. */
  get failure(): string | undefined {
    return this.#failingSince === undefined ? undefined : this.#failure;
  }

  isOpen(contactId: ContactId): boolean {
    return this.#lines.has(contactId);
  }

  opened(contactId: ContactId, origin: ContactOrigin): void {
    this.#lines.add(contactId, JSON.stringify({ c: contactId, o: origin }));
    const place = this.#early.get(contactId);
    if (place === undefined) return;
    this.#early.delete(contactId);
    this.place(place);
  }

  /** To be called before the machine gets it, which may keep and change it. */
  input(contactId: ContactId, at: number, input: ContactInput): void {
    this.#lines.add(contactId, `{"c":"${contactId}","t":${at},"i":${JSON.stringify(input)}}`);
  }

  leg(snapshot: SipLegSnapshot): void {
    const { contactId } = snapshot;
    // The sound of a caller is agreed before there is a contact; what comes after its end concerns nobody.
    if (this.isOpen(contactId)) this.#lines.add(contactId, JSON.stringify({ c: contactId, l: snapshot }));
  }

  place(place: MediaPlace): void {
    const { contactId } = place;
    if (!this.isOpen(contactId)) return void this.#early.set(contactId, place);
    this.#lines.add(contactId, JSON.stringify({ c: contactId, m: place }));
  }

  recording(row: RecordingRow): void {
    const contactId = row.contactId as ContactId;
    this.#lines.add(contactId, JSON.stringify({ c: contactId, r: row }));
  }

  /** What a flow of this contact was told, sealed. */
  flow(contactId: ContactId, sealed: string, isFirst: boolean): void {
    if (!this.isOpen(contactId)) return;
    this.#lines.add(
      contactId,
      JSON.stringify({ c: contactId, f: sealed, ...(isFirst ? { first: true } : {}) }),
    );
  }

  /** What the caller says into a recording of the flow. */
  callerNote(contactId: ContactId, note: CallerNote): void {
    if (this.isOpen(contactId)) this.#lines.add(contactId, JSON.stringify({ c: contactId, k: note }));
  }

  /** Its books were closed without its machine: nobody is to take it up. */
  closedByFacts(contactId: ContactId): void {
    if (!this.isOpen(contactId)) return;
    this.#lines.forget(contactId);
    this.#lines.note(JSON.stringify({ c: contactId, x: true }));
    this.flush();
  }

  /** The devices of an address of record are these now. */
  registered(aor: string, bindings: readonly Binding[]): void {
    this.#lines.note(JSON.stringify({ b: aor, d: bindings }));
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
    if (this.#lines.isAllWritten && agentFacts.length === 0) return;
    const turn = ++this.#turn;
    if (agentFacts.length > 0) {
      const line = JSON.stringify({ a: agentFacts, ids: agentFactIds });
      this.#agentFacts.set(turn, line);
      this.#lines.note(line);
    }
    this.#lines.note(this.#turnLine());
    for (const { id } of closed) this.#closed.set(id, turn);
    this.flush();
    void stored.then((isDurable) => isDurable && this.#stored(turn));
  }

  /** Writes what waits. */
  flush(): void {
    const isDue = !this.#lines.isAllWritten || this.#failingSince !== undefined;
    if (this.#isBegun && isDue && !this.#isResting) this.#try(() => this.#write());
  }

  /** Nothing more is written. */
  close(): void {
    this.flush();
    this.#isBegun = false;
    clearTimeout(this.#retry);
    this.#lines.close();
  }

  // ---------------------------------------------------------------- steps

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
      this.#lines.forget(contactId);
    }
    // A line a second would do; with the next turn it costs no write of its own.
    if (this.#storedTurn - this.#notedStoredTurn < storedTurnsApart) return;
    this.#notedStoredTurn = this.#storedTurn;
    this.#lines.note(`{"s":${this.#storedTurn}}`);
  }

  #write(): void {
    const isFailing = this.#failingSince !== undefined;
    const bytes = this.#lines.waitingBytes;
    try {
      // Also what was told to contacts that have ended meanwhile: a new file has only what lives.
      this.#lines.write();
    } catch (error) {
      // A file that could not be written once may be gone.
      if (!isFailing) throw error;
    }
    if (isFailing) this.#beginFile();
    else if (this.#lines.isLong && this.#lines.renew(bytes, () => this.#frame())) this.#prune();
  }

  #beginFile(): void {
    this.#lines.beginFile(this.#frame());
    this.#prune();
  }

  /** With it around the lines of what lives a file is complete in itself. */
  #frame(): Frame {
    return {
      before: [`{"n":${this.#turn}}`, `{"s":${this.#storedTurn}}`],
      after: [...this.#agentFacts.values(), this.#turnLine()],
    };
  }

  #turnLine(): string {
    return `{"n":${this.#turn},"q":[${this.#heard().join()}]}`;
  }

  #prune(): void {
    pruneJournals(this.#directory, this.#now());
  }

  #try(act: () => void): void {
    try {
      act();
    } catch (error) {
      return this.#failed(error);
    }
    if (this.#failingSince === undefined) return;
    this.#failingSince = undefined;
    this.#log.warn({}, 'the journal of calls is written again');
  }

  /** What lives is kept in memory, and written when there is room again. */
  #failed(error: unknown): void {
    if (this.#failingSince === undefined) {
      this.#log.error(
        { err: error },
        'the journal of calls cannot be written: calls go on, but would not survive a crash; see the disk of the data directory',
      );
    }
    this.#failingSince = this.#now();
    this.#failure = (error as Error).message;
    if (this.#lines.isLong) this.#lines.shrink();
    // Calls that only talk bring nothing to be written, and are to survive a crash as well.
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#try(() => this.#write()), retryMs).unref();
  }

  get #isResting(): boolean {
    return this.#failingSince !== undefined && this.#now() - this.#failingSince < retryMs;
  }
}

/** Turns between two notes of what is stored; what was stored since is written once more after a crash, and skipped there. */
const storedTurnsApart = 50;
