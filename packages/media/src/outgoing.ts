import { rtpUnitsPerMs, sequenceDifference } from './rtp.ts';

/** Source number of sound that we generate ourselves; relayed sources are 0 and above. */
export const generatedSource = -1;
const noSource = -2;

/**
 * Continuity of many outgoing RTP streams, one per index. Whatever feeds a stream (music, another leg, digits),
 * the far end sees one SSRC whose sequence numbers have no gap at a change of source and whose timestamps
 * advance with real time (RFC 3550 §5.1); losses within a relayed source stay visible as gaps.
 */
export class OutgoingTable {
  readonly ssrc: Uint32Array;
  readonly sequence: Uint16Array;
  readonly timestamp: Uint32Array;
  /** Packets and payload bytes sent, for sender reports. */
  readonly packets: Uint32Array;
  readonly payloadBytes: Float64Array;
  /** Instant at which `timestamp` was sent. */
  readonly sentAtMs: Float64Array;
  /** Clock rate of each stream's timestamps in units per millisecond: 8, or 48 for Opus. */
  readonly unitsPerMs: Uint8Array;
  readonly #source: Int32Array;
  readonly #sourceSsrc: Uint32Array;
  readonly #sequenceOffset: Uint16Array;
  readonly #timestampOffset: Uint32Array;

  /** @param capacity number of streams, at least 1 */
  constructor(capacity: number) {
    this.ssrc = new Uint32Array(capacity);
    this.sequence = new Uint16Array(capacity);
    this.timestamp = new Uint32Array(capacity);
    this.packets = new Uint32Array(capacity);
    this.payloadBytes = new Float64Array(capacity);
    this.sentAtMs = new Float64Array(capacity).fill(Number.NaN);
    this.unitsPerMs = new Uint8Array(capacity).fill(rtpUnitsPerMs);
    this.#source = new Int32Array(capacity).fill(noSource);
    this.#sourceSsrc = new Uint32Array(capacity);
    this.#sequenceOffset = new Uint16Array(capacity);
    this.#timestampOffset = new Uint32Array(capacity);
  }

  /** Begins a stream; the three numbers should be random (RFC 3550 §5.1). */
  start(index: number, ssrc: number, sequence: number, timestamp: number): void {
    this.ssrc[index] = ssrc;
    this.sequence[index] = sequence;
    this.timestamp[index] = timestamp;
    this.packets[index] = 0;
    this.payloadBytes[index] = 0;
    this.sentAtMs[index] = Number.NaN;
    this.unitsPerMs[index] = rtpUnitsPerMs;
    this.#source[index] = noSource;
  }

  /** Makes the next packet count as a change of source, for instance after a stream of the same source restarted. */
  interrupt(index: number): void {
    this.#source[index] = noSource;
  }

  /** True when the stream is already mapped to this source; otherwise `adopt` must precede `mapped…`. */
  follows(index: number, source: number, sourceSsrc: number): boolean {
    return this.#source[index] === source && this.#sourceSsrc[index] === sourceSsrc;
  }

  /** Maps a source onto the stream so that this packet is the next one and its instant is now. */
  adopt(
    index: number,
    source: number,
    sourceSsrc: number,
    sequence: number,
    timestamp: number,
    nowMs: number,
  ): void {
    this.#source[index] = source;
    this.#sourceSsrc[index] = sourceSsrc;
    this.#sequenceOffset[index] = (this.sequence[index] as number) + 1 - sequence;
    this.#timestampOffset[index] =
      (this.timestamp[index] as number) + this.#elapsedUnits(index, nowMs) - timestamp;
  }

  /** The sequence number under which a packet of the followed source leaves. */
  mappedSequence(index: number, sequence: number): number {
    return (sequence + (this.#sequenceOffset[index] as number)) & 0xffff;
  }

  /** The timestamp under which a packet of the followed source leaves. */
  mappedTimestamp(index: number, timestamp: number): number {
    return (timestamp + (this.#timestampOffset[index] as number)) >>> 0;
  }

  /** Records what was sent; a late packet does not move the stream back. */
  sent(index: number, sequence: number, timestamp: number, payloadBytes: number, nowMs: number): void {
    this.packets[index]!++;
    this.payloadBytes[index]! += payloadBytes;
    if (sequenceDifference(sequence, this.sequence[index] as number) <= 0) return;
    this.sequence[index] = sequence;
    this.timestamp[index] = timestamp;
    this.sentAtMs[index] = nowMs;
  }

  /**
   * Prepares a generated packet: afterwards `sequence[index] + 1` is its sequence number and the returned value
   * its timestamp. `stepUnits` is the length of the packet before, used while generated packets follow each other.
   */
  nextGeneratedTimestamp(index: number, stepUnits: number, nowMs: number): number {
    const continues = this.#source[index] === generatedSource;
    const step = continues ? stepUnits : this.#elapsedUnits(index, nowMs);
    this.#source[index] = generatedSource;
    this.#sourceSsrc[index] = 0;
    return ((this.timestamp[index] as number) + step) >>> 0;
  }

  /** True when the packet before was generated too: the new one needs no marker bit. */
  continuesGenerated(index: number): boolean {
    return this.#source[index] === generatedSource;
  }

  #elapsedUnits(index: number, nowMs: number): number {
    const sentAt = this.sentAtMs[index] as number;
    if (Number.isNaN(sentAt)) return 0;
    // At least one usual packet, because two packets of a stream may not cover the same instant.
    const unitsPerMs = this.unitsPerMs[index] as number;
    return Math.max(20 * unitsPerMs, Math.round((nowMs - sentAt) * unitsPerMs));
  }
}
