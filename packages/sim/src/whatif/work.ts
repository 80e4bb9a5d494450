/** How much of the agents' time was taken, by interval: the integral of how many slots were in use. */
export class WorkTally {
  readonly #takenMs: number[];
  readonly #options;
  #taken = 0;
  #since: number;

  constructor(options: {
    startAt: number;
    countFrom: number;
    endAt: number;
    intervalMs: number;
    slots: number;
  }) {
    this.#options = options;
    this.#since = options.startAt;
    const intervals = Math.ceil((options.endAt - options.startAt) / options.intervalMs);
    this.#takenMs = new Array<number>(intervals).fill(0);
  }

  taken(now: number): void {
    this.#advance(now);
    this.#taken += 1;
  }

  freed(now: number): void {
    this.#advance(now);
    this.#taken -= 1;
  }

  result(): { occupancy: number; occupancyByInterval: number[] } {
    const { endAt, startAt, countFrom, intervalMs, slots } = this.#options;
    this.#advance(endAt);
    const share = (takenMs: number, ofMs: number) =>
      slots === 0 || ofMs <= 0 ? 0 : takenMs / (ofMs * slots);
    const occupancyByInterval = this.#takenMs.map((takenMs, index) => {
      const from = Math.max(countFrom, startAt + index * intervalMs);
      return share(takenMs, Math.min(endAt, startAt + (index + 1) * intervalMs) - from);
    });
    const total = this.#takenMs.reduce((sum, takenMs) => sum + takenMs, 0);
    return { occupancy: share(total, endAt - countFrom), occupancyByInterval };
  }

  /** What was true since the last change is spread over the intervals that it lasted. */
  #advance(now: number): void {
    const { startAt, endAt, countFrom, intervalMs } = this.#options;
    let from = Math.max(this.#since, countFrom);
    const to = Math.min(now, endAt);
    this.#since = now;
    while (from < to) {
      const index = Math.floor((from - startAt) / intervalMs);
      const end = Math.min(to, startAt + (index + 1) * intervalMs);
      this.#takenMs[index] = (this.#takenMs[index] ?? 0) + (end - from) * this.#taken;
      from = end;
    }
  }
}
