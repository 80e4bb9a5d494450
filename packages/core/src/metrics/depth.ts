import type { EpochMs } from '@crosspoint/contracts';

const minuteMs = 60_000;
const minutesMax = 60;

/**
 * How many waited at the end of each minute of the last hour. It needs no clock of its own: whoever changes or reads it says
 * what time it is, and the minutes since then are filled with what was true in them.
 */
export class DepthTrend {
  readonly #samples: number[] = [];
  #minute: number | null = null;
  #waiting = 0;

  /** From now on so many wait. */
  set(waiting: number, now: EpochMs): void {
    this.#advance(now);
    this.#waiting = waiting;
  }

  /** Oldest first, at most 60. */
  samples(now: EpochMs): number[] {
    this.#advance(now);
    return [...this.#samples];
  }

  #advance(now: EpochMs): void {
    const minute = Math.floor(now / minuteMs);
    const since = this.#minute === null ? 0 : minute - this.#minute;
    if (this.#minute === null || since > 0) this.#minute = minute;
    for (let step = 0; step < Math.min(since, minutesMax); step++) this.#samples.push(this.#waiting);
    if (this.#samples.length > minutesMax) this.#samples.splice(0, this.#samples.length - minutesMax);
  }
}
