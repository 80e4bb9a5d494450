import { alawToLinear, ulawToLinear } from './g711.ts';
import { sampleRateHz } from './tones.ts';
import { type WavInfo, wavFrameBytes } from './file-formats/index.ts';

/** Turning the sound of a file into 8,000 Hz mono, in pieces, so that a long file never blocks a packet loop. */

/** Taps on each side of the windowed-sinc filter, in input samples at the rate of the cut-off. */
const halfTaps = 40;
/** Positions between two samples for which the filter is computed ahead. */
const phases = 64;

/**
 * Converts a stream from `rateHz` to 8,000 Hz with a windowed-sinc low-pass at 3,750 Hz.
 * Call `push` for each piece and `finish` once; both return new samples.
 */
export class Resampler {
  readonly #step: number;
  readonly #half: number;
  readonly #filters: Float32Array[];
  #kept: Float32Array;
  /** Position of the next output in input samples, relative to the start of `#kept`. */
  #position: number;

  /** @param rateHz 8,000–192,000 */
  constructor(rateHz: number) {
    if (!(rateHz >= sampleRateHz && rateHz <= 192_000))
      throw new RangeError(`rateHz: 8,000–192,000, not ${rateHz}`);
    this.#step = rateHz / sampleRateHz;
    this.#half = Math.ceil(halfTaps * this.#step);
    const cutOff = 3_750 / rateHz;
    this.#filters = Array.from({ length: phases + 1 }, (_, phase) =>
      sincFilter(this.#half, phase / phases, cutOff),
    );
    this.#kept = new Float32Array(this.#half);
    this.#position = this.#half;
  }

  push(samples: ArrayLike<number>): Int16Array {
    const joined = new Float32Array(this.#kept.length + samples.length);
    joined.set(this.#kept);
    joined.set(samples, this.#kept.length);
    const output: number[] = [];
    let position = this.#position;
    while (Math.floor(position) + this.#half < joined.length) {
      output.push(this.#at(joined, position));
      position += this.#step;
    }
    const keepFrom = Math.max(0, Math.floor(position) - this.#half);
    this.#kept = joined.slice(keepFrom);
    this.#position = position - keepFrom;
    return Int16Array.from(output);
  }

  /** The last samples, whose filter reaches beyond the end. */
  finish(): Int16Array {
    return this.push(new Float32Array(this.#half));
  }

  #at(samples: Float32Array, position: number): number {
    const whole = Math.floor(position);
    const filter = this.#filters[Math.round((position - whole) * phases)] as Float32Array;
    let sum = 0;
    const first = whole - this.#half + 1;
    for (let i = 0; i < filter.length; i++) sum += (samples[first + i] ?? 0) * (filter[i] as number);
    return Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  }
}

/** Taps for one fractional position, normalised to a gain of 1; Blackman window. */
function sincFilter(half: number, fraction: number, cutOff: number): Float32Array {
  const taps = new Float32Array(2 * half);
  let sum = 0;
  for (let i = 0; i < taps.length; i++) {
    const distance = i - (half - 1) - fraction;
    const x = 2 * Math.PI * cutOff * distance;
    const w = (Math.PI * distance) / half;
    const window = Math.abs(distance) >= half ? 0 : 0.42 + 0.5 * Math.cos(w) + 0.08 * Math.cos(2 * w);
    taps[i] = (x === 0 ? 1 : Math.sin(x) / x) * window;
    sum += taps[i] as number;
  }
  for (let i = 0; i < taps.length; i++) taps[i]! /= sum;
  return taps;
}

/** Decodes the bytes of whole frames of a WAV file to mono samples at the file's own rate; stereo is averaged. */
export function decodeWavFrames(bytes: Uint8Array, info: WavInfo): Int16Array {
  const frameBytes = wavFrameBytes(info);
  const frames = Math.floor(bytes.length / frameBytes);
  const samples = new Int16Array(frames);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const table = info.encoding === 'ulaw' ? ulawToLinear : alawToLinear;
  for (let i = 0; i < frames; i++) {
    let sum = 0;
    for (let channel = 0; channel < info.channels; channel++) {
      sum +=
        info.encoding === 'pcm16'
          ? view.getInt16(i * frameBytes + channel * 2, true)
          : (table[bytes[i * frameBytes + channel] as number] as number);
    }
    samples[i] = Math.round(sum / info.channels);
  }
  return samples;
}
