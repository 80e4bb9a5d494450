/** So many a second, and a burst of so many at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** A token bucket; the rate is given with each use, so that a bucket costs two numbers and follows new settings. */
export class TokenBucket {
  #tokens = Number.POSITIVE_INFINITY;
  #filledAtMs = 0;

  /** Takes one; false when the bucket is empty. */
  take(rate: Rate, nowMs: number): boolean {
    this.#fill(rate, nowMs);
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** Takes so many even when they are not there; returns for how many milliseconds nothing more should be taken. */
  charge(cost: number, rate: Rate, nowMs: number): number {
    this.#fill(rate, nowMs);
    this.#tokens -= cost;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / rate.perSecond) * 1_000;
  }

  /** Milliseconds until the next one can be taken. */
  waitMs(rate: Rate, nowMs: number): number {
    this.#fill(rate, nowMs);
    return this.#tokens >= 1 ? 0 : ((1 - this.#tokens) / rate.perSecond) * 1_000;
  }

  #fill({ perSecond, burst }: Rate, nowMs: number): void {
    const passedMs = Math.max(0, nowMs - this.#filledAtMs);
    this.#tokens = Math.min(burst, this.#tokens + (passedMs / 1_000) * perSecond);
    this.#filledAtMs = nowMs;
  }
}

/** Token buckets by name, at most so many: those used longest ago give way, and start full when they come back. */
export class TokenBuckets {
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  of(name: string): TokenBucket {
    const bucket = this.#buckets.get(name) ?? new TokenBucket();
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    if (this.#buckets.size > this.#max) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    return bucket;
  }
}
