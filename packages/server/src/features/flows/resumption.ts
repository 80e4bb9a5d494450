import type { ContactFact, ContactId, EpochMs, RecordingId } from '@crosspoint/contracts';
import type { FlowEffect, FlowInput, FlowRequest, FlowSession, Utterance } from '@crosspoint/core';
import type { AnsweringFlow } from './published-flow.ts';

/** What a flow was told in a former process, from its beginning. */
export interface KeptFlow {
  readonly flow: AnsweringFlow;
  readonly inputs: readonly { at: EpochMs; input: FlowInput }[];
}

/** What a caller says into a recording of a flow, as a process has to know it that goes on with it. */
export interface CallerNote {
  readonly recordingId: RecordingId;
  readonly beganAt: EpochMs;
  /** Speech can be told from silence on this leg. */
  readonly isHeard: boolean;
  readonly hasSpoken: boolean;
  /** Where it is a message. */
  readonly box?: string;
}

/** Where the notes of flows are kept that a crash must not end. */
export interface FlowNotes {
  began(contactId: ContactId, flow: AnsweringFlow): void;
  heard(contactId: ContactId, at: EpochMs, input: FlowInput): void;
  /** The newest note of a recording counts. */
  recording(contactId: ContactId, note: CallerNote): void;
}

/** What a session has asked for and not been answered yet. */
export interface Unanswered {
  saying: readonly Utterance[] | undefined;
  timer: { setAt: EpochMs; at: EpochMs } | undefined;
  request: { id: number; request: FlowRequest; askedAt: EpochMs } | undefined;
  queue: Extract<FlowEffect, { type: 'queue' | 'queue.leave' }> | undefined;
  listening: Extract<FlowEffect, { type: 'listen' }> | undefined;
}

/** Brings a new session to where that of the former process was: it is told the same and nothing comes of it outside. */
export function replayFlow(session: FlowSession, inputs: KeptFlow['inputs']): Unanswered {
  const open: Unanswered = {
    saying: undefined,
    timer: undefined,
    request: undefined,
    queue: undefined,
    listening: undefined,
  };
  for (const { at, input } of inputs) {
    answered(open, input);
    for (const effect of session.handle(input, at)) asked(open, effect, at);
  }
  return open;
}

function answered(open: Unanswered, input: FlowInput): void {
  if (input.type === 'said') open.saying = undefined;
  else if (input.type === 'request.done') open.request = undefined;
  else if (input.type === 'speech.heard' || input.type === 'speech.failed') open.listening = undefined;
  else if (input.type === 'timer.due') {
    open.timer = undefined;
    // The only time-out while something is awaited is that nothing came of it.
    open.request = undefined;
  } else if (input.type.startsWith('queue.') || input.type === 'left') open.queue = undefined;
}

function asked(open: Unanswered, effect: FlowEffect, setAt: EpochMs): void {
  if (effect.type === 'say') open.saying = effect.utterances;
  else if (effect.type === 'hush') open.saying = undefined;
  else if (effect.type === 'timer.set') open.timer = { setAt, at: effect.at };
  else if (effect.type === 'timer.cleared') open.timer = undefined;
  else if (effect.type === 'request') open.request = { ...effect, askedAt: setAt };
  else if (effect.type === 'listen') open.listening = effect;
  else if (effect.type === 'listen.end') open.listening = undefined;
  else if (effect.type === 'queue' || effect.type === 'queue.leave') open.queue = effect;
}

/** While there was no process nobody could key anything: a caller has so long after it, or as long as before it where that is less. */
const patienceMs = 10_000;

/** When a timer is due that a former process had set. */
export function dueAfterPause({ setAt, at }: { setAt: EpochMs; at: EpochMs }, now: EpochMs): EpochMs {
  return Math.max(at, now + Math.min(at - setAt, patienceMs));
}

/** Whether a request may be made once more, though it may have reached somebody already. */
export function mayRepeat(request: FlowRequest): boolean {
  // A service that lasts is where the caller still is.
  if (request.kind === 'service') return request.maxMs !== undefined;
  if (request.kind === 'callback') return false;
  return request.kind !== 'http' || request.method === 'GET';
}

/**
 * The recording that a request had begun for which a flow of a former process waits, and its end where it has one; undefined: none
 * had begun.
 */
export function recordingOf(
  { askedAt }: { askedAt: EpochMs },
  notes: readonly CallerNote[],
  facts: readonly ContactFact[],
): { note: CallerNote; ended: RecordingEnd | undefined } | undefined {
  const note = notes.findLast(({ beganAt }) => beganAt >= askedAt);
  const of = facts.filter(
    (fact) => 'recordingId' in fact.data && fact.data.recordingId === note?.recordingId,
  );
  // The note is written first: the process may have died in between.
  if (note === undefined || !of.some(({ type }) => type === 'recording.started')) return undefined;
  const ended = of.find((fact) => fact.type === 'recording.ended');
  if (ended === undefined) return { note, ended };
  return { note, ended: { ...ended.data, isMessage: of.some(({ type }) => type === 'voicemail.left') } };
}

/** How a recording ended, and whether it lies in a box. */
export type RecordingEnd = Pick<
  Extract<ContactFact, { type: 'recording.ended' }>['data'],
  'durationMs' | 'result'
> & { readonly isMessage: boolean };
