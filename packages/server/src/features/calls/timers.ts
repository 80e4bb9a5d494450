import { type HeapNode, IndexedHeap } from '@crosspoint/core';

/** The longest time that a timer of Node takes; beyond it is armed again. */
const delayMsMax = 0x7fffffff;

class Deadline implements HeapNode {
  heapIndex = -1;
  readonly at: number;
  /** Those of one instant come in the order in which they were set. */
  readonly order: number;
  readonly act: () => void;

  constructor(at: number, order: number, act: () => void) {
    this.at = at;
    this.order = order;
    this.act = act;
  }
}

/**
 * The deadlines of all machines behind one timer of the event loop. A call sets half a dozen of them and hardly ever waits for
 * one, and nearly each has a length of its own, for which Node would keep a list.
 */
export class Deadlines {
  readonly #now: () => number;
  readonly #heap = new IndexedHeap<Deadline>((a, b) => a.at < b.at || (a.at === b.at && a.order < b.order));
  #orders = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  /** `now`: milliseconds that never run backwards. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Does that at this instant, never before it; at the next turn of the event loop when it has passed. */
  set(at: number, act: () => void): Deadline {
    const deadline = new Deadline(at, this.#orders++, act);
    this.#heap.insert(deadline);
    if (at < this.#timerAt) this.#arm(at);
    return deadline;
  }

  /** The timer stays where it is: it costs less to find nothing due than to move it with each call. */
  cancel(deadline: Deadline): void {
    this.#heap.remove(deadline);
    if (this.#heap.size > 0) return;
    clearTimeout(this.#timer);
    this.#timerAt = Number.POSITIVE_INFINITY;
  }

  #arm(at: number): void {
    clearTimeout(this.#timer);
    this.#timerAt = at;
    // Node counts in whole milliseconds and may fire early by a fraction: rounding up keeps everything from being early.
    const delayMs = Math.min(Math.max(0, Math.ceil(at - this.#now())), delayMsMax);
    this.#timer = setTimeout(() => this.#fire(), delayMs);
  }

  #fire(): void {
    // Nothing is armed meanwhile, and what is set meanwhile waits for the next turn even when it is due.
    this.#timerAt = Number.NEGATIVE_INFINITY;
    const now = this.#now();
    const ordersBefore = this.#orders;
    const isDue = ({ at, order }: Deadline) => at <= now && order < ordersBefore;
    const next = () => this.#heap.peek();
    try {
      for (let first = next(); first !== undefined && isDue(first); first = next()) {
        this.#heap.remove(first);
        first.act();
      }
    } finally {
      // What one of them throws must not keep the others waiting for ever.
      this.#timerAt = Number.POSITIVE_INFINITY;
      const first = next();
      if (first !== undefined) this.#arm(first.at);
    }
  }
}

/** Named deadlines of one machine on the real clock; a name set again replaces the former deadline. */
export class MachineTimers {
  readonly #deadlines: Deadlines;
  readonly #due: (name: string) => void;
  readonly #timers = new Map<string, Deadline>();

  constructor(deadlines: Deadlines, due: (name: string) => void) {
    this.#deadlines = deadlines;
    this.#due = due;
  }

  set(name: string, at: number): void {
    this.clear(name);
    const timer = this.#deadlines.set(at, () => {
      this.#timers.delete(name);
      this.#due(name);
    });
    this.#timers.set(name, timer);
  }

  clear(name: string): void {
    const timer = this.#timers.get(name);
    if (timer === undefined) return;
    this.#deadlines.cancel(timer);
    this.#timers.delete(name);
  }

  clearAll(): void {
    for (const timer of this.#timers.values()) this.#deadlines.cancel(timer);
    this.#timers.clear();
  }

  get size(): number {
    return this.#timers.size;
  }
}
