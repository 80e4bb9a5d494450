import { uptime } from 'node:os';

/** Differences from the wall clock up to this are left alone. */
const toleranceMs = 1_000;
/** So many milliseconds of each are made up for, as time daemons do: deadlines come eight per cent early or late at most. */
const catchUpShare = 1 / 12;

/** What a clock goes by. */
interface ClockSources {
  /** Milliseconds that have passed, whatever anybody sets; those in which the machine slept may be left out. */
  elapsedMs: () => number;
  /** Milliseconds since the epoch, as the machine's clock shows them now. */
  wallMs: () => number;
  /** As `elapsedMs`, with those in which the machine slept. */
  uptimeMs: () => number;
}

/**
 * Milliseconds since the epoch that never run backwards, by which calls go. Somebody who sets the machine's clock, or a time daemon
 * that corrects it at once, must not end calls, registrations and waits by that: the difference is made up for little by little. Only
 * where the machine slept, and time has truly passed, a jump forward is followed at once, or when somebody says that it may be.
 */
export class CentreClock {
  readonly #sources: ClockSources;
  /** What is added to the time that has passed. */
  #anchorMs: number;
  /** Until when of that the difference is made up for; undefined while there is none. */
  #adjustedAtMs: number | undefined;
  #sleptMs: number;

  constructor(sources: ClockSources) {
    this.#sources = sources;
    this.#anchorMs = sources.wallMs() - sources.elapsedMs();
    this.#sleptMs = sources.uptimeMs() - sources.elapsedMs();
  }

  /** Nothing is up that would end by it: whatever the machine's clock is ahead is followed now. */
  jump(): void {
    const { behindMs } = this;
    if (behindMs <= toleranceMs) return;
    this.#anchorMs += behindMs;
    this.#adjustedAtMs = undefined;
  }

  /** It is now so late, as a former process on this machine had it. */
  resume(nowMs: number): void {
    this.#anchorMs = nowMs - this.#sources.elapsedMs();
  }

  /** How far the machine's clock is ahead of this one, in milliseconds. */
  get behindMs(): number {
    const { elapsedMs, wallMs } = this.#sources;
    return wallMs() - elapsedMs() - this.#anchorMs;
  }

  readonly now = (): number => {
    const { elapsedMs, wallMs } = this.#sources;
    const elapsed = elapsedMs();
    const behindMs = wallMs() - elapsed - this.#anchorMs;
    if (this.#adjustedAtMs !== undefined || Math.abs(behindMs) > toleranceMs) this.#adjust(elapsed, behindMs);
    return Math.floor(this.#anchorMs + elapsed);
  };

  #adjust(elapsed: number, behindMs: number): void {
    const passedMs = elapsed - (this.#adjustedAtMs ?? elapsed);
    const mayJump = behindMs > 0 && this.#hasSlept(elapsed, behindMs);
    const stepMs = mayJump ? Math.abs(behindMs) : Math.min(Math.abs(behindMs), passedMs * catchUpShare);
    this.#anchorMs += Math.sign(behindMs) * stepMs;
    this.#adjustedAtMs = stepMs === Math.abs(behindMs) ? undefined : elapsed;
  }

  #hasSlept(elapsed: number, behindMs: number): boolean {
    // Looked at once for each jump.
    if (this.#adjustedAtMs !== undefined) return false;
    const before = this.#sleptMs;
    this.#sleptMs = this.#sources.uptimeMs() - elapsed;
    return this.#sleptMs - before > behindMs / 2;
  }
}

export const centreClock = new CentreClock({
  elapsedMs: () => performance.now(),
  wallMs: Date.now,
  uptimeMs: () => uptime() * 1000,
});

/** Whole milliseconds since the epoch by the clock of this process. */
export const monotonicNow = centreClock.now;
