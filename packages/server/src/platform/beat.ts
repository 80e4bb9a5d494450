/**
 * Work that the clock begins again and again, never twice at the same time: what is held up, by a database that is slow or away,
 * is waited for instead of being overtaken. It keeps no process alive.
 */
export class Beat {
  readonly #work: () => Promise<void>;
  readonly #failed: (error: unknown) => void;
  readonly #timer: NodeJS.Timeout;
  #present: Promise<void> | undefined;

  /** @param failed the work has failed this time; the next beat tries again. */
  constructor(everyMs: number, work: () => Promise<void>, failed: (error: unknown) => void) {
    this.#work = work;
    this.#failed = failed;
    this.#timer = setInterval(() => void this.now(), everyMs).unref();
  }

  /** Begins now, unless it is being done; settles, and never rejects, when it is done. */
  now(): Promise<void> {
    this.#present ??= this.#work()
      .catch(this.#failed)
      .finally(() => (this.#present = undefined));
    return this.#present;
  }

  /** No beat follows; settles when what is under way has ended. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#present;
  }
}
