import type { EpochMs } from '@crosspoint/contracts';

const minuteMs = 60_000;
const minutesMax = 30;
/** Fewer calls than this say nothing about a rate. */
const callsMin = 5;

/** How many entered in each minute of the last half hour. */
export class ArrivalRate {
  /** By the minute of the hour-long ring, with the minute it stands for. */
  readonly #minutes = Array.from({ length: minutesMax }, () => ({ minute: -1, calls: 0 }));
  #firstMinute: number | null = null;

  add(now: EpochMs): void {
    const minute = Math.floor(now / minuteMs);
    this.#firstMinute ??= minute;
    const slot = this.#minutes[minute % minutesMax];
    if (slot === undefined) return;
    if (slot.minute !== minute) Object.assign(slot, { minute, calls: 0 });
    slot.calls += 1;
  }

  /** Null before there were enough. The minute that runs counts with the part of it that is over. */
  callsPerHour(now: EpochMs): number | null {
    if (this.#firstMinute === null) return null;
    const oldest = Math.floor(now / minuteMs) - minutesMax + 1;
    let calls = 0;
    for (const slot of this.#minutes) if (slot.minute >= oldest) calls += slot.calls;
    const since = Math.max(this.#firstMinute, oldest) * minuteMs;
    return calls < callsMin ? null : (calls * 3_600_000) / Math.max(minuteMs, now - since);
  }
}
