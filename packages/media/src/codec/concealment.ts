import { bestLag } from '../pitch.ts';

/**
 * Concealment of lost packets by repetition of the pitch, after the method of ITU-T G.711 Appendix I: the last one to three
 * pitch periods are repeated with overlapping seams, fade by 20 % per 10 ms after the first 10 ms and are silent after 60 ms.
 * Unlike the appendix it adds no delay: the step at the beginning is levelled out instead of being overlapped.
 */

const pitchMinMs = 5;
const pitchMaxMs = 15;
/** Length over which periods are compared. */
const windowMs = 20;
/** Share of a period over which a seam is overlapped. */
const seamShare = 4;
const fadeFromMs = 10;
const silentFromMs = 60;
/** Overlap with the first sound after a loss: 4 ms per 10 ms lost beside the seam, at most 10 ms. */
const rejoinMaxMs = 10;
/** Below this mean square there is no pitch worth looking for: hiss of an idle line. */
const quietPower = 16;

/** One stream of sound whose gaps are to be filled. Holds about 50 ms of the past and allocates nothing per frame. */
export class Concealment {
  readonly #samplesPerMs: number;
  readonly #historyLength: number;
  /** The newest sound, also what was made up, oldest first. */
  readonly #history: Int16Array;
  /** The true sound before the present gap; made when the first gap comes, because most streams have none. */
  #frozen: Int16Array | undefined;
  #period = 0;
  /** Samples made up in the present gap. */
  #concealed = 0;
  /** Distance from the end of the frozen sound that is read next, and where reading goes on after its end. */
  #back = 0;
  #wrap = 0;
  #step = 0;
  #stepLength = 1;

  /** @param sampleRateHz 8,000 or 16,000 */
  constructor(sampleRateHz: number) {
    this.#samplesPerMs = sampleRateHz / 1000;
    const pitchMax = pitchMaxMs * this.#samplesPerMs;
    // Three of the longest periods and the seam before them.
    this.#historyLength = 3 * pitchMax + Math.ceil(pitchMax / seamShare);
    this.#history = new Int16Array(this.#historyLength);
  }

  reset(): void {
    this.#history.fill(0);
    this.#concealed = 0;
  }

  /** Takes note of received sound; after a gap its beginning is overlapped with what was made up, in place. */
  received(pcm: Int16Array, offset: number, length: number): void {
    if (this.#concealed > 0) this.#rejoin(pcm, offset, length);
    this.#remember(pcm, offset, length);
  }

  /** Writes `length` samples in place of lost ones and returns their number. */
  conceal(out: Int16Array, offset: number, length: number): number {
    if (this.#concealed === 0) this.#begin();
    for (let i = 0; i < length; i++) out[offset + i] = Math.round(this.#next() * this.#gain());
    this.#remember(out, offset, length);
    return length;
  }

  #remember(pcm: Int16Array, offset: number, length: number): void {
    const history = this.#history;
    const size = this.#historyLength;
    if (length >= size) {
      history.set(pcm.subarray(offset + length - size, offset + length));
      return;
    }
    history.copyWithin(0, length);
    history.set(pcm.subarray(offset, offset + length), size - length);
  }

  #begin(): void {
    this.#frozen ??= new Int16Array(this.#historyLength);
    this.#frozen.set(this.#history);
    const sound = this.#frozen;
    const end = this.#historyLength;
    this.#period = findPitch(sound, this.#samplesPerMs);
    this.#back = this.#period;
    this.#wrap = this.#period;
    // The made-up sound goes on from one period ago; what separates the two there is taken back over a seam.
    this.#step = (sound[end - 1] as number) - (sound[end - 1 - this.#period] as number);
    this.#stepLength = Math.max(1, Math.floor(this.#period / seamShare));
  }

  #gain(): number {
    const ms = (this.#concealed - 1) / this.#samplesPerMs;
    if (ms < fadeFromMs) return 1;
    return Math.max(0, 1 - (ms - fadeFromMs) / (silentFromMs - fadeFromMs));
  }

  /** The next sample of the repetition, before fading. */
  #next(): number {
    const sound = this.#frozen as Int16Array;
    const end = this.#historyLength;
    if (this.#back === 0) this.#turn();
    const back = this.#back--;
    let sample = sound[end - back] as number;
    const seam = Math.floor(this.#period / seamShare);
    if (back <= seam) {
      // The last quarter flows over into what precedes the place where reading goes on.
      const share = (seam - back + 1) / (seam + 1);
      const before = sound[end - this.#wrap - back] as number;
      sample += (before - sample) * share;
    }
    const position = this.#concealed++;
    if (position < this.#stepLength) sample += this.#step * (1 - (position + 1) / (this.#stepLength + 1));
    return sample;
  }

  /** Reading begins again one period back, after 10 ms two, after 20 ms three: one alone would sound like a tone. */
  #turn(): void {
    this.#back = this.#wrap;
    const periods = Math.min(3, 1 + Math.floor(this.#concealed / (10 * this.#samplesPerMs)));
    this.#wrap = periods * this.#period;
  }

  #rejoin(pcm: Int16Array, offset: number, length: number): void {
    const lostMs = this.#concealed / this.#samplesPerMs;
    const wanted = Math.floor(this.#period / seamShare) + Math.floor(lostMs * 0.4 * this.#samplesPerMs);
    const overlap = Math.min(length, wanted, rejoinMaxMs * this.#samplesPerMs);
    for (let i = 0; i < overlap; i++) {
      const share = (i + 1) / (overlap + 1);
      const made = this.#next() * this.#gain();
      pcm[offset + i] = Math.round(made + ((pcm[offset + i] as number) - made) * share);
    }
    this.#concealed = 0;
  }
}

/**
 * The distance, in samples, at which the end of `sound` resembles itself most: the pitch period of a voice, 5–15 ms.
 * Searched with every second sample and lag at 8,000 Hz (every fourth at 16,000), then refined.
 */
function findPitch(sound: Int16Array, samplesPerMs: number): number {
  const shortest = pitchMinMs * samplesPerMs;
  const longest = pitchMaxMs * samplesPerMs;
  const stride = samplesPerMs / 4;
  const window = windowMs * samplesPerMs;
  const first = sound.length - window;
  let power = 0;
  for (let i = first; i < sound.length; i += stride) power += (sound[i] as number) ** 2;
  if (power < (quietPower * window) / stride) return longest;
  const end = sound.length;
  const coarse = bestLag(sound, first, end, shortest, longest, stride);
  const from = Math.max(shortest, coarse - stride);
  return bestLag(sound, first, end, from, Math.min(longest, coarse + stride), 1);
}
