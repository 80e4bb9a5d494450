const errorsMax = 200;

/** How wrong the estimated wait was for those who were answered: the median of the latest errors (rule 14). */
export class EstimateError {
  readonly #errorsMs: number[] = [];
  #next = 0;
  #medianMs: number | null = null;
  #isStale = false;

  add(estimatedMs: number, waitedMs: number): void {
    this.#errorsMs[this.#next] = Math.abs(estimatedMs - waitedMs);
    this.#next = (this.#next + 1) % errorsMax;
    this.#isStale = true;
  }

  /** Seconds; null before the first. */
  medianSeconds(): number | null {
    if (this.#isStale) {
      const sorted = this.#errorsMs.toSorted((a, b) => a - b);
      this.#medianMs = sorted[(sorted.length - 1) >> 1] ?? null;
      this.#isStale = false;
    }
    return this.#medianMs === null ? null : this.#medianMs / 1000;
  }
}
