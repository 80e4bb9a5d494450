const retryDelayMs = 5_000;

/** Writes some time after the first change, everything that has changed by then at once, and again when it failed. */
export class DelayedWrite {
  readonly #delayMs: number;
  readonly #write: () => Promise<void>;
  readonly #failed: (error: Error) => void;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #isDue = false;

  constructor(delayMs: number, write: () => Promise<void>, failed: (error: Error) => void) {
    this.#delayMs = delayMs;
    this.#write = write;
    this.#failed = failed;
  }

  /** Something has changed. */
  due(): void {
    this.#isDue = true;
    this.#timer ??= setTimeout(() => void this.#run(), this.#delayMs);
  }

  /** Writes now what is due; resolves when nothing is being written any more. Failures are reported, not thrown. */
  async flush(): Promise<void> {
    await this.#run();
  }

  async close(): Promise<void> {
    await this.flush();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #run(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // One after the other, so that an older state never overwrites a newer one.
    this.#running = this.#running.then(() => this.#attempt());
    return this.#running;
  }

  async #attempt(): Promise<void> {
    if (!this.#isDue) return;
    this.#isDue = false;
    try {
      await this.#write();
    } catch (error) {
      this.#isDue = true;
      this.#failed(error as Error);
      this.#timer ??= setTimeout(() => void this.#run(), retryDelayMs);
    }
  }
}
