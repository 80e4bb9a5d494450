import {
  alawSilence,
  alawToLinear,
  alawToUlaw,
  transcodeInPlace,
  ulawSilence,
  ulawToAlaw,
  ulawToLinear,
} from './g711.ts';

/**
 * The two channels of a recording on one time axis: packets are placed by their RTP timestamp, gaps stay silent,
 * and what is old enough is taken off for the file (SPEC.md, TIME-…). Placing copies the G.711 bytes as they are,
 * each channel by itself; expanding to 16 bit and interleaving happen once, for a whole stretch, when it is taken.
 * That touches a quarter of the memory that interleaving packet by packet would.
 */

/** Frames that a packet may lie ahead of the present before its stream is anchored anew (400 ms). */
export const aheadFramesMax = 3200;
/** A packet that is older than this (1 s) was not delayed: its sender has stopped and gone on counting. */
export const lateFramesMax = 8000;

/** Laws by number, as `place` takes them. */
export const recordedLaw = { ulaw: 0, alaw: 1 } as const;
export type RecordedLaw = (typeof recordedLaw)[keyof typeof recordedLaw];

/** A-law has no zero; its idle byte counts as one here, so that silence is silence in the file. */
const alawToRecorded = Int16Array.from(alawToLinear);
alawToRecorded[alawSilence] = 0;
/** Both halves of an interleaved frame by law, so that a frame is written at once: the left one comes first in memory. */
const leftHalves = [ulawToLinear, alawToRecorded].map((table) =>
  Int32Array.from(table, (value) => value & 0xffff),
);
const rightHalves = [ulawToLinear, alawToRecorded].map((table) =>
  Int32Array.from(table, (value) => value << 16),
);
const silences = [ulawSilence, alawSilence] as const;
/** From the other law to the law of the index. */
const transcodings = [alawToUlaw, ulawToAlaw] as const;

class Channel {
  readonly ring: Uint8Array;
  law: RecordedLaw = recordedLaw.ulaw;
  /** Behind the last frame that was placed: when it was taken, the ring holds nothing and its law may change. */
  placedUntilFrame = 0;
  hasAnchor = false;
  /** Frame at which `anchorTimestamp` (as a signed number) is heard. */
  anchorFrame = 0;
  anchorTimestamp = 0;

  constructor(capacityFrames: number) {
    this.ring = new Uint8Array(capacityFrames).fill(ulawSilence);
  }
}

export class RecordingTimeline {
  /** First frame that was not taken yet, counted from the start of the recording. */
  takenFrames = 0;
  readonly capacityFrames: number;
  readonly #channels: readonly [Channel, Channel];

  /** @param capacityFrames length of the ring; must exceed the flush interval by the jitter to absorb */
  constructor(capacityFrames: number) {
    this.capacityFrames = capacityFrames;
    this.#channels = [new Channel(capacityFrames), new Channel(capacityFrames)];
  }

  /** The next packet of a channel begins a new stream: another leg, another SSRC, or the end of a pause. */
  restart(channel: 0 | 1): void {
    this.#channels[channel].hasAnchor = false;
  }

  /**
   * Places a packet whose first sample was taken at `timestamp` and which arrived at `nowFrames`.
   * A packet that the network delayed beyond the ring is placed as early as is still possible and its stream
   * follows it; one that is older, or far ahead of the present, anchors its stream anew at the present (the clocks
   * drift, or the sender restarted). Returns false when the ring has no room: take first, then place again.
   * A packet of the other law than those it follows in the ring is transcoded.
   * @param channel 0 left, 1 right
   * @param nowFrames a whole number below 2³¹ (74 hours)
   */
  place(
    channel: 0 | 1,
    law: RecordedLaw,
    timestamp: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    nowFrames: number,
  ): boolean {
    const state = this.#channels[channel];
    const frame = this.#frameOf(state, timestamp, nowFrames);
    // Anchored at each packet, so that the distance of timestamps never wraps in a long call.
    state.hasAnchor = true;
    state.anchorFrame = frame;
    state.anchorTimestamp = timestamp | 0;
    const count = end - start;
    if (frame + count > this.takenFrames + this.capacityFrames) return false;
    if (state.law !== law && state.placedUntilFrame <= this.takenFrames) {
      state.law = law;
      state.ring.fill(silences[law]);
    }
    if (frame + count > state.placedUntilFrame) state.placedUntilFrame = (frame + count) | 0;
    const at = (frame | 0) % this.capacityFrames;
    const first = Math.min(count, this.capacityFrames - at);
    state.ring.set(bytes.subarray(start, start + first), at);
    if (first < count) state.ring.set(bytes.subarray(start + first, end), 0);
    if (state.law === law) return true;
    transcodeInPlace(state.ring, at, at + first, transcodings[state.law]);
    transcodeInPlace(state.ring, 0, count - first, transcodings[state.law]);
    return true;
  }

  /**
   * Expands the frames before `untilFrame` into `target` (interleaved 16 bit, long enough for them),
   * makes room for new ones and returns how many frames were taken.
   * @param target begins at a multiple of 4 bytes, the length of a frame, in its buffer
   * @throws RangeError when it does not
   */
  take(untilFrame: number, target: Int16Array): number {
    const frameTarget = new Int32Array(target.buffer, target.byteOffset, target.length >> 1);
    const frames = Math.min(Math.max(0, Math.floor(untilFrame) - this.takenFrames), this.capacityFrames);
    const from = this.takenFrames % this.capacityFrames;
    const first = Math.min(frames, this.capacityFrames - from);
    this.#expand(from, first, frameTarget, 0);
    if (first < frames) this.#expand(0, frames - first, frameTarget, first);
    this.takenFrames += frames;
    return frames;
  }

  /** Small integers throughout: a field that holds a fraction or more than 31 bits would be an object of its own. */
  #frameOf(state: Channel, timestamp: number, nowFrames: number): number {
    const present = nowFrames > this.takenFrames ? nowFrames : this.takenFrames;
    if (!state.hasAnchor) return present;
    const frame = state.anchorFrame + ((timestamp - state.anchorTimestamp) | 0);
    if (frame > nowFrames + aheadFramesMax || nowFrames - frame > lateFramesMax) return present;
    return frame > this.takenFrames ? frame | 0 : this.takenFrames;
  }

  #expand(from: number, count: number, target: Int32Array, targetFrame: number): void {
    const [left, right] = this.#channels;
    const leftTable = leftHalves[left.law] as Int32Array;
    const rightTable = rightHalves[right.law] as Int32Array;
    const leftRing = left.ring;
    const rightRing = right.ring;
    // Small integers: a fraction in any of them would make one of each index.
    const end = (from + count) | 0;
    let at = targetFrame | 0;
    for (let i = from | 0; i < end; i++) {
      target[at] =
        (leftTable[leftRing[i] as number] as number) | (rightTable[rightRing[i] as number] as number);
      at++;
    }
    leftRing.fill(silences[left.law], from, from + count);
    rightRing.fill(silences[right.law], from, from + count);
  }
}
