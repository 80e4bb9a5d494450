import type { ContactFact, RecordingId } from '@crosspoint/contracts';
import { type FlowRequest, recordedVariable } from '@crosspoint/core';
import type { RequestCaller, RequestContext, RequestOutcome, RunningRequest } from './request-door.ts';

/** Whoever has not begun to speak has this much longer than the silence that ends a message. */
const patienceMs = 3_000;
/** A tone whose end nobody reports is over after this time. */
const toneMaxMs = 3_000;
/** Without an ear for this codec, what is shorter than this holds no words. */
const wordsMs = 1_000;

/** A tone, and then what the caller says, until a silence, a key or the longest time. */
export class CallerRecording implements RunningRequest {
  readonly #context: RequestContext;
  readonly #caller: RequestCaller;
  readonly #limits: Pick<Extract<FlowRequest, { kind: 'record' }>, 'maxMs' | 'silenceMs'>;
  readonly #end: (outcome: RequestOutcome) => void;
  readonly recordingId: RecordingId;
  readonly #toneName: string;
  #phase: 'tone' | 'recording' | 'closing' | 'over' = 'tone';
  #hears = false;
  #hasSpoken = false;
  #timer: NodeJS.Timeout;
  #silence: NodeJS.Timeout | undefined;

  constructor(
    context: RequestContext,
    caller: RequestCaller,
    limits: { maxMs: number; silenceMs: number },
    end: (outcome: RequestOutcome) => void,
  ) {
    this.#context = context;
    this.#caller = caller;
    this.#limits = limits;
    this.#end = end;
    this.recordingId = context.newId() as RecordingId;
    this.#toneName = `flow-tone:${this.recordingId}`;
    context.tone(caller.legId, this.#toneName);
    this.#timer = setTimeout(() => this.#begin(), toneMaxMs);
  }

  played(name: string | null): void {
    if (this.#phase === 'tone' && (name === null || name === this.#toneName)) this.#begin();
  }

  speech(isSpeaking: boolean): void {
    if (this.#phase !== 'recording') return;
    clearTimeout(this.#silence);
    if (isSpeaking) this.#hasSpoken = true;
    else this.#awaitSilence(this.#limits.silenceMs);
  }

  stop(): void {
    if (this.#phase === 'recording') this.#complete();
  }

  fact(fact: ContactFact): void {
    if (fact.type !== 'recording.ended' || fact.data.recordingId !== this.recordingId) return;
    if (this.#phase === 'over') return;
    this.cancel();
    const hasWords = this.hasWords(fact.data.durationMs);
    if (fact.data.result !== 'complete') this.#end({ result: 'failed', reason: 'not-kept' });
    else if (!hasWords) this.#end({ result: 'failed', reason: 'nothing-said' });
    else this.#end({ result: 'done', values: { [recordedVariable]: this.recordingId } });
  }

  /** Whether somebody has said something in a recording of this length. */
  hasWords(durationMs: number): boolean {
    return this.#hears ? this.#hasSpoken : durationMs >= wordsMs;
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
    this.#timer = setTimeout(() => this.#complete(), this.#limits.maxMs);
    this.#context.tell(id, { type: 'flow.recording', recordingId: this.recordingId });
    this.#hears = this.#context.listen(id, legId);
    if (this.#hears) this.#awaitSilence(this.#limits.silenceMs + patienceMs);
  }

  #awaitSilence(delayMs: number): void {
    this.#silence = setTimeout(() => this.#complete(), delayMs);
  }

  #complete(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    this.#phase = 'closing';
    this.#context.ignore(this.#caller.legId);
    this.#context.tell(this.#caller.id, { type: 'flow.recorded' });
  }
}
