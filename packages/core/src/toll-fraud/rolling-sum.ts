import type { EpochMs } from '@crosspoint/contracts';

/**
 * A sum over the last stretch of time, kept in buckets. It never forgets too early: what is older than the window by
 * less than one bucket may still count, so that a limit on the sum holds for every window of exactly that length.
 */
export class RollingSum {
  readonly #windowMs: number;
  readonly #bucketMs: number;
  readonly #buckets = new Map<number, number>();

  constructor(windowMs: number, bucketMs: number) {
    this.#windowMs = windowMs;
    this.#bucketMs = bucketMs;
  }

  add(at: EpochMs, amount: number): void {
    this.#forget(at);
    this.#put(Math.floor(at / this.#bucketMs), amount);
  }

  /** Adds a stretch of time in milliseconds, each part of it to its own bucket. */
  addSpan(from: EpochMs, to: EpochMs): void {
    this.#forget(to);
    const first = Math.max(from, to - this.#windowMs - this.#bucketMs);
    for (let start = first; start < to; ) {
      const bucket = Math.floor(start / this.#bucketMs);
      const end = Math.min(to, (bucket + 1) * this.#bucketMs);
      this.#put(bucket, end - start);
      start = end;
    }
  }

  sum(now: EpochMs): number {
    this.#forget(now);
    let sum = 0;
    for (const amount of this.#buckets.values()) sum += amount;
    return sum;
  }

  export(now: EpochMs): [number, number][] {
    this.#forget(now);
    return [...this.#buckets];
  }

  import(buckets: readonly (readonly [number, number])[]): void {
    for (const [bucket, amount] of buckets) this.#put(bucket, amount);
  }

  #put(bucket: number, amount: number): void {
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + amount);
  }

  #forget(now: EpochMs): void {
    const oldest = Math.floor((now - this.#windowMs) / this.#bucketMs);
    for (const bucket of this.#buckets.keys()) if (bucket < oldest) this.#buckets.delete(bucket);
  }
}
