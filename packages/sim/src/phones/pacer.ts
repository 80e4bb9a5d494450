const tickMs = 20;
/** After a stall (a busy machine, a suspended laptop) at most this many packets are sent in a burst. */
const catchUpTicksMax = 10;

/**
 * Calls its members every 20 ms on a schedule that does not drift: a late tick is followed by one that is in time.
 * One pacer serves all streams of a process; it rests while it has no members.
 */
export class Pacer {
  readonly #members = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #nextAtMs = 0;

  add(member: () => void): void {
    this.#members.add(member);
    if (this.#timer !== undefined) return;
    this.#nextAtMs = performance.now() + tickMs;
    this.#arm();
  }

  remove(member: () => void): void {
    this.#members.delete(member);
    if (this.#members.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, this.#nextAtMs - performance.now()));
  }

  #tick(): void {
    const nowMs = performance.now();
    const overdue = Math.floor((nowMs - this.#nextAtMs) / tickMs);
    if (overdue > catchUpTicksMax) this.#nextAtMs += (overdue - catchUpTicksMax) * tickMs;
    for (; this.#nextAtMs <= nowMs; this.#nextAtMs += tickMs) {
      for (const member of this.#members) member();
    }
    if (this.#members.size > 0) this.#arm();
    else this.#timer = undefined;
  }
}
