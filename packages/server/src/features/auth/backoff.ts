import { LeastRecentMap } from '@crosspoint/core';

interface Failures {
  count: number;
  /** No attempt is looked at before. */
  blockedUntilMs: number;
  lastMs: number;
}

export interface BackoffOptions {
  /** Failures that cost nothing. */
  readonly freeAttempts: number;
  readonly delayMaxMs: number;
}

const FIRST_DELAY_MS = 1000;
const FORGET_MS = 15 * 60 * 1000;
const KEYS_MAX = 10_000;

/**
 * Slows guessing down: after some free failures each further one doubles the time in which attempts are refused
 * unseen. Failures are forgotten after a quarter of an hour without any, or by a success. Bounded: with too many keys
 * the longest untouched are forgotten.
 */
export class Backoff {
  readonly #failures = new LeastRecentMap<string, Failures>(KEYS_MAX);
  readonly #options: BackoffOptions;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** Milliseconds until the next attempt is looked at; 0 when it is now. */
  waitMs(key: string, nowMs: number): number {
    const entry = this.#failures.get(key);
    return entry === undefined ? 0 : Math.max(0, entry.blockedUntilMs - nowMs);
  }

  failed(key: string, nowMs: number): void {
    const known = this.#failures.get(key);
    const count = known !== undefined && nowMs - known.lastMs < FORGET_MS ? known.count + 1 : 1;
    const excess = count - this.#options.freeAttempts;
    const delayMs = excess < 1 ? 0 : Math.min(this.#options.delayMaxMs, FIRST_DELAY_MS * 2 ** (excess - 1));
    this.#failures.set(key, { count, blockedUntilMs: nowMs + delayMs, lastMs: nowMs });
  }

  succeeded(key: string): void {
    this.#failures.delete(key);
  }
}
