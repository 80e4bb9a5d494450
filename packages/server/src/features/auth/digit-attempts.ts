import { Backoff } from './backoff.ts';

/** A person mistypes; a source that guesses, or a box that is guessed at from many, is refused unseen for ever longer. */
const options = {
  source: { freeAttempts: 5, delayMaxMs: 15 * 60_000 },
  target: { freeAttempts: 10, delayMaxMs: 15 * 60_000 },
} as const;

/** Attempts to open something by digits: by what is to be opened, and by who tries. */
export class DigitAttempts {
  readonly #bySource = new Backoff(options.source);
  readonly #byTarget = new Backoff(options.target);

  /** Whether this attempt is not even looked at. */
  isRefused(source: string, target: string, nowMs: number): boolean {
    return this.#bySource.waitMs(source, nowMs) > 0 || this.#byTarget.waitMs(target, nowMs) > 0;
  }

  failed(source: string, target: string, nowMs: number): void {
    this.#bySource.failed(source, nowMs);
    this.#byTarget.failed(target, nowMs);
  }

  /** The source is trusted again; a box that others guess at stays guarded. */
  succeeded(source: string): void {
    this.#bySource.succeeded(source);
  }
}
