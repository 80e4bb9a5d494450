/** How many children a node of the heap has: few levels, whose instants lie together in memory. */
const children = 4;

/** What comes next on virtual time: a heap of events by their instant, of equal ones the first set first. */
export class Agenda<Event> {
  readonly #at: number[] = [];
  readonly #order: number[] = [];
  readonly #events: Event[] = [];
  #count = 0;

  get size(): number {
    return this.#at.length;
  }

  /** Infinity when there is nothing. */
  get nextAt(): number {
    return this.#at[0] ?? Infinity;
  }

  add(at: number, event: Event): void {
    this.addReserved(at, this.reserve(), event);
  }

  /** A place among the events of the same instant, for one that may be added later by `addReserved`, once at most. */
  reserve(): number {
    return this.#count++;
  }

  addReserved(at: number, order: number, event: Event): void {
    let index = this.#at.length;
    this.#at.push(at);
    this.#order.push(order);
    this.#events.push(event);
    while (index > 0) {
      const parent = ((index - 1) / children) | 0;
      if (!this.#isBefore(at, order, parent)) break;
      this.#copy(parent, index);
      index = parent;
    }
    this.#put(index, at, order, event);
  }

  take(): Event | undefined {
    const first = this.#events[0];
    const at = this.#at.pop();
    const order = this.#order.pop();
    const event = this.#events.pop();
    if (at === undefined || order === undefined || event === undefined || this.#at.length === 0) return first;
    const size = this.#at.length;
    let index = 0;
    for (;;) {
      let child = index * children + 1;
      if (child >= size) break;
      const end = Math.min(child + children, size);
      for (let other = child + 1; other < end; other++) if (this.#comesBefore(other, child)) child = other;
      if (this.#isBefore(at, order, child)) break;
      this.#copy(child, index);
      index = child;
    }
    this.#put(index, at, order, event);
    return first;
  }

  #put(index: number, at: number, order: number, event: Event): void {
    this.#at[index] = at;
    this.#order[index] = order;
    this.#events[index] = event;
  }

  #copy(from: number, to: number): void {
    this.#put(to, this.#at[from] as number, this.#order[from] as number, this.#events[from] as Event);
  }

  #isBefore(at: number, order: number, other: number): boolean {
    const otherAt = this.#at[other] as number;
    return at < otherAt || (at === otherAt && order < (this.#order[other] as number));
  }

  #comesBefore(one: number, other: number): boolean {
    return this.#isBefore(this.#at[one] as number, this.#order[one] as number, other);
  }
}
