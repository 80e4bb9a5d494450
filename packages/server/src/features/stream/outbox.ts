import type { HubEvent } from './hub-event.ts';

/** The socket as the outbox sees it. */
export interface Sink {
  /** Bytes that were given to the socket and not yet to the network. */
  readonly bufferedAmount: number;
  send(bytes: Buffer): void;
}

export interface OutboxLimits {
  /** Above this many buffered bytes events are held back. */
  readonly heldAboveBytes: number;
  /** Below this many they are sent again. */
  readonly resumedBelowBytes: number;
  /** More events held back than this, and the client is given up. */
  readonly heldEventsMax: number;
  /** Held back for longer than this, and the client is given up. */
  readonly heldMsMax: number;
}

export const OUTBOX_LIMITS: OutboxLimits = {
  heldAboveBytes: 256 * 1024,
  resumedBelowBytes: 64 * 1024,
  heldEventsMax: 5000,
  heldMsMax: 15_000,
};

/**
 * What still has to reach one client. A client that reads slowly gets only the newest state of each thing instead of
 * every change between; facts, which happened once, are never left out. Order by `seq` is kept.
 */
export class Outbox {
  readonly #sink: Sink;
  readonly #limits: OutboxLimits;
  /** By state key, or by `seq` for facts; insertion order is the order of `seq`. */
  readonly #held = new Map<string | number, HubEvent>();
  #heldSinceMs: number | null = null;

  constructor(sink: Sink, limits: OutboxLimits = OUTBOX_LIMITS) {
    this.#sink = sink;
    this.#limits = limits;
  }

  get heldCount(): number {
    return this.#held.size;
  }

  push(event: HubEvent, nowMs: number): void {
    if (this.#heldSinceMs === null && this.#sink.bufferedAmount <= this.#limits.heldAboveBytes) {
      this.#sink.send(event.bytes);
      return;
    }
    this.#heldSinceMs ??= nowMs;
    const key = event.stateKey ?? event.seq;
    this.#held.delete(key);
    this.#held.set(key, event);
  }

  /** Forgets what is held back. */
  clear(): void {
    this.#held.clear();
  }

  /**
   * Sends what the socket takes again. To be called often while something is held.
   *
   * @returns `slow` when the client has to be given up.
   */
  flush(nowMs: number): 'fine' | 'slow' {
    if (this.#heldSinceMs === null) return 'fine';
    if (this.#held.size > this.#limits.heldEventsMax || nowMs - this.#heldSinceMs > this.#limits.heldMsMax) {
      return 'slow';
    }
    if (this.#sink.bufferedAmount > this.#limits.resumedBelowBytes) return 'fine';
    for (const [key, event] of this.#held) {
      if (this.#sink.bufferedAmount > this.#limits.heldAboveBytes) return 'fine';
      this.#held.delete(key);
      this.#sink.send(event.bytes);
    }
    this.#heldSinceMs = null;
    return 'fine';
  }
}
