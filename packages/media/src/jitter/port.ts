/**
 * The door of the jitter buffer. One buffer per received stream, made when the sound of a leg must be decoded; a leg
 * that is relayed has none. Instants are milliseconds of any monotonic clock, timestamps are units of the RTP clock.
 */

/** What `take` has for the caller. */
export const Playout = {
  /** The next payload in order: decode `buffer.bytes[buffer.start, buffer.end)`. */
  frame: 0,
  /** Something is missing now: conceal `buffer.durationUnits`, with the following payload when `buffer.recoverable`. */
  conceal: 1,
  /** Nobody speaks, or nothing has come for long: `buffer.durationUnits` of silence or comfort noise. */
  silence: 2,
} as const;
export type Playout = (typeof Playout)[keyof typeof Playout];

/** What `put` did with a packet. */
export const Arrival = {
  queued: 0,
  /** Its moment is over, or it was already there; it was dropped. */
  late: 1,
  duplicate: 2,
  /** Far from everything before; dropped unless a second one confirms it (then the stream starts anew). */
  stray: 3,
} as const;
export type Arrival = (typeof Arrival)[keyof typeof Arrival];

export interface JitterBufferOptions {
  /** Rate of the RTP timestamp in Hz: 8,000 or 48,000 for the codecs here. */
  readonly clockRateHz: number;
  /** Length of what `take` answers when it has no payload, in ms. Default 20. */
  readonly frameMs?: number;
  /** Bounds of the delay added, in ms. Defaults 20 and 200. */
  readonly delayMinMs?: number;
  readonly delayMaxMs?: number;
  /**
   * Who brings the delay back to what is wanted: the buffer, by dropping a packet, or the caller, by shortening and
   * stretching the decoded sound as `excessMs` says. Default 'buffer'.
   */
  readonly adaptation?: 'buffer' | 'caller';
}

/** Counts for the quality report of a leg; all totals since the buffer was made. */
export interface JitterStatistics {
  readonly received: number;
  /** Packets that came out of order but in time. */
  readonly reordered: number;
  readonly late: number;
  readonly duplicate: number;
  /** Packets dropped to shorten the delay or because the buffer was full. */
  readonly discarded: number;
  /** Packets that never came, or came too late. */
  readonly lost: number;
  /** Milliseconds that had to be concealed, and milliseconds played from payloads. */
  readonly concealedMs: number;
  readonly playedMs: number;
  /** Times that the buffer ran dry, and times that the stream started anew. */
  readonly underruns: number;
  readonly restarts: number;
  /** Delay that the buffer adds at present, the delay it aims at, and the mean deviation of arrivals, in ms. */
  readonly delayMs: number;
  readonly targetDelayMs: number;
  readonly jitterMs: number;
}

export interface JitterBufferPort {
  /** The payload of the last `frame`, or the one following a `recoverable` gap; valid until the next `put` or `take`. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Length of what `take` answered, in timestamp units. */
  readonly durationUnits: number;
  readonly recoverable: boolean;
  /** True when the payload of the last `frame` was put as comfort noise (duration 0). */
  readonly comfortNoise: boolean;
  /**
   * Milliseconds by which playing should be shortened (positive) or stretched (negative) to reach the wanted delay; 0
   * while it is near enough, and always 0 unless the caller has said that it adapts.
   */
  readonly excessMs: number;
  /**
   * Stores a packet. `durationUnits` is its length in timestamp units, 0 for comfort noise (RFC 3389).
   * Payloads above 1,500 bytes and durations above 120 ms are dropped as stray. `pausesAfter`: the sender may fall silent
   * after this packet, so that running dry behind it is no loss.
   */
  put(
    sequence: number,
    timestamp: number,
    durationUnits: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    arrivalMs: number,
    pausesAfter?: boolean,
  ): Arrival;
  /**
   * Takes note of a packet of the stream that carries no sound (RFC 4733 digits share the sequence numbers), so that it is
   * not missed and what it replaces is silence.
   */
  skip(sequence: number): void;
  /** What is to be played at `nowMs`; called once for each stretch that was played before. */
  take(nowMs: number): Playout;
  statistics(): JitterStatistics;
  /** Forgets the stream (another SSRC, another codec), not the statistics nor what is known about the line. */
  restart(): void;
}
