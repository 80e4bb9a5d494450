/**
 * The two channels of a recording on one time axis: packets are placed by their RTP timestamp, gaps stay silent,
 * and what is old enough is taken off for the file. No live mixing, no resampling: placing is one table lookup
 * per sample (SPEC.md, REC-…).
 */

/** Frames that a packet may lie ahead of the present before its stream is anchored anew (200 ms). */
export const aheadFramesMax = 1600;

const noAnchor = -1;

export class RecordingTimeline {
  /** First frame that was not taken yet, counted from the start of the recording. */
  takenFrames = 0;
  readonly capacityFrames: number;
  readonly #ring: Int16Array;
  /** Frame at which timestamp `#anchorTimestamp` of a channel is heard; −1 before its first packet. */
  readonly #anchorFrame = new Float64Array(2).fill(noAnchor);
  readonly #anchorTimestamp = new Uint32Array(2);

  /** @param capacityFrames length of the ring; must exceed the flush interval by the jitter to absorb */
  constructor(capacityFrames: number) {
    this.capacityFrames = capacityFrames;
    this.#ring = new Int16Array(capacityFrames * 2);
  }

  /** The next packet of a channel begins a new stream: another leg, another SSRC, or the end of a pause. */
  restart(channel: 0 | 1): void {
    this.#anchorFrame[channel] = noAnchor;
  }

  /**
   * Places a packet whose first sample was taken at `timestamp` and which arrived at `nowFrames`.
   * A packet too late for the ring or far ahead of the present anchors its stream anew at the present (the
   * clocks drift, or the sender restarted). Returns false when the ring has no room: take first, then place again.
   * @param channel 0 left, 1 right
   * @param table `ulawToLinear` or `alawToLinear`
   */
  place(
    channel: 0 | 1,
    timestamp: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    table: Int16Array,
    nowFrames: number,
  ): boolean {
    let frame = this.#frameOf(channel, timestamp);
    if (frame < this.takenFrames || frame > nowFrames + aheadFramesMax) {
      frame = Math.max(nowFrames, this.takenFrames);
      this.#anchorFrame[channel] = frame;
      this.#anchorTimestamp[channel] = timestamp;
    }
    const count = end - start;
    if (frame + count > this.takenFrames + this.capacityFrames) return false;
    const ring = this.#ring;
    const ringEnd = ring.length;
    let at = (frame % this.capacityFrames) * 2 + channel;
    for (let i = start; i < end; i++) {
      ring[at] = table[bytes[i] as number] as number;
      at += 2;
      if (at >= ringEnd) at -= ringEnd;
    }
    return true;
  }

  /**
   * Copies the frames before `untilFrame` into `target` (interleaved, at least `2 · capacityFrames` long), makes
   * room for new ones and returns how many frames were copied.
   */
  take(untilFrame: number, target: Int16Array): number {
    const frames = Math.min(Math.max(0, Math.floor(untilFrame) - this.takenFrames), this.capacityFrames);
    const from = (this.takenFrames % this.capacityFrames) * 2;
    const first = Math.min(frames * 2, this.#ring.length - from);
    target.set(this.#ring.subarray(from, from + first));
    this.#ring.fill(0, from, from + first);
    const rest = frames * 2 - first;
    if (rest > 0) {
      target.set(this.#ring.subarray(0, rest), first);
      this.#ring.fill(0, 0, rest);
    }
    this.takenFrames += frames;
    return frames;
  }

  #frameOf(channel: number, timestamp: number): number {
    const anchor = this.#anchorFrame[channel] as number;
    if (anchor === noAnchor) return -1;
    const frame = anchor + ((timestamp - (this.#anchorTimestamp[channel] as number)) | 0);
    // The distance is signed 32 bit: move the anchor along so that it never wraps in a very long call.
    if (frame - anchor > 0x4000_0000) {
      this.#anchorFrame[channel] = frame;
      this.#anchorTimestamp[channel] = timestamp;
    }
    return frame;
  }
}
