/**
 * Hands out even UDP ports of a range, round robin: a port that was just given back is the last to be used
 * again, so that packets on their way to a finished call do not reach the next one.
 */
export class PortPool {
  readonly #min: number;
  readonly #count: number;
  readonly #used: Uint8Array;
  #next = 0;
  #usedCount = 0;

  /**
   * @param min first port, 1,024–65,534; an odd one is rounded up
   * @param max last port, its RTCP port included
   * @param first where to begin; a process that replaces another begins elsewhere, because telephones still send to the
   *   ports of the former, and a leg takes the first source that it hears
   */
  constructor(min: number, max: number, first = min) {
    this.#min = min + (min & 1);
    this.#count = Math.max(0, Math.floor((max - this.#min + 1) / 2));
    this.#used = new Uint8Array(this.#count);
    this.#next = Math.max(0, Math.floor((first - this.#min) / 2)) % Math.max(1, this.#count);
  }

  get size(): number {
    return this.#count;
  }

  get free(): number {
    return this.#count - this.#usedCount;
  }

  /** The next free even port, or undefined when all are in use. */
  take(): number | undefined {
    if (this.free === 0) return undefined;
    while (this.#used[this.#next] === 1) this.#next = (this.#next + 1) % this.#count;
    const slot = this.#next;
    this.#used[slot] = 1;
    this.#usedCount++;
    this.#next = (slot + 1) % this.#count;
    return this.#min + slot * 2;
  }

  give(port: number): void {
    const slot = (port - this.#min) / 2;
    if (this.#used[slot] !== 1) return;
    this.#used[slot] = 0;
    this.#usedCount--;
  }
}
