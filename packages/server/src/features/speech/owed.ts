import type { SpokenText } from './door.ts';

/** Runs something after so many milliseconds; what it returns prevents that. */
export type Later = (ms: number, run: () => void) => () => void;

export const byTimer: Later = (ms, run) => {
  const timer = setTimeout(run, ms).unref();
  return () => clearTimeout(timer);
};

const firstPauseMs = 30_000;
const pauseMaxMs = 600_000;
/** One after the other without a word from the service: two days. */
const triesMax = 300;
/** Together, so that a change of the configuration does not wait for thousands. */
const textsPerTry = 20;
/** More texts than flows hold; what comes then is spoken with the next change of the configuration. */
const textsMax = 20_000;

/**
 * The texts that a service failed to speak. It is asked for them again with growing pauses, until it has spoken them or has
 * been silent for days.
 */
export class OwedTexts {
  readonly #texts = new Map<string, SpokenText>();
  readonly #later: Later;
  /** @returns whether the service spoke one of them at least. */
  readonly #again: (texts: readonly SpokenText[]) => Promise<boolean>;
  #tries = 0;
  #cancel: (() => void) | undefined;
  #isClosed = false;

  constructor(later: Later, again: (texts: readonly SpokenText[]) => Promise<boolean>) {
    this.#later = later;
    this.#again = again;
  }

  get size(): number {
    return this.#texts.size;
  }

  owe(spoken: SpokenText): void {
    const key = keyOf(spoken);
    // Behind the others: what is refused for its own sake does not keep them from being asked for.
    this.#texts.delete(key);
    if (this.#texts.size >= textsMax) return;
    this.#texts.set(key, spoken);
    if (!this.#isClosed) this.#cancel ??= this.#later(firstPauseMs, () => void this.#try());
  }

  paid(spoken: SpokenText): void {
    this.#texts.delete(keyOf(spoken));
    if (this.#texts.size === 0) this.forget();
  }

  /** Nobody waits for them any more. */
  forget(): void {
    this.#texts.clear();
    this.#tries = 0;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  close(): void {
    this.#isClosed = true;
    this.forget();
  }

  async #try(): Promise<void> {
    const hasSpoken = await this.#again([...this.#texts.values()].slice(0, textsPerTry));
    this.#cancel = undefined;
    if (this.#texts.size === 0 || this.#isClosed) return;
    this.#tries = hasSpoken ? 0 : this.#tries + 1;
    if (this.#tries >= triesMax) return this.forget();
    const pauseMs = hasSpoken ? 0 : Math.min(pauseMaxMs, firstPauseMs * 2 ** this.#tries);
    this.#cancel = this.#later(pauseMs, () => void this.#try());
  }
}

const keyOf = ({ text, language, pacePercent = 100 }: SpokenText): string =>
  `${language} ${pacePercent} ${text}`;
