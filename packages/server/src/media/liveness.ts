import { MediaError } from './client.ts';

/** What a process has to be asked with; a `MediaClient`. */
export interface Asked {
  readonly isConnected: boolean;
  /** Any reply, a refusal too, shows that the process runs. */
  stats(): Promise<unknown>;
}

/** How often the process is asked, in milliseconds. */
const askEveryMs = 1_000;
/** A turn that comes so much later than it should shows that this process stood still itself, 0–1 of the interval. */
const lateShare = 0.5;
/** So many turns in a row without a reply: a disk that is slow for a second or two is none of them. */
const silentTurnsMax = 4;

/**
 * Finds out a media process that is there and does nothing: stopped, in an endless loop, or waiting for a disk that never
 * answers. Its socket stays open, so that nothing else tells, and its calls are silent.
 */
export class Liveness {
  readonly #asked: Asked;
  readonly #onHung: (silentForMs: number) => void;
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;
  #isWaiting = false;
  #silentTurns = 0;
  #turnAtMs = 0;

  /** @param onHung told once for each time that it is found out, with how long it has not answered for */
  constructor(asked: Asked, onHung: (silentForMs: number) => void, everyMs = askEveryMs) {
    this.#asked = asked;
    this.#onHung = onHung;
    this.#everyMs = everyMs;
  }

  /** Begins anew, with a process that has just answered. */
  watch(): void {
    this.end();
    this.#turnAtMs = performance.now();
    this.#timer = setInterval(() => this.#turn(), this.#everyMs);
    this.#timer.unref();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#silentTurns = 0;
    this.#isWaiting = false;
  }

  #turn(): void {
    const nowMs = performance.now();
    const lateMs = nowMs - this.#turnAtMs - this.#everyMs;
    this.#turnAtMs = nowMs;
    if (!this.#asked.isConnected) return;
    if (!this.#isWaiting) {
      this.#ask();
      return;
    }
    // A reply may have come while this process could not read it: such a turn does not count.
    if (lateMs <= this.#everyMs * lateShare) this.#silentTurns += 1;
    if (this.#silentTurns < silentTurnsMax) return;
    this.end();
    this.#onHung(silentTurnsMax * this.#everyMs);
  }

  #ask(): void {
    this.#isWaiting = true;
    const answered = () => {
      this.#isWaiting = false;
      this.#silentTurns = 0;
    };
    this.#asked.stats().then(answered, (error: unknown) => {
      if (!(error instanceof MediaError) || error.code !== 'timeout') answered();
      else this.#isWaiting = false;
    });
  }
}
