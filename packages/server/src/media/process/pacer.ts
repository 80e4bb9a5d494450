import koffi, { type node } from 'koffi';
import { monotonicMs, type Pace } from './packets.ts';

/**
 * When wake-ups follow each other faster than this, packets are collected instead: each costs 20 µs more when it wakes
 * the loop by itself, and nobody hears a few milliseconds. So many in a row: the two sides of a single call often speak within
 * a few milliseconds, and then there is nothing for the rest of the 20.
 */
const pacedBelowMs = 4;
const closeWakesMin = 3;
const paceMs = 3;
/** The same while nothing is relayed: sound that is mixed or made is heard in steps of 20 ms anyway, but a key is to be answered soon. */
const leisurelyPaceMs = 10;
/** While steps serve what comes, so often it is seen whether they still do. */
const watchMs = 100;
const stepsAwayMs = 50;
/** So many packets at once are the beginning of more; some of them may not have been served yet. */
const burstPackets = 32;
/** Rounds without a packet after which the loop sleeps again. */
const emptyRoundsMax = 4;

/** What a pacer serves. */
export interface Paced {
  /** Takes what is there; returns how many packets that were, Infinity where there is more. Must not throw. */
  serve(): number;
  /** The descriptor has become readable: it shall not any more before `sleeps`. */
  woken?(): void;
  /** The descriptor is watched from now on; false when there is something already. */
  sleeps?(): boolean;
}

/**
 * When packets are served: at once after a pause, so that a single call is not delayed, and in a rhythm while they keep
 * coming. A descriptor that becomes readable says that there are some; it is watched by Node's own loop.
 */
export class Pacer {
  readonly #poll: node.PollHandle;
  readonly #paced: Paced;
  #wokenAtMs = 0;
  /** Wake-ups in a row that came soon after the former one. */
  #closeWakes = 0;
  /** Runs while packets are collected; the descriptor is not watched meanwhile. */
  #timer: NodeJS.Timeout | undefined;
  #timerMs = 0;
  #pace: Pace = 'relay';
  #steppedAtMs = 0;
  #emptyRounds = 0;
  #isStopped = false;

  /** @param descriptor readable while there is something to be served, or from when it has come until `woken` */
  constructor(descriptor: number, paced: Paced) {
    this.#paced = paced;
    this.#poll = koffi.node.poll(descriptor, { readable: true }, () => this.#wake());
  }

  setPace(pace: Pace): void {
    this.#pace = pace;
  }

  /** Serves before sound is made of what has come. Nothing waits while every packet wakes the loop. */
  serveNow(): void {
    this.#steppedAtMs = monotonicMs();
    if (this.#timer === undefined) return;
    if (this.#pace === 'mix') this.#paced.serve();
    else this.#collect();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#poll.close();
  }

  get #ownPaceMs(): number {
    return this.#pace === 'relay' ? paceMs : leisurelyPaceMs;
  }

  /** Whether nobody needs packets but steps, and they come. */
  get #isServedBySteps(): boolean {
    return this.#pace === 'mix' && monotonicMs() - this.#steppedAtMs < stepsAwayMs;
  }

  #sleeps(): boolean {
    return this.#paced.sleeps?.() ?? true;
  }

  #wake(): void {
    this.#paced.woken?.();
    const served = this.#paced.serve();
    const nowMs = monotonicMs();
    this.#closeWakes = nowMs - this.#wokenAtMs < pacedBelowMs ? this.#closeWakes + 1 : 0;
    const isBusy = this.#closeWakes >= closeWakesMin || served >= burstPackets || this.#isServedBySteps;
    this.#wokenAtMs = nowMs;
    if (this.#isStopped || (!isBusy && this.#sleeps())) return;
    this.#poll.stop();
    this.#emptyRounds = 0;
    this.#setTimer();
  }

  /** What came in a burst is not all that comes: then the next look is soon. */
  #setTimer(served = 0): void {
    const wantedMs = this.#isServedBySteps ? watchMs : served >= burstPackets ? paceMs : this.#ownPaceMs;
    if (this.#timer !== undefined && this.#timerMs === wantedMs) {
      this.#timer.refresh();
      return;
    }
    clearTimeout(this.#timer);
    this.#timerMs = wantedMs;
    this.#timer = setTimeout(() => this.#collect(), wantedMs);
  }

  #collect(): void {
    if (this.#isServedBySteps) return this.#setTimer();
    const served = this.#paced.serve();
    this.#emptyRounds = served > 0 ? 0 : this.#emptyRounds + 1;
    if (this.#isStopped) return;
    if (this.#emptyRounds < emptyRoundsMax || !this.#sleeps()) {
      this.#setTimer(served);
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#poll.start({ readable: true }, () => this.#wake());
  }
}
