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

/** Rings of so many recordings lie in one piece of memory. */
const slabRecordings = 32;

/**
 * The two channels of many recordings, one index each, as a structure of arrays: each packet of each of them comes here, and
 * would otherwise find the objects of its recording gone from the processor's caches.
 */
export class TimelineTable {
  /** First frame of each recording that was not taken yet, counted from its start. */
  readonly takenFrames: Int32Array;
  readonly capacityFrames: number;
  // By channel: the index of the recording times 2, and 1 more for the right one.
  readonly #law: Uint8Array;
  /** Behind the last frame that was placed: when it was taken, the ring holds nothing and its law may change. */
  readonly #placedUntilFrame: Int32Array;
  readonly #hasAnchor: Uint8Array;
  /** Frame at which `#anchorTimestamp` (as a signed number) is heard. */
  readonly #anchorFrame: Int32Array;
  readonly #anchorTimestamp: Int32Array;
  /** The rings, one after the other, as bytes and as words. */
  readonly #slabs: Uint8Array[] = [];
  readonly #slabWords: Int32Array[] = [];

  /**
   * @param capacity number of recordings; memory is taken as they begin
   * @param capacityFrames length of each ring, a multiple of 4; must exceed the flush interval by the jitter to absorb
   */
  constructor(capacity: number, capacityFrames: number) {
    this.capacityFrames = capacityFrames;
    this.takenFrames = new Int32Array(capacity);
    this.#law = new Uint8Array(capacity * 2);
    this.#placedUntilFrame = new Int32Array(capacity * 2);
    this.#hasAnchor = new Uint8Array(capacity * 2);
    this.#anchorFrame = new Int32Array(capacity * 2);
    this.#anchorTimestamp = new Int32Array(capacity * 2);
  }

  /** Begins a recording: nothing was placed, nothing taken. */
  start(index: number): void {
    this.takenFrames[index] = 0;
    for (const channel of [index * 2, index * 2 + 1]) {
      this.#law[channel] = recordedLaw.ulaw;
      this.#placedUntilFrame[channel] = 0;
      this.#hasAnchor[channel] = 0;
      const from = this.#ringStart(channel);
      this.#slabOf(channel).fill(ulawSilence, from, from + this.capacityFrames);
    }
  }

  /** The next packet of a channel begins a new stream: another leg, another SSRC, or the end of a pause. */
  restart(index: number, channel: 0 | 1): void {
    this.#hasAnchor[index * 2 + channel] = 0;
  }

  /**
   * Places a packet whose first sample was taken at `timestamp` and which arrived at `nowFrames`.
   * A packet that the network delayed beyond the ring is placed as early as is still possible and its stream
   * follows it; one that is older, or far ahead of the present, anchors its stream anew at the present (the clocks
   * drift, or the sender restarted). Returns false when the ring has no room: take first, then place again.
   * A packet of the other law than those it follows in the ring is transcoded.
   * @param side 0 left, 1 right
   * @param nowFrames a whole number below 2³¹ (74 hours)
   * @param words the same memory as `bytes`: copied four bytes at a time where all lies at multiples of 4
   */
  place(
    index: number,
    side: 0 | 1,
    law: RecordedLaw,
    timestamp: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    nowFrames: number,
    words?: Int32Array,
  ): boolean {
    const channel = index * 2 + side;
    const taken = this.takenFrames[index] as number;
    const frame = this.#frameOf(channel, timestamp, nowFrames, taken);
    // Anchored at each packet, so that the distance of timestamps never wraps in a long call.
    this.#hasAnchor[channel] = 1;
    this.#anchorFrame[channel] = frame;
    this.#anchorTimestamp[channel] = timestamp | 0;
    const count = end - start;
    if (frame + count > taken + this.capacityFrames) return false;
    if (this.#law[channel] !== law && (this.#placedUntilFrame[channel] as number) <= taken)
      this.#setLaw(channel, law);
    if (frame + count > (this.#placedUntilFrame[channel] as number))
      this.#placedUntilFrame[channel] = frame + count;
    const at = frame % this.capacityFrames;
    if (
      words === undefined ||
      at + count > this.capacityFrames ||
      this.#law[channel] !== law ||
      ((at | start | count) & 3) !== 0
    )
      this.#copy(channel, law, bytes, start, end, at);
    else {
      const ring = this.#slabWords[(index / slabRecordings) | 0] as Int32Array;
      let to = (this.#ringStart(channel) + at) >> 2;
      for (let from = start >> 2; from < end >> 2; from++) ring[to++] = words[from] as number;
    }
    return true;
  }

  /**
   * Expands the frames before `untilFrame` into `target` (interleaved 16 bit, long enough for them),
   * makes room for new ones and returns how many frames were taken.
   * @param target begins at a multiple of 4 bytes, the length of a frame, in its buffer
   * @throws RangeError when it does not
   */
  take(index: number, untilFrame: number, target: Int16Array): number {
    const frameTarget = new Int32Array(target.buffer, target.byteOffset, target.length >> 1);
    const taken = this.takenFrames[index] as number;
    const frames = Math.min(Math.max(0, Math.floor(untilFrame) - taken), this.capacityFrames);
    const from = taken % this.capacityFrames;
    const first = Math.min(frames, this.capacityFrames - from);
    this.#expand(index, from, first, frameTarget, 0);
    if (first < frames) this.#expand(index, 0, frames - first, frameTarget, first);
    this.takenFrames[index] = taken + frames;
    return frames;
  }

  #frameOf(channel: number, timestamp: number, nowFrames: number, takenFrames: number): number {
    const present = nowFrames > takenFrames ? nowFrames : takenFrames;
    if (this.#hasAnchor[channel] === 0) return present;
    const since = (timestamp - (this.#anchorTimestamp[channel] as number)) | 0;
    const frame = (this.#anchorFrame[channel] as number) + since;
    if (frame > nowFrames + aheadFramesMax || nowFrames - frame > lateFramesMax) return present;
    return frame > takenFrames ? frame : takenFrames;
  }

  /** The ring is empty. */
  #setLaw(channel: number, law: RecordedLaw): void {
    this.#law[channel] = law;
    const from = this.#ringStart(channel);
    this.#slabOf(channel).fill(silences[law], from, from + this.capacityFrames);
  }

  /** Copies whatever lies anywhere to `at` of the ring, in the law of the ring. */
  #copy(channel: number, law: RecordedLaw, bytes: Uint8Array, start: number, end: number, at: number): void {
    const slab = this.#slabOf(channel);
    const ring = this.#ringStart(channel);
    const count = end - start;
    const first = Math.min(count, this.capacityFrames - at);
    slab.set(bytes.subarray(start, start + first), ring + at);
    if (first < count) slab.set(bytes.subarray(start + first, end), ring);
    const ringLaw = this.#law[channel] as RecordedLaw;
    if (ringLaw === law) return;
    transcodeInPlace(slab, ring + at, ring + at + first, transcodings[ringLaw]);
    transcodeInPlace(slab, ring, ring + count - first, transcodings[ringLaw]);
  }

  #expand(index: number, from: number, count: number, target: Int32Array, targetFrame: number): void {
    const slab = this.#slabOf(index * 2);
    const leftLaw = this.#law[index * 2] as RecordedLaw;
    const rightLaw = this.#law[index * 2 + 1] as RecordedLaw;
    const leftTable = leftHalves[leftLaw] as Int32Array;
    const rightTable = rightHalves[rightLaw] as Int32Array;
    const left = this.#ringStart(index * 2) + from;
    const right = this.#ringStart(index * 2 + 1) + from;
    for (let i = 0; i < count; i++) {
      target[targetFrame + i] =
        (leftTable[slab[left + i] as number] as number) | (rightTable[slab[right + i] as number] as number);
    }
    slab.fill(silences[leftLaw], left, left + count);
    slab.fill(silences[rightLaw], right, right + count);
  }

  /** Where the ring of a channel begins in its slab. */
  #ringStart(channel: number): number {
    return (channel % (slabRecordings * 2)) * this.capacityFrames;
  }

  #slabOf(channel: number): Uint8Array {
    const number = Math.floor(channel / (slabRecordings * 2));
    const known = this.#slabs[number];
    if (known !== undefined) return known;
    while (this.#slabs.length <= number) {
      const slab = new Uint8Array(slabRecordings * 2 * this.capacityFrames);
      this.#slabs.push(slab);
      this.#slabWords.push(new Int32Array(slab.buffer));
    }
    return this.#slabs[number] as Uint8Array;
  }
}
