import { rtpUnitsPerMs, sequenceDifference } from './rtp.ts';

/** What a packet means for the stream it belongs to. */
export const Reception = {
  /** The next packet, or one after a loss. */
  inOrder: 0,
  /** Late or repeated; it still belongs to the stream. */
  late: 1,
  /** First packet of a stream: another SSRC, or the far end started to count afresh. */
  started: 2,
  /** Far outside the window; the packet is not to be used. A second one in sequence starts the stream anew. */
  stray: 3,
} as const;
export type Reception = (typeof Reception)[keyof typeof Reception];

/** Sequence numbers skipped at most before a stream counts as restarted (RFC 3550 A.1, MAX_DROPOUT). */
export const dropoutMax = 3000;
/** How far back a late packet may lie (RFC 3550 A.1, MAX_MISORDER). */
export const misorderMax = 100;

const noSequence = 0x1_0000;

/**
 * Reception statistics of many streams, one per index, in typed arrays (RFC 3550 §6.4.1, A.1, A.3, A.8).
 * Totals go on over a change of SSRC or a restart, so that a leg has one figure for its whole life.
 */
export class ReceptionTable {
  readonly ssrc: Uint32Array;
  readonly highestSequence: Uint16Array;
  /** Interarrival jitter in timestamp units (RFC 3550 A.8). */
  readonly jitter: Float64Array;
  readonly received: Uint32Array;
  /** Stretches of missing packets; lost packets divided by it is the mean length of a burst. */
  readonly gaps: Uint32Array;
  readonly #cycles: Uint32Array;
  readonly #baseSequence: Uint32Array;
  readonly #badSequence: Uint32Array;
  readonly #expectedBefore: Uint32Array;
  readonly #transit: Float64Array;
  readonly #expectedPrior: Uint32Array;
  readonly #receivedPrior: Uint32Array;

  /** @param capacity number of streams, at least 1 */
  constructor(capacity: number) {
    this.ssrc = new Uint32Array(capacity);
    this.highestSequence = new Uint16Array(capacity);
    this.jitter = new Float64Array(capacity);
    this.received = new Uint32Array(capacity);
    this.gaps = new Uint32Array(capacity);
    this.#cycles = new Uint32Array(capacity);
    this.#baseSequence = new Uint32Array(capacity).fill(noSequence);
    this.#badSequence = new Uint32Array(capacity).fill(noSequence);
    this.#expectedBefore = new Uint32Array(capacity);
    this.#transit = new Float64Array(capacity).fill(Number.NaN);
    this.#expectedPrior = new Uint32Array(capacity);
    this.#receivedPrior = new Uint32Array(capacity);
  }

  /** Forgets everything about one stream. */
  clear(index: number): void {
    this.ssrc[index] = 0;
    this.highestSequence[index] = 0;
    this.jitter[index] = 0;
    this.received[index] = 0;
    this.gaps[index] = 0;
    this.#cycles[index] = 0;
    this.#baseSequence[index] = noSequence;
    this.#badSequence[index] = noSequence;
    this.#expectedBefore[index] = 0;
    this.#transit[index] = Number.NaN;
    this.#expectedPrior[index] = 0;
    this.#receivedPrior[index] = 0;
  }

  /** True once a packet was counted. */
  hasStream(index: number): boolean {
    return this.#baseSequence[index] !== noSequence;
  }

  /** Counts a packet and says what it means (RFC 3550 A.1 without probation; sources are vetted elsewhere). */
  update(index: number, ssrc: number, sequence: number): Reception {
    if (this.#baseSequence[index] === noSequence || this.ssrc[index] !== ssrc) {
      this.#start(index, ssrc, sequence);
      return Reception.started;
    }
    const step = sequenceDifference(sequence, this.highestSequence[index] as number);
    if (step > 0 && step < dropoutMax) {
      if (sequence < (this.highestSequence[index] as number)) this.#cycles[index]! += 0x1_0000;
      if (step > 1) this.gaps[index]!++;
      this.highestSequence[index] = sequence;
      this.#badSequence[index] = noSequence;
    } else if (step <= 0 && step > -misorderMax) {
      this.#count(index);
      return Reception.late;
    } else if (sequence === this.#badSequence[index]) {
      this.#start(index, ssrc, sequence);
      return Reception.started;
    } else {
      this.#badSequence[index] = (sequence + 1) & 0xffff;
      return Reception.stray;
    }
    this.#count(index);
    return Reception.inOrder;
  }

  /**
   * Feeds the jitter estimate; only for packets whose timestamp is their sampling instant (not RFC 4733).
   * @param unitsPerMs clock rate of the timestamps
   */
  updateJitter(index: number, timestamp: number, arrivalMs: number, unitsPerMs = rtpUnitsPerMs): void {
    const arrival = arrivalMs * unitsPerMs;
    const transit = (arrival | 0) - (timestamp | 0);
    const previous = this.#transit[index] as number;
    this.#transit[index] = transit;
    if (Number.isNaN(previous)) return;
    const difference = Math.abs((transit - previous) | 0);
    // A new offset between the clocks (restart, hold) is no jitter.
    if (difference > 1000 * unitsPerMs) return;
    this.jitter[index]! += (difference - (this.jitter[index] as number)) / 16;
  }

  /** Packets that should have arrived since the beginning. */
  expected(index: number): number {
    return (this.#expectedBefore[index] as number) + this.#expectedInStream(index);
  }

  /** Expected minus received; negative when packets are repeated (RFC 3550 §6.4.1). */
  lost(index: number): number {
    return this.expected(index) - (this.received[index] as number);
  }

  /** Highest sequence number with its cycles, as a report block carries it. */
  extendedHighest(index: number): number {
    return ((this.#cycles[index] as number) + (this.highestSequence[index] as number)) >>> 0;
  }

  /** Lost share since the last call in 1/256, and remembers where this interval ended (RFC 3550 A.3). */
  takeFractionLost(index: number): number {
    const expected = this.expected(index);
    const received = this.received[index] as number;
    const expectedInterval = expected - (this.#expectedPrior[index] as number);
    const lostInterval = expectedInterval - (received - (this.#receivedPrior[index] as number));
    this.#expectedPrior[index] = expected;
    this.#receivedPrior[index] = received;
    if (expectedInterval <= 0 || lostInterval <= 0) return 0;
    return Math.min(255, Math.floor((lostInterval * 256) / expectedInterval));
  }

  #expectedInStream(index: number): number {
    const base = this.#baseSequence[index] as number;
    return base === noSequence ? 0 : this.extendedHighest(index) - base + 1;
  }

  #start(index: number, ssrc: number, sequence: number): void {
    this.#expectedBefore[index]! += this.#expectedInStream(index);
    this.ssrc[index] = ssrc;
    this.highestSequence[index] = sequence;
    this.#cycles[index] = 0;
    this.#baseSequence[index] = sequence;
    this.#badSequence[index] = noSequence;
    this.#transit[index] = Number.NaN;
    this.#count(index);
  }

  #count(index: number): void {
    this.received[index]!++;
  }
}
