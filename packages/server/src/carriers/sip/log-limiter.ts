/** Lines of one kind that are written within one window; what comes above is only counted. */
const linesMax = 10;
const windowMs = 10_000;
/** Kinds are few and ours; the bound is for the case of a bug. */
const kindsMax = 200;

/**
 * Keeps a flood of bad messages from becoming a flood of log lines: the first ten of a kind in ten seconds are written,
 * and the next window begins with how many were not.
 */
export class LogLimiter {
  readonly #windows = new Map<string, { since: number; lines: number; dropped: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Undefined: do not write. Otherwise how many of this kind were left out since the last line. */
  admit(kind: string): number | undefined {
    const now = this.#now();
    let window = this.#windows.get(kind);
    if (window === undefined) {
      if (this.#windows.size >= kindsMax) return undefined;
      window = { since: now, lines: 0, dropped: 0 };
      this.#windows.set(kind, window);
    }
    if (now - window.since >= windowMs) {
      window.since = now;
      window.lines = 0;
    }
    if (window.lines >= linesMax) {
      window.dropped++;
      return undefined;
    }
    window.lines++;
    const { dropped } = window;
    window.dropped = 0;
    return dropped;
  }
}
