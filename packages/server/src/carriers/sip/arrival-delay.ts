import { randomBytes } from 'node:crypto';

export interface ArrivalDelayOptions {
  /** Milliseconds that never run backwards. */
  now: () => number;
  /** Sends a datagram to the socket that it leaves from. */
  send: (probe: Uint8Array) => void;
}

const lookIntervalMs = 250;
/** Under so many datagrams in an interval nothing can have piled up. */
const busyDatagrams = 25;
/** Callers begin to repeat what they sent after 500 ms; from here on repetitions alone keep the server busy. */
const overloadedMs = 1_000;
const relievedMs = 300;
/** A probe that is still missing fell victim to a full buffer. */
const lostAfterMs = 4_000;

/**
 * How long datagrams wait in the kernel before they are read, which nothing tells: while many come, a small one is sent to the own
 * socket and queues up behind them. Late service is worth nothing to a caller and costs as much as good service, so that a server
 * has to refuse new calls before it is late for all of them (RFC 6357 §3).
 */
export class ArrivalDelay {
  readonly #options: ArrivalDelayOptions;
  readonly #probe = randomBytes(16);
  #count = 0;
  #sentAt: number | undefined;
  #isOverloaded = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ArrivalDelayOptions) {
    this.#options = options;
  }

  /** Whether new calls should be refused: from a second of delay until hardly any is left. */
  get isOverloaded(): boolean {
    return this.#isOverloaded;
  }

  /** Takes note of a datagram; true when it was a probe, and nobody else's business. */
  heard(bytes: Uint8Array): boolean {
    if (bytes.length === this.#probe.length && this.#probe.equals(bytes)) {
      if (this.#sentAt !== undefined) this.#measured(this.#options.now() - this.#sentAt);
      this.#sentAt = undefined;
      return true;
    }
    this.#count++;
    this.#timer ??= setTimeout(() => this.#look(), lookIntervalMs).unref();
    return false;
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    const waitsMs = this.#sentAt === undefined ? 0 : this.#options.now() - this.#sentAt;
    if (waitsMs > overloadedMs) this.#measured(waitsMs);
    if (waitsMs > lostAfterMs) this.#sentAt = undefined;
    const isBusy = this.#count >= busyDatagrams;
    if (!isBusy && waitsMs === 0) this.#measured(0);
    if ((isBusy || this.#isOverloaded) && this.#sentAt === undefined) {
      this.#sentAt = this.#options.now();
      this.#options.send(this.#probe);
    }
    this.#count = 0;
    const goesOn = isBusy || this.#sentAt !== undefined;
    this.#timer = goesOn ? setTimeout(() => this.#look(), lookIntervalMs).unref() : undefined;
  }

  #measured(delayMs: number): void {
    if (delayMs >= overloadedMs) this.#isOverloaded = true;
    else if (delayMs <= relievedMs) this.#isOverloaded = false;
  }
}
