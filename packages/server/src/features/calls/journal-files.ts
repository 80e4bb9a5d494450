import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentFact, ContactId, LegId, RecordingId } from '@crosspoint/contracts';
import type { JournaledInput } from '@crosspoint/core';
import type { Binding } from '@crosspoint/sip';
import type { SipLegSnapshot } from '../../carriers/sip/index.ts';
import type { CallerNote } from '../flows/index.ts';
import type { RecordingRow } from '../../platform/index.ts';
import type { MediaPlace } from './media-places.ts';
import type { OpenContact } from './state.ts';

/** What of a contact does not follow from its inputs. */
export type ContactOrigin = Pick<
  OpenContact,
  'number' | 'callerPhone' | 'callerName' | 'queueId' | 'trunkId'
>;

/** One line of a journal; `c` names the contact it is about. */
export type JournalLine =
  /** It began. */
  | { c: ContactId; o: ContactOrigin }
  /** An input of its machine, and when. */
  | { c: ContactId; t: number; i: JournaledInput['input'] }
  /** How another process can go on with a leg, and where its sound is. */
  | { c: ContactId; l: SipLegSnapshot }
  | { c: ContactId; m: MediaPlace }
  | { c: ContactId; r: RecordingRow }
  /** What its flow was told, sealed; with `first` the flow begins. */
  | { c: ContactId; f: string; first?: true }
  /** What the caller says into a recording of the flow. */
  | { c: ContactId; k: CallerNote }
  /** Its books were closed without its machine. */
  | { c: ContactId; x: true }
  /** It ended while this file was made: an older one has all of it, and what is here is to be passed over. */
  | { c: ContactId; g: true }
  /** The devices of an address of record changed. */
  | { b: string; d: Binding[] }
  /** Facts of agents, with the identifiers under which they are stored. */
  | { a: AgentFact[]; ids: string[] }
  /** The turn that ends here, with the last event heard of each media process; up to turn `s` everything is stored. */
  | { n: number; q?: number[] }
  | { s: number };

/** Everything a journal tells of one contact. */
export interface JournaledContact {
  readonly id: ContactId;
  origin: ContactOrigin | undefined;
  readonly inputs: JournaledInput[];
  readonly legs: Map<LegId, SipLegSnapshot>;
  readonly places: Map<LegId, MediaPlace>;
  readonly recordings: Map<RecordingId, RecordingRow>;
  /** Notes of the flow that it was in last, sealed. */
  flow: readonly string[];
  /** Of what the caller said into recordings of flows, in order. */
  readonly callerNotes: Map<RecordingId, CallerNote>;
  /** The turn of its last input. */
  lastTurn: number;
  /** Its last facts are not its machine's. */
  isClosedByFacts: boolean;
}

export interface ReadJournal {
  contacts: Map<ContactId, JournaledContact>;
  agentFacts: { turn: number; facts: AgentFact[]; ids: string[] }[];
  /** Registrations that have changed, by address of record. */
  bindings: Map<string, Binding[]>;
  /** The last turn that is known to be stored. */
  storedTurn: number;
  lastTurn: number;
  heard: number[];
  /** Lines that could not be read; the last one may have been cut by the end of its process. */
  damagedLines: number;
}

const namePattern = /^journal-(\d{6,})\.ndjson$/;
/** Only the account of the server may read it. */
export const journalMode = 0o600;
const attemptsName = 'attempts';
/** Journals of calls that are over are kept for questions about them. */
const keptBytesMax = 256 * 1024 * 1024;
const keptMs = 7 * 86_400_000;

/** Numbers of the journals in that folder, oldest first. */
export function journalNumbers(directory: string): number[] {
  return readdirSync(directory)
    .flatMap((name) => namePattern.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

export function journalPath(directory: string, number: number): string {
  return join(directory, `journal-${String(number).padStart(6, '0')}.ndjson`);
}

/** Writes all of this ASCII text at that place, however many writes that takes. */
export function writeWhole(file: number, text: string, position: number): void {
  let written = writeSync(file, text, position, 'latin1');
  while (written < text.length) written += writeSync(file, text.slice(written), position + written, 'latin1');
}

/** Removes the oldest journals beyond what is kept, and what a process left half made. The newest one stays. */
export function pruneJournals(directory: string, nowMs: number): void {
  for (const name of readdirSync(directory)) {
    if (name.endsWith('.new')) rmSync(join(directory, name), { force: true });
  }
  let bytes = 0;
  for (const number of journalNumbers(directory).toReversed().slice(1)) {
    const path = journalPath(directory, number);
    const { size, mtimeMs } = statSync(path);
    bytes += size;
    if (bytes > keptBytesMax || nowMs - mtimeMs > keptMs) rmSync(path, { force: true });
  }
}

/** Counts a start that takes up what a journal tells, before it does; returns how many there were since one went well. */
export function noteAttempt(directory: string): number {
  const path = join(directory, attemptsName);
  const before = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
  const attempts = Number.isSafeInteger(before) ? before + 1 : 1;
  writeFileSync(path, String(attempts), { mode: journalMode });
  return attempts;
}

export function forgetAttempts(directory: string): void {
  rmSync(join(directory, attemptsName), { force: true });
}

/** Reads one journal. What cannot be read is counted and passed over. */
export function readJournal(path: string): ReadJournal {
  const read: ReadJournal = {
    contacts: new Map(),
    agentFacts: [],
    bindings: new Map(),
    storedTurn: 0,
    lastTurn: 0,
    heard: [],
    damagedLines: 0,
  };
  for (const text of readFileSync(path, 'utf8').split('\n')) {
    if (text === '') continue;
    const line = parseLine(text);
    if (line === undefined) read.damagedLines += 1;
    else take(read, line);
  }
  return read;
}

/** The inputs of one contact, from the newest journal that has any; undefined when none has. */
export function findInputs(directory: string, contactId: ContactId): JournaledInput[] | undefined {
  const beginning = `{"c":"${contactId}",`;
  for (const number of journalNumbers(directory).toReversed()) {
    const lines = readFileSync(journalPath(directory, number), 'utf8')
      .split('\n')
      .filter((text) => text.startsWith(beginning))
      .map(parseLine);
    const isWhole = lines.every((line) => line === undefined || !('g' in line));
    const inputs = lines.flatMap((line) =>
      line !== undefined && 'i' in line ? [{ at: line.t, input: line.i }] : [],
    );
    if (isWhole && inputs.length > 0) return inputs;
  }
  return undefined;
}

/** What each contact was told of which there are inputs, from the newest journal that has any of it. */
export function* allInputs(directory: string): Generator<[ContactId, JournaledInput[]]> {
  const seen = new Set<ContactId>();
  for (const number of journalNumbers(directory).toReversed()) {
    const { contacts } = readJournal(journalPath(directory, number));
    for (const { id, inputs } of contacts.values()) {
      if (inputs.length === 0 || seen.has(id)) continue;
      seen.add(id);
      yield [id, inputs];
    }
  }
}

function parseLine(text: string): JournalLine | undefined {
  try {
    return JSON.parse(text) as JournalLine;
  } catch {
    return undefined;
  }
}

function take(read: ReadJournal, line: JournalLine): void {
  if ('n' in line) {
    read.lastTurn = line.n;
    read.heard = line.q ?? read.heard;
  } else if ('s' in line) read.storedTurn = line.s;
  else if ('b' in line) read.bindings.set(line.b, line.d);
  else if ('a' in line) read.agentFacts.push({ turn: read.lastTurn + 1, facts: line.a, ids: line.ids });
  else if ('g' in line) read.contacts.delete(line.c);
  else {
    const contact = contactOf(read, line.c);
    if ('i' in line) {
      contact.inputs.push({ at: line.t, input: line.i });
      contact.lastTurn = read.lastTurn + 1;
    } else if ('o' in line) contact.origin = line.o;
    else if ('l' in line) contact.legs.set(line.l.legId, line.l);
    else if ('m' in line) contact.places.set(line.m.legId, line.m);
    else if ('r' in line) contact.recordings.set(line.r.id as RecordingId, line.r);
    else if ('k' in line) contact.callerNotes.set(line.k.recordingId, line.k);
    else if ('x' in line) contact.isClosedByFacts = true;
    else contact.flow = line.first ? [line.f] : [...contact.flow, line.f];
  }
}

function contactOf({ contacts }: ReadJournal, id: ContactId): JournaledContact {
  let contact = contacts.get(id);
  if (contact === undefined) {
    contact = {
      ...{ id, origin: undefined, inputs: [], lastTurn: 0, isClosedByFacts: false },
      ...{ legs: new Map(), places: new Map(), recordings: new Map(), flow: [] },
      callerNotes: new Map(),
    };
    contacts.set(id, contact);
  }
  return contact;
}
