import { qmf } from './g722-tables.ts';

/** The quadrature mirror filters that split and join the two bands of G.722 (ITU-T G.722 §3.1, §4.4), frame by frame. */

/** Samples of the past that the 24 taps reach back to. */
const past = 22;
const taps = 12;

/** Splits 16,000 Hz into two bands of 8,000 Hz. */
export class AnalysisFilter {
  readonly lower: Int32Array;
  readonly upper: Int32Array;
  readonly #line: Int32Array;

  /** @param pairsMax longest frame in pairs of samples */
  constructor(pairsMax: number) {
    this.lower = new Int32Array(pairsMax);
    this.upper = new Int32Array(pairsMax);
    this.#line = new Int32Array(past + 2 * pairsMax);
  }

  reset(): void {
    this.#line.fill(0);
  }

  /** Reads `2 · pairs` samples; the bands are in `lower` and `upper`. */
  split(pcm: Int16Array, offset: number, pairs: number): void {
    const line = this.#line;
    for (let i = 0; i < 2 * pairs; i++) line[past + i] = pcm[offset + i] as number;
    for (let pair = 0; pair < pairs; pair++) {
      let odd = 0;
      let even = 0;
      let at = 2 * pair;
      for (let i = 0; i < taps; i++) {
        odd += (line[at++] as number) * (qmf[i] as number);
        even += (line[at++] as number) * (qmf[taps - 1 - i] as number);
      }
      this.lower[pair] = (even + odd) >> 14;
      this.upper[pair] = (even - odd) >> 14;
    }
    line.copyWithin(0, 2 * pairs, 2 * pairs + past);
  }
}

/** Joins the two bands. */
export class SynthesisFilter {
  readonly lower: Int32Array;
  readonly upper: Int32Array;
  readonly #line: Int32Array;

  /** @param pairsMax longest frame in pairs of samples */
  constructor(pairsMax: number) {
    this.lower = new Int32Array(pairsMax);
    this.upper = new Int32Array(pairsMax);
    this.#line = new Int32Array(past + 2 * pairsMax);
  }

  reset(): void {
    this.#line.fill(0);
  }

  /** Writes `2 · pairs` samples made of what was put in `lower` and `upper`. */
  join(pairs: number, out: Int16Array, offset: number): void {
    const line = this.#line;
    for (let pair = 0; pair < pairs; pair++) {
      const low = this.lower[pair] as number;
      const high = this.upper[pair] as number;
      line[past + 2 * pair] = low + high;
      line[past + 2 * pair + 1] = low - high;
    }
    for (let pair = 0; pair < pairs; pair++) {
      let first = 0;
      let second = 0;
      let at = 2 * pair;
      for (let i = 0; i < taps; i++) {
        second += (line[at++] as number) * (qmf[i] as number);
        first += (line[at++] as number) * (qmf[taps - 1 - i] as number);
      }
      out[offset + 2 * pair] = clip(first >> 11);
      out[offset + 2 * pair + 1] = clip(second >> 11);
    }
    line.copyWithin(0, 2 * pairs, 2 * pairs + past);
  }
}

function clip(value: number): number {
  return value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value;
}
