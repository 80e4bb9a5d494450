/** Named deadlines of one machine on the real clock; a name set again replaces the former deadline. */
export class MachineTimers {
  readonly #due: (name: string) => void;
  readonly #now: () => number;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(now: () => number, due: (name: string) => void) {
    this.#now = now;
    this.#due = due;
  }

  set(name: string, at: number): void {
    clearTimeout(this.#timers.get(name));
    // Node counts in whole milliseconds and may fire early by a fraction: rounding up keeps `due` from being early.
    const delayMs = Math.min(Math.max(0, Math.ceil(at - this.#now())), 0x7fffffff);
    const timer = setTimeout(() => {
      this.#timers.delete(name);
      this.#due(name);
    }, delayMs);
    this.#timers.set(name, timer);
  }

  clear(name: string): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }

  clearAll(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  get size(): number {
    return this.#timers.size;
  }
}
