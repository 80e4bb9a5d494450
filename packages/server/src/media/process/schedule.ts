import { monotonicMs } from './packets.ts';

/** Sound is made in steps of 20 ms. */
export const tickMs = 20;
/** After a pause of the whole process (a stopped container) the schedule begins anew instead of catching up. */
const catchUpMs = 500;
/** Timers count whole milliseconds from when the loop looked at the clock last, and may be so much early: waiting for the rest would wake the process once more. */
const earlyMaxMs = 1;

export interface ScheduleEvents {
  /** Makes the sound of one step; `isLate`: it was due more than a step ago. Returns false when nothing is left to do. */
  step(tick: number, nowMs: number, isLate: boolean): boolean;
  /** A long pause was skipped. */
  resumed(): void;
}

/** A rhythm of 20 ms, counted from its beginning so that it does not drift; it sleeps while nobody needs it. */
export class Schedule {
  readonly #events: ScheduleEvents;
  #timer: NodeJS.Timeout | undefined;
  #startedAtMs = 0;
  #tick = 0;

  constructor(events: ScheduleEvents) {
    this.#events = events;
  }

  /** Begins, at once; fine when it runs. */
  start(): void {
    if (this.#timer !== undefined) return;
    this.#startedAtMs = monotonicMs();
    this.#tick = 0;
    this.#timer = setTimeout(() => this.#run(), 0);
  }

  get isRunning(): boolean {
    return this.#timer !== undefined;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #run(): void {
    const wokenAtMs = monotonicMs();
    let nowMs = wokenAtMs;
    let dueMs = this.#startedAtMs + this.#tick * tickMs;
    if (nowMs - dueMs > catchUpMs) {
      this.#startedAtMs = nowMs;
      this.#tick = 0;
      dueMs = nowMs;
      this.#events.resumed();
    }
    let goesOn = true;
    while (goesOn && dueMs - nowMs < earlyMaxMs) {
      goesOn = this.#events.step(this.#tick, nowMs, nowMs - dueMs > tickMs);
      this.#tick++;
      dueMs = this.#startedAtMs + this.#tick * tickMs;
      nowMs = monotonicMs();
    }
    clearTimeout(this.#timer);
    // The loop's clock stands still since it woke, so that a timer counts from there.
    this.#timer = goesOn ? setTimeout(() => this.#run(), Math.ceil(dueMs - wokenAtMs)) : undefined;
  }
}
