import { sequenceDifference, timestampDifference } from '../rtp.ts';
import { DelayEstimate } from './delay-estimate.ts';
import { PacketStore, packetsMax, payloadBytesMax } from './packet-store.ts';
import {
  Arrival,
  type JitterBufferOptions,
  type JitterBufferPort,
  type JitterStatistics,
  Playout,
} from './port.ts';
import { SequenceOrder } from './sequence-order.ts';

const durationMaxMs = 120;
/** A gap is concealed this long; afterwards nobody would take the result for speech. */
const concealedMaxMs = 120;
/** After this long without a packet the stream is buffered anew when it comes back. */
const pauseMs = 500;
const noSequence = -1;

/** See `JitterBufferPort`. About 1 kB, and 64 times the longest payload. */
export class JitterBuffer implements JitterBufferPort {
  start = 0;
  end = 0;
  durationUnits = 0;
  recoverable = false;
  comfortNoise = false;
  excessMs = 0;

  readonly #store = new PacketStore();
  readonly #order = new SequenceOrder();
  readonly #estimate: DelayEstimate;
  readonly #unitsPerMs: number;
  readonly #frameUnits: number;
  readonly #delayMinMs: number;
  readonly #delayMaxMs: number;
  readonly #callerAdapts: boolean;

  #playing = false;
  /** The last payload was comfort noise or announced a pause: silence that follows is wanted. */
  #quiet = false;
  #nextSequence = noSequence;
  #nextTimestamp = 0;
  #lastDuration: number;
  /** Units played since the last payload that no payload covered, while nothing later was there. */
  #dryUnits = 0;
  /** Units concealed since the last payload. */
  #concealedRun = 0;
  #delayMs = 0;

  readonly #counts = {
    received: 0,
    reordered: 0,
    late: 0,
    duplicate: 0,
    discarded: 0,
    lost: 0,
    underruns: 0,
    restarts: 0,
  };
  #concealedUnits = 0;
  #playedUnits = 0;

  /** @throws RangeError when the bounds of the delay contradict each other. */
  constructor(options: JitterBufferOptions) {
    this.#unitsPerMs = options.clockRateHz / 1000;
    this.#frameUnits = (options.frameMs ?? 20) * this.#unitsPerMs;
    this.#lastDuration = this.#frameUnits;
    [this.#delayMinMs, this.#delayMaxMs] = delayBounds(options);
    this.#callerAdapts = options.adaptation === 'caller';
    this.#estimate = new DelayEstimate(this.#unitsPerMs, this.#delayMaxMs);
  }

  get bytes(): Uint8Array {
    return this.#store.bytes;
  }

  /** Packets held at present, at most 64. */
  get held(): number {
    return this.#store.count;
  }

  restart(): void {
    this.#store.clear();
    this.#estimate.restart();
    this.#playing = false;
    this.#quiet = false;
    this.#nextSequence = noSequence;
    this.#dryUnits = 0;
    this.#concealedRun = 0;
    this.#counts.restarts++;
  }

  put(
    sequence: number,
    timestamp: number,
    durationUnits: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    arrivalMs: number,
    pausesAfter = false,
  ): Arrival {
    this.#counts.received++;
    if (end - start > payloadBytesMax || durationUnits > durationMaxMs * this.#unitsPerMs)
      return Arrival.stray;
    if (this.#nextSequence === noSequence) this.#begin(sequence);
    const arrival = this.#place(sequence);
    if (arrival === Arrival.stray || arrival === Arrival.duplicate) return arrival;
    const lateMs = this.#estimate.update(timestamp, arrivalMs);
    if (arrival === Arrival.late) return arrival;
    const idealMs = arrivalMs - lateMs;
    this.#store.add(sequence, timestamp, durationUnits, idealMs, bytes, start, end, pausesAfter);
    return arrival;
  }

  skip(sequence: number): void {
    if (this.#nextSequence === noSequence) this.#begin(sequence);
    if (this.#place(sequence) === Arrival.queued) this.#store.addSoundless(sequence);
  }

  take(nowMs: number): Playout {
    this.recoverable = false;
    this.comfortNoise = false;
    this.excessMs = 0;
    // Each round drops a packet, so that there are no more rounds than packets.
    while (this.#store.count > 0) {
      const missing = this.#store.missingFrom(this.#nextSequence);
      const sequence = (this.#nextSequence + missing) & 0xffff;
      if (this.#store.isSoundless(sequence)) {
        this.#passOver(sequence, missing);
        continue;
      }
      const delayMs = nowMs - this.#store.idealMs(sequence);
      if (!this.#playing) {
        if (delayMs < this.#targetMs()) return this.#silence();
        this.#playing = true;
        this.#nextTimestamp = this.#store.timestamp(sequence);
        this.#dryUnits = 0;
      }
      if (this.#isTooOld(delayMs)) {
        this.#discard(sequence, missing);
        continue;
      }
      const gap = timestampDifference(this.#store.timestamp(sequence), this.#nextTimestamp);
      if (this.#isAlreadyConcealed(sequence, gap)) {
        this.#dropLate(sequence, missing);
        continue;
      }
      // What was filled while running dry was in place of this.
      const open = gap - this.#dryUnits;
      if (open <= this.#unitsPerMs) return this.#give(sequence, missing, delayMs);
      if (!this.#isPause(missing, gap)) return this.#concealGap(sequence, open);
      // After a pause of the sender (RFC 3551 §4.1) the next sound is due by its timestamp.
      return delayMs >= this.#targetMs() ? this.#give(sequence, missing, delayMs) : this.#silence();
    }
    return this.#runDry();
  }

  statistics(): JitterStatistics {
    return {
      ...this.#counts,
      concealedMs: this.#concealedUnits / this.#unitsPerMs,
      playedMs: this.#playedUnits / this.#unitsPerMs,
      delayMs: this.#delayMs,
      targetDelayMs: this.#targetMs(),
      jitterMs: this.#estimate.jitterMs,
    };
  }

  /** Finds out where a packet belongs and makes room for it. */
  #place(sequence: number): Arrival {
    const ahead = sequenceDifference(sequence, this.#nextSequence);
    if (this.#store.knows(sequence) && Math.abs(ahead) < packetsMax) {
      this.#counts.duplicate++;
      return Arrival.duplicate;
    }
    const standing = this.#order.judge(sequence, this.#nextSequence);
    if (standing === 'stray') return Arrival.stray;
    if (standing === 'behind') return this.#placeBehind(sequence, -ahead);
    if (standing === 'outage') this.#leapTo(sequence);
    if (standing === 'anew') {
      this.restart();
      this.#begin(sequence);
    }
    if (this.#order.isOvertaken(sequence)) this.#counts.reordered++;
    return Arrival.queued;
  }

  #begin(sequence: number): void {
    this.#nextSequence = sequence;
    this.#order.begin(sequence);
  }

  #placeBehind(sequence: number, places: number): Arrival {
    // Before anything was played, the first packets may still be put in order.
    if (this.#playing || this.#playedUnits > 0 || !this.#hasRoomBehind(sequence, places)) {
      this.#counts.late++;
      return Arrival.late;
    }
    this.#nextSequence = sequence;
    this.#counts.reordered++;
    return Arrival.queued;
  }

  /** True when no packet of the far end of the window would share a place with those from `sequence` on. */
  #hasRoomBehind(sequence: number, places: number): boolean {
    if (places >= packetsMax) return false;
    for (let i = 0; i < places; i++) if (this.#store.has(sequence + i)) return false;
    return true;
  }

  /** After an outage the new packet is the only one of interest: what is still here is older than the buffer is long. */
  #leapTo(sequence: number): void {
    this.#counts.discarded += this.#store.count;
    this.#counts.lost += sequenceDifference(sequence, this.#nextSequence) - this.#store.count;
    this.#store.clear();
    this.#begin(sequence);
    this.#playing = false;
  }

  #targetMs(): number {
    return Math.max(this.#delayMinMs, Math.min(this.#delayMaxMs, this.#estimate.quantileMs));
  }

  /** Delay beyond which the tolerance ends: one packet or frame. */
  #toleranceMs(): number {
    return Math.max(this.#lastDuration, this.#frameUnits) / this.#unitsPerMs;
  }

  #isTooOld(delayMs: number): boolean {
    const toleranceMs = this.#toleranceMs();
    if (delayMs > this.#delayMaxMs + toleranceMs) return true;
    return !this.#callerAdapts && this.#store.count > 1 && delayMs > this.#targetMs() + 2 * toleranceMs;
  }

  /** A packet that turns up after its loss was concealed, while those behind it still wait. */
  #isAlreadyConcealed(sequence: number, gap: number): boolean {
    if (this.#concealedRun === 0 || gap < -this.#delayMaxMs * this.#unitsPerMs) return false;
    return gap + this.#store.duration(sequence) <= 0;
  }

  #isPause(missing: number, gap: number): boolean {
    return missing === 0 || this.#quiet || gap > 2 * missing * this.#lastDuration;
  }

  #dropLate(sequence: number, missing: number): void {
    this.#store.remove(sequence);
    this.#counts.late++;
    this.#counts.lost += missing + 1;
    this.#nextSequence = (sequence + 1) & 0xffff;
  }

  /** Behind a packet without sound the sender may be silent as long as it likes: the next sound is due by its timestamp. */
  #passOver(sequence: number, missing: number): void {
    this.#store.remove(sequence);
    this.#counts.lost += missing;
    this.#nextSequence = (sequence + 1) & 0xffff;
    this.#quiet = true;
  }

  #discard(sequence: number, missing: number): void {
    this.#store.remove(sequence);
    this.#counts.discarded++;
    this.#advance(sequence, missing);
  }

  #advance(sequence: number, missing: number): void {
    this.#counts.lost += missing;
    this.#nextSequence = (sequence + 1) & 0xffff;
    this.#nextTimestamp = (this.#store.timestamp(sequence) + this.#store.duration(sequence)) >>> 0;
    this.#dryUnits = 0;
  }

  #give(sequence: number, missing: number, delayMs: number): Playout {
    const duration = this.#store.duration(sequence);
    this.#store.remove(sequence);
    this.#advance(sequence, missing);
    this.start = this.#store.start(sequence);
    this.end = this.#store.end(sequence);
    this.comfortNoise = duration === 0;
    this.#quiet = this.comfortNoise || this.#store.pausesAfter(sequence);
    this.durationUnits = duration === 0 ? this.#frameUnits : duration;
    if (duration > 0) this.#lastDuration = duration;
    this.#playedUnits += this.durationUnits;
    this.#concealedRun = 0;
    this.#delayMs = delayMs;
    if (this.#callerAdapts) {
      const excessMs = delayMs - this.#targetMs();
      if (Math.abs(excessMs) > this.#toleranceMs()) this.excessMs = excessMs;
    }
    return Playout.frame;
  }

  #concealGap(sequence: number, gap: number): Playout {
    this.#nextTimestamp = (this.#nextTimestamp + this.#dryUnits) >>> 0;
    this.#dryUnits = 0;
    const length = Math.min(gap, this.#lastDuration);
    this.#nextTimestamp = (this.#nextTimestamp + length) >>> 0;
    if (length === gap) {
      this.recoverable = true;
      this.start = this.#store.start(sequence);
      this.end = this.#store.end(sequence);
    }
    return this.#conceal(length);
  }

  #runDry(): Playout {
    if (!this.#playing || this.#quiet) return this.#silence();
    if (this.#dryUnits === 0) this.#counts.underruns++;
    this.#dryUnits += this.#frameUnits;
    if (this.#dryUnits > pauseMs * this.#unitsPerMs) this.#playing = false;
    return this.#conceal(this.#frameUnits);
  }

  #conceal(length: number): Playout {
    this.durationUnits = length;
    this.#concealedRun += length;
    if (this.#concealedRun > concealedMaxMs * this.#unitsPerMs) return Playout.silence;
    this.#concealedUnits += length;
    return Playout.conceal;
  }

  #silence(): Playout {
    this.durationUnits = this.#frameUnits;
    return Playout.silence;
  }
}

function delayBounds(options: JitterBufferOptions): [minMs: number, maxMs: number] {
  const { delayMinMs = 20, delayMaxMs = 200 } = options;
  if (!(delayMinMs >= 0 && delayMinMs <= delayMaxMs && delayMaxMs <= 500))
    throw new RangeError(`delayMinMs, delayMaxMs: 0 ≤ min ≤ max ≤ 500, not ${delayMinMs} and ${delayMaxMs}`);
  return [delayMinMs, delayMaxMs];
}
