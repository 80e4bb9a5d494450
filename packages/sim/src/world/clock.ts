import { type HeapNode, IndexedHeap } from '@crosspoint/core';

interface Alarm extends HeapNode {
  readonly at: number;
  readonly order: number;
  readonly ring: () => void;
}

/** Virtual time: it stands still while something happens and jumps to the next alarm when nothing does. */
export class VirtualClock {
  now: number;
  #order = 0;
  readonly #alarms = new IndexedHeap<Alarm>((a, b) => (a.at === b.at ? a.order < b.order : a.at < b.at));

  constructor(start: number) {
    this.now = start;
  }

  get pending(): number {
    return this.#alarms.size;
  }

  /** Rings at the instant `at`, at once if that has passed; alarms of one instant ring in the order of their setting. */
  at(at: number, ring: () => void): () => void {
    this.#order += 1;
    const alarm: Alarm = { at: Math.max(Math.ceil(at), this.now), order: this.#order, ring, heapIndex: -1 };
    this.#alarms.insert(alarm);
    return () => this.#alarms.remove(alarm);
  }

  after(delayMs: number, ring: () => void): () => void {
    return this.at(this.now + delayMs, ring);
  }

  /** Rings the next alarm; false when there is none until `end`. */
  step(end = Infinity): boolean {
    const alarm = this.#alarms.peek();
    if (alarm === undefined || alarm.at > end) return false;
    this.#alarms.remove(alarm);
    this.now = alarm.at;
    alarm.ring();
    return true;
  }
}
