import type { ContactFact, RecordingId } from '@crosspoint/contracts';
import { recordedVariable } from '@crosspoint/core';
import type { RequestCaller, RequestContext, RequestOutcome, RunningRequest } from './request-door.ts';
import type { CallerNote, RecordingEnd } from './resumption.ts';

/** Whoever has not begun to speak has this much longer than the silence that ends a message. */
const patienceMs = 3_000;
/** A tone whose end nobody reports is over after this time. */
const toneMaxMs = 3_000;
/** Without an ear for this codec, what is shorter than this holds no words. */
const wordsMs = 1_000;

interface Wanted {
  readonly maxMs: number;
  readonly silenceMs: number;
  /** Where it is a message. */
  readonly box?: string;
}

/** A tone, and then what the caller says, until a silence, a key or the longest time. */
export class CallerRecording implements RunningRequest {
  readonly #context: RequestContext;
  readonly #caller: RequestCaller;
  readonly #wanted: Wanted;
  readonly #end: (outcome: RequestOutcome) => void;
  readonly recordingId: RecordingId;
  readonly #toneName: string;
  #phase: 'tone' | 'recording' | 'closing' | 'over' = 'tone';
  #note: CallerNote;
  /** What was said while no process listened is told later than that the caller is gone. */
  #mayHaveMissed = false;
  #timer: NodeJS.Timeout | undefined;
  #silence: NodeJS.Timeout | undefined;

  /** @param note of a former process, whose recording goes on without another tone. */
  constructor(
    context: RequestContext,
    caller: RequestCaller,
    { maxMs, silenceMs, box }: Wanted,
    end: (outcome: RequestOutcome) => void,
    note?: CallerNote,
  ) {
    this.#context = context;
    this.#caller = caller;
    this.#wanted = { maxMs, silenceMs };
    this.#end = end;
    const recordingId = note?.recordingId ?? (context.newId() as RecordingId);
    const beginning = { recordingId, beganAt: 0, isHeard: false, hasSpoken: false };
    this.#note = note ?? { ...beginning, ...(box === undefined ? {} : { box }) };
    this.recordingId = recordingId;
    this.#toneName = `flow-tone:${recordingId}`;
    if (note === undefined) {
      context.tone(caller.legId, this.#toneName);
      this.#timer = setTimeout(() => this.#begin(), toneMaxMs);
    } else this.#goOn();
  }

  played(name: string | null): void {
    if (this.#phase === 'tone' && (name === null || name === this.#toneName)) this.#begin();
  }

  speech(isSpeaking: boolean): void {
    if (this.#phase !== 'recording') return;
    clearTimeout(this.#silence);
    if (!isSpeaking) return this.#awaitSilence(this.#wanted.silenceMs);
    if (!this.#note.hasSpoken) this.#keep({ hasSpoken: true });
  }

  stop(): void {
    if (this.#phase === 'recording') this.#complete();
  }

  fact(fact: ContactFact): void {
    if (fact.type !== 'recording.ended' || fact.data.recordingId !== this.recordingId) return;
    if (this.#phase === 'over') return;
    this.cancel();
    this.#end(outcomeOf(fact.data, this.hasWords(fact.data.durationMs)));
  }

  /** Whether somebody has said something in a recording of this length. */
  hasWords(durationMs: number): boolean {
    return hasWords(this.#note, durationMs) || (this.#mayHaveMissed && durationMs >= wordsMs);
  }

  cancel(): void {
    if (this.#phase === 'recording') this.#context.ignore(this.#caller.legId);
    this.#phase = 'over';
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
  }

  #begin(): void {
    clearTimeout(this.#timer);
    const { id, legId } = this.#caller;
    this.#phase = 'recording';
    this.#timer = setTimeout(() => this.#complete(), this.#wanted.maxMs);
    this.#keep({ beganAt: this.#context.now(), isHeard: this.#context.listen(id, legId) });
    this.#context.tell(id, { type: 'flow.recording', recordingId: this.recordingId });
    this.#awaitWords();
  }

  /** Whoever speaks at this moment is heard to begin once more. */
  #goOn(): void {
    const { beganAt, hasSpoken } = this.#note;
    const { id, legId } = this.#caller;
    this.#phase = 'recording';
    this.#mayHaveMissed = !hasSpoken;
    const leftMs = beganAt + this.#wanted.maxMs - this.#context.now();
    this.#timer = setTimeout(() => this.#complete(), Math.max(0, leftMs));
    this.#note = { ...this.#note, isHeard: this.#context.listen(id, legId) };
    this.#awaitWords();
  }

  #awaitWords(): void {
    if (this.#note.isHeard) this.#awaitSilence(this.#wanted.silenceMs + patienceMs);
  }

  #awaitSilence(delayMs: number): void {
    this.#silence = setTimeout(() => {
      this.#mayHaveMissed = false;
      this.#complete();
    }, delayMs);
  }

  #complete(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    this.#phase = 'closing';
    this.#context.ignore(this.#caller.legId);
    this.#context.tell(this.#caller.id, { type: 'flow.recorded' });
  }

  #keep(known: Partial<CallerNote>): void {
    this.#note = { ...this.#note, ...known };
    this.#context.notes.recording(this.#caller.id, this.#note);
  }
}

/** Whether somebody has said something in a recording of this length. */
export function hasWords({ isHeard, hasSpoken }: CallerNote, durationMs: number): boolean {
  return isHeard ? hasSpoken : durationMs >= wordsMs;
}

function outcomeOf(
  { recordingId, result }: { recordingId: RecordingId; result: 'complete' | 'failed' },
  isSpoken: boolean,
): RequestOutcome {
  if (result !== 'complete') return { result: 'failed', reason: 'not-kept' };
  if (!isSpoken) return { result: 'failed', reason: 'nothing-said' };
  return { result: 'done', values: { [recordedVariable]: recordingId } };
}

/** What a flow is told of a recording that ended before the flow could hear of it. */
export function outcomeOfNote(
  note: CallerNote,
  { durationMs, result, isMessage }: RecordingEnd,
): RequestOutcome {
  if (note.box !== undefined && isMessage) return { result: 'done', values: {} };
  const outcome = outcomeOf({ recordingId: note.recordingId, result }, hasWords(note, durationMs));
  // Words that lie in no box had none to lie in.
  return note.box !== undefined && outcome.result === 'done'
    ? { result: 'failed', reason: 'unknown-box' }
    : outcome;
}
