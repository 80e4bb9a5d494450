import { polyphase } from './filter.ts';

/**
 * Conversion of a stream between 8,000, 16,000 and 48,000 Hz: a linear-phase filter in phases (one of them is a plain
 * delay, because the filter is of the "L-th band" kind). Flat within 0.1 dB up to 85 % of the narrower band and 60 dB down
 * from 115 % of it. State is the past of a few milliseconds; nothing is allocated per frame.
 */

/** Longest piece that is worked through at once, in samples of the input. */
const pieceMax = 960;

export class RateConverter {
  readonly fromHz: number;
  readonly toHz: number;
  readonly #convert: (pcm: Int16Array, offset: number, length: number, out: Int16Array, at: number) => void;
  readonly #line: Float32Array;
  readonly #past: number;
  readonly #ratio: number;
  readonly #filters: readonly Float32Array[];
  /** Distance in input samples from the newest sample of the line to the one that the plain delay gives out. */
  readonly #delay: number;

  /**
   * @param fromHz rate of the samples given; @param toHz rate of the samples wanted: equal, or one a whole multiple of
   * the other, 2–6
   */
  constructor(fromHz: number, toHz: number) {
    const ratio = Math.max(fromHz, toHz) / Math.min(fromHz, toHz);
    if (!Number.isInteger(ratio) || ratio > 6)
      throw new RangeError(
        `rates: ${fromHz} to ${toHz} Hz is not a whole ratio up to 6; choose among 8000, 16000, 48000`,
      );
    this.fromHz = fromHz;
    this.toHz = toHz;
    this.#ratio = ratio;
    const { filters, taps } = polyphase(ratio);
    this.#filters = filters;
    this.#delay = taps / 2;
    this.#past = toHz >= fromHz ? taps : taps * ratio;
    this.#line = new Float32Array(ratio === 1 ? 0 : this.#past + pieceMax);
    this.#convert =
      ratio === 1 ? copy : toHz > fromHz ? this.#interpolate.bind(this) : this.#decimate.bind(this);
  }

  /** Samples that come out for `length` samples given. */
  samplesFor(length: number): number {
    return Math.round((length * this.toHz) / this.fromHz);
  }

  /** Time by which the sound comes out later, in milliseconds. */
  get delayMs(): number {
    if (this.#ratio === 1) return 0;
    return (this.#delay * 1000) / Math.min(this.fromHz, this.toHz);
  }

  /**
   * Converts `pcm[offset, offset + length)` into `out` from `outOffset` and returns the samples written. To a lower rate,
   * `length` must be a multiple of the ratio, as every frame of whole milliseconds is.
   */
  convert(pcm: Int16Array, offset: number, length: number, out: Int16Array, outOffset: number): number {
    for (let done = 0; done < length; done += pieceMax) {
      const piece = Math.min(pieceMax, length - done);
      this.#convert(pcm, offset + done, piece, out, outOffset + this.samplesFor(done));
    }
    return this.samplesFor(length);
  }

  /** Forgets the past, as at the beginning of a stream. */
  reset(): void {
    this.#line.fill(0);
  }

  #load(pcm: Int16Array, offset: number, length: number): void {
    const line = this.#line;
    for (let i = 0; i < length; i++) line[this.#past + i] = pcm[offset + i] as number;
  }

  #keep(length: number): void {
    this.#line.copyWithin(0, length, length + this.#past);
  }

  #interpolate(pcm: Int16Array, offset: number, length: number, out: Int16Array, at: number): void {
    this.#load(pcm, offset, length);
    const line = this.#line;
    const ratio = this.#ratio;
    const newest = this.#past;
    for (let i = 0; i < length; i++) out[at + i * ratio] = line[newest + i - this.#delay] as number;
    for (let phase = 1; phase < ratio; phase++) {
      const filter = this.#filters[phase] as Float32Array;
      for (let i = 0; i < length; i++) {
        let sum = 0;
        const from = newest + i;
        for (let k = 0; k < filter.length; k++) sum += (filter[k] as number) * (line[from - k] as number);
        out[at + i * ratio + phase] = clip(sum);
      }
    }
    this.#keep(length);
  }

  #decimate(pcm: Int16Array, offset: number, length: number, out: Int16Array, at: number): void {
    this.#load(pcm, offset, length);
    const line = this.#line;
    const ratio = this.#ratio;
    const outputs = Math.floor(length / ratio);
    for (let i = 0; i < outputs; i++) {
      const newest = this.#past + i * ratio;
      let sum = line[newest - this.#delay * ratio] as number;
      for (let phase = 1; phase < ratio; phase++) {
        const filter = this.#filters[phase] as Float32Array;
        let from = newest - phase;
        for (let k = 0; k < filter.length; k++) {
          sum += (filter[k] as number) * (line[from] as number);
          from -= ratio;
        }
      }
      out[at + i] = clip(sum / ratio);
    }
    this.#keep(length);
  }
}

function copy(pcm: Int16Array, offset: number, length: number, out: Int16Array, at: number): void {
  for (let i = 0; i < length; i++) out[at + i] = pcm[offset + i] as number;
}

function clip(value: number): number {
  return value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : Math.round(value);
}
