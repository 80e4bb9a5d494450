import type { EpochMs, FlowPrompt, PromptLanguage } from '@crosspoint/contracts';
import type { FlowEffect, Hearing, Utterance } from './door.ts';
import type { FlowValue } from './expression.ts';
import { utterancesOf } from './speaking.ts';

/** Longer than any prompt lasts; only if nobody reports its end does this act. */
const saidMaxMs = 180_000;

/** The caller's end of a session: what is said to it, the one timer, what is known of the caller, and the effects of this step. */
export class Line {
  readonly variables = new Map<string, FlowValue>();
  now: EpochMs = 0;
  #language: PromptLanguage;
  #isSaying = false;
  #hasTimer = false;
  /** Heard before whatever is said next. */
  #preface: readonly Utterance[] = [];
  #effects: FlowEffect[] = [];
  #listened = 0;

  constructor(language: PromptLanguage) {
    this.#language = language;
  }

  get language(): PromptLanguage {
    return this.#language;
  }

  /** Names what is listened for now, or was last. */
  get listenId(): number {
    return this.#listened;
  }

  get isSaying(): boolean {
    return this.#isSaying;
  }

  /** Of everything that is said from now on. */
  speak(language: PromptLanguage = this.#language): void {
    this.#language = language;
    this.variables.set('language', language);
  }

  emit(effect: FlowEffect): void {
    this.#effects.push(effect);
  }

  takeEffects(): FlowEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** Goes before whatever is said next; a caller who has keyed ahead does not hear it. */
  preface(utterances: readonly Utterance[]): void {
    this.#preface = utterances;
  }

  /** @returns false when there is nothing to say. */
  say(prompt: FlowPrompt): boolean {
    const utterances = [...this.#preface, ...utterancesOf(prompt, this.#language, this.variables)];
    this.#preface = [];
    if (utterances.length === 0) return false;
    this.#isSaying = true;
    this.emit({ type: 'say', utterances });
    this.setTimer(saidMaxMs);
    return true;
  }

  /** What was said is over. @returns false when nothing was. */
  said(): boolean {
    if (!this.#isSaying) return false;
    this.#isSaying = false;
    this.clearTimer();
    return true;
  }

  hush(): void {
    if (!this.#isSaying) return;
    this.#isSaying = false;
    this.emit({ type: 'hush' });
  }

  /** Neither said nor waited for any more. */
  interrupt(): void {
    this.clearTimer();
    this.hush();
  }

  listen(hearing: Hearing): void {
    this.#listened += 1;
    this.emit({ type: 'listen', id: this.#listened, hearing });
  }

  setTimer(delayMs: number): void {
    this.#hasTimer = true;
    this.emit({ type: 'timer.set', at: this.now + delayMs });
  }

  clearTimer(): void {
    if (!this.#hasTimer) return;
    this.#hasTimer = false;
    this.emit({ type: 'timer.cleared' });
  }

  /** The timer fires. @returns false when none was set. */
  takeTimer(): boolean {
    const had = this.#hasTimer;
    this.#hasTimer = false;
    return had;
  }
}
