/** Whoever sets timers; `name` is the one given to `set`. */
export interface TimerOwner<Name extends string = string> {
  onTimer(name: Name, nowMs: number): void;
}

/** One armed timer; hold it to cancel it. */
export class Timer {
  /** Position in the heap, -1 when not armed. */
  index = -1;
  readonly atMs: number;
  /** Ties are fired in the order of setting, so that runs repeat exactly. */
  readonly order: number;
  readonly owner: TimerOwner;
  readonly name: string;

  constructor(atMs: number, order: number, owner: TimerOwner, name: string) {
    this.atMs = atMs;
    this.order = order;
    this.owner = owner;
    this.name = name;
  }
}

/** Timers that may be late fire at multiples of this. */
const looseMs = 250;

/** An indexed binary heap of deadlines: set and cancel cost O(log n), and a cancelled timer keeps nothing alive. */
export class TimerQueue {
  private readonly heap: Timer[] = [];
  private orders = 0;

  get size(): number {
    return this.heap.length;
  }

  nextDeadlineMs(): number | undefined {
    return this.heap[0]?.atMs;
  }

  /** Arms a timer at an instant. */
  set<Name extends string>(owner: TimerOwner<Name>, name: Name, atMs: number): Timer {
    const timer = new Timer(atMs, this.orders++, owner, name);
    timer.index = this.heap.length;
    this.heap.push(timer);
    this.rise(timer);
    return timer;
  }

  /**
   * Arms a timer that only frees what nobody asks for any more: it fires up to a quarter of a second later, together with others,
   * since each instant at which anything is due wakes a process. Each call leaves half a dozen of them behind.
   */
  setLoose<Name extends string>(owner: TimerOwner<Name>, name: Name, atMs: number): Timer {
    return this.set(owner, name, Math.ceil(atMs / looseMs) * looseMs);
  }

  /** Disarms a timer; does nothing when it has fired, was cancelled, or is undefined. Always returns undefined. */
  cancel(timer: Timer | undefined): undefined {
    if (timer === undefined || timer.index < 0) return undefined;
    this.removeAt(timer.index);
    return undefined;
  }

  /** Fires all timers that are due at `nowMs`, including those set meanwhile. */
  fire(nowMs: number): void {
    for (let top = this.heap[0]; top !== undefined && top.atMs <= nowMs; top = this.heap[0]) {
      this.removeAt(0);
      top.owner.onTimer(top.name, nowMs);
    }
  }

  private removeAt(index: number): void {
    const removed = this.heap[index] as Timer;
    const last = this.heap.pop() as Timer;
    removed.index = -1;
    if (removed === last) return;
    last.index = index;
    this.heap[index] = last;
    this.rise(last);
    this.sink(last);
  }

  private rise(timer: Timer): void {
    const { heap } = this;
    let index = timer.index;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex] as Timer;
      if (!isBefore(timer, parent)) break;
      heap[index] = parent;
      parent.index = index;
      index = parentIndex;
    }
    heap[index] = timer;
    timer.index = index;
  }

  private sink(timer: Timer): void {
    const { heap } = this;
    let index = timer.index;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = heap[childIndex];
      if (child === undefined) break;
      const right = heap[childIndex + 1];
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        childIndex++;
      }
      if (!isBefore(child, timer)) break;
      heap[index] = child;
      child.index = index;
      index = childIndex;
    }
    heap[index] = timer;
    timer.index = index;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
