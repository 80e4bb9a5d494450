/** Lets a few work at once, lets some wait for their turn, and refuses the rest. */
export class Slots {
  #free: number;
  readonly #waitingMax: number;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce: number, waitingMax: number) {
    this.#free = atOnce;
    this.#waitingMax = waitingMax;
  }

  /** Calls `begin` when there is room. @returns how to withdraw or to make room again; undefined when too many wait. */
  take(begin: () => void): (() => void) | undefined {
    if (this.#free === 0 && this.#waiting.length >= this.#waitingMax) return undefined;
    let state: 'waiting' | 'working' | 'over' = 'waiting';
    const start = (): void => {
      this.#free -= 1;
      state = 'working';
      begin();
    };
    if (this.#free > 0) start();
    else this.#waiting.push(start);
    return () => {
      if (state === 'working') {
        this.#free += 1;
        this.#waiting.shift()?.();
      } else if (state === 'waiting') this.#waiting.splice(this.#waiting.indexOf(start), 1);
      state = 'over';
    };
  }
}
