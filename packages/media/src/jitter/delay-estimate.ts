/**
 * How late packets of one stream arrive, compared with the earliest of the last seconds, and how much delay it takes to
 * have nearly all of them in time. Comparing with a recent minimum makes a drift of the far clock invisible.
 */

/** Two windows of this length are remembered, so the minimum is 2–4 s old at most. */
const windowMs = 2_000;
const bucketMs = 5;
const buckets = 60;
/** Share of the packets that the wanted delay lets arrive in time. By G.107, 1 % of loss weighs as much as 150 ms of delay. */
const inTimeShare = 0.993;
/** Each packet weighs this much more than the one before: the last 250 packets make two thirds. */
const growth = 1.004;
const weightMax = 1e12;
/** Divisor of the running mean, as in RFC 3550 A.8. */
const jitterSmoothing = 16;

export class DelayEstimate {
  readonly #unitsPerMs: number;
  /** Beyond this lateness the far clock has been set anew rather than the packet delayed. */
  readonly #discontinuityMs: number;
  readonly #weights = new Float64Array(buckets);
  #weight = 1;
  #total = 0;
  #lastTimestamp = 0;
  /** Sampling instant of the last packet on the far clock, in ms since the first. */
  #mediaMs = 0;
  #started = false;
  #windowEndsAt = 0;
  #earliest = 0;
  #earliestBefore = 0;
  #lastTransit = 0;
  #jitterMs = 0;
  #quantileMs = 0;

  constructor(unitsPerMs: number, discontinuityMs: number) {
    this.#unitsPerMs = unitsPerMs;
    this.#discontinuityMs = discontinuityMs;
  }

  /** Mean deviation of the spacing of arrivals, in ms. */
  get jitterMs(): number {
    return this.#jitterMs;
  }

  /** Delay behind the earliest arrivals that has all but 0.7 % of the packets in time, in ms. */
  get quantileMs(): number {
    return this.#quantileMs;
  }

  /** The next packet begins another time axis; what is known about the line stays. */
  restart(): void {
    this.#started = false;
  }

  /** Takes note of an arrival and returns how late it is, in ms: 0 for the earliest. */
  update(timestamp: number, arrivalMs: number): number {
    if (!this.#started) {
      this.#started = true;
      this.#lastTimestamp = timestamp;
      this.#mediaMs = 0;
      this.#rebase(arrivalMs);
      this.#count(0);
      return 0;
    }
    this.#mediaMs += ((timestamp - this.#lastTimestamp) | 0) / this.#unitsPerMs;
    this.#lastTimestamp = timestamp;
    const transit = arrivalMs - this.#mediaMs;
    const change = Math.abs(transit - this.#lastTransit);
    this.#lastTransit = transit;
    const late = transit - Math.min(this.#earliest, this.#earliestBefore);
    if (Math.abs(late) > this.#discontinuityMs) {
      this.#rebase(arrivalMs);
      return 0;
    }
    this.#jitterMs += (change - this.#jitterMs) / jitterSmoothing;
    if (arrivalMs >= this.#windowEndsAt) {
      this.#windowEndsAt = arrivalMs + windowMs;
      this.#earliestBefore = this.#earliest;
      this.#earliest = transit;
    } else if (transit < this.#earliest) this.#earliest = transit;
    this.#count(Math.max(0, late));
    return Math.max(0, late);
  }

  #rebase(arrivalMs: number): void {
    const transit = arrivalMs - this.#mediaMs;
    this.#lastTransit = transit;
    this.#earliest = transit;
    this.#earliestBefore = transit;
    this.#windowEndsAt = arrivalMs + windowMs;
  }

  #count(lateMs: number): void {
    const bucket = Math.min(buckets - 1, Math.floor(lateMs / bucketMs));
    this.#weights[bucket] = (this.#weights[bucket] as number) + this.#weight;
    this.#total += this.#weight;
    this.#weight *= growth;
    if (this.#weight > weightMax) this.#scaleDown();
    // From the top, because the answer is near the end of what has any weight.
    let above = this.#total * (1 - inTimeShare);
    let last = buckets - 1;
    while (last > 0) {
      above -= this.#weights[last] as number;
      if (above < 0) break;
      last--;
    }
    this.#quantileMs = last === 0 ? 0 : (last + 1) * bucketMs;
  }

  #scaleDown(): void {
    for (let i = 0; i < buckets; i++) this.#weights[i] = (this.#weights[i] as number) / this.#weight;
    this.#total /= this.#weight;
    this.#weight = 1;
  }
}
