import { decisionLevels, ilb, lowerStep, qm2, qm4, qm6, upperStep } from './g722-tables.ts';

/**
 * One sub-band of G.722: the adaptive quantiser and the predictor with two poles and six zeros (ITU-T G.722 §3.2–3.6,
 * §6.2), which run alike in encoder and decoder. Arithmetic is the 16-bit fixed point of §6, so that results are bit-exact.
 */

const scaleMax = { lower: 18_432, upper: 22_528 } as const;
const scaleShift = { lower: 8, upper: 10 } as const;
/** 0.95, of the coefficients that outlive a loss. */
const settledShare = 31_130;
const firstStep = { lower: 32, upper: 8 } as const;

function saturate(value: number): number {
  return value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value;
}

export class SubBand {
  readonly #scaleMax: number;
  readonly #scaleShift: number;
  readonly #firstStep: number;
  /** Quantised differences d(1)…d(6), newest first, and the zero coefficients b(1)…b(6). */
  readonly #differences = new Int32Array(6);
  readonly #zeros = new Int32Array(6);
  /** Logarithmic scale factor (NB) and the step size that follows from it (DET). */
  #scale = 0;
  #step: number;
  /** Prediction: of the whole signal (S) and its zero section (SZ). */
  #prediction = 0;
  #zeroPrediction = 0;
  #pole1 = 0;
  #pole2 = 0;
  #reconstructed1 = 0;
  #partial1 = 0;
  #partial2 = 0;

  constructor(kind: 'lower' | 'upper') {
    this.#scaleMax = scaleMax[kind];
    this.#scaleShift = scaleShift[kind];
    this.#firstStep = firstStep[kind];
    this.#step = this.#firstStep;
  }

  reset(): void {
    this.#differences.fill(0);
    this.#zeros.fill(0);
    this.#scale = 0;
    this.#step = this.#firstStep;
    this.#prediction = 0;
    this.#zeroPrediction = 0;
    this.#pole1 = 0;
    this.#pole2 = 0;
    this.#reconstructed1 = 0;
    this.#partial1 = 0;
    this.#partial2 = 0;
  }

  /** The logarithmic scale factor. */
  get scale(): number {
    return this.#scale;
  }

  /**
   * After made-up sound was taken through instead of what was lost: the scale goes most of the way back to what
   * it was before the loss, since that sound fades, and the predictor believes a little less in what it has learnt from it.
   */
  settle(scaleBefore: number): void {
    this.#setScale(Math.round((this.#scale + 2 * scaleBefore) / 3));
    this.#pole1 = (this.#pole1 * settledShare) >> 15;
    this.#pole2 = (this.#pole2 * settledShare) >> 15;
    for (let i = 0; i < 6; i++) this.#zeros[i] = ((this.#zeros[i] as number) * settledShare) >> 15;
  }

  /** Lower band: sample in, 6-bit code out. */
  encodeLower(sample: number): number {
    const error = saturate(sample - this.#prediction);
    const magnitude = error >= 0 ? error : ~error;
    const level = quantise(magnitude, this.#step);
    // Codes count down from the largest difference; the first two of the negative ones stand apart (table 14).
    const code = error >= 0 ? 62 - level : level <= 2 ? 64 - level : 34 - level;
    this.#adaptLower(code >> 2);
    return code;
  }

  /** Lower band: 6-bit code in, sample out. */
  decodeLower(code: number): number {
    const sample = this.#prediction + ((this.#step * (qm6[code] as number)) >> 15);
    this.#adaptLower(code >> 2);
    return limitOutput(sample);
  }

  /** Upper band: sample in, 2-bit code out. */
  encodeUpper(sample: number): number {
    const error = saturate(sample - this.#prediction);
    const magnitude = error >= 0 ? error : ~error;
    const large = magnitude >= (564 * this.#step) >> 12;
    const code = (error >= 0 ? 2 : 0) + (large ? 0 : 1);
    this.#adaptUpper(code);
    return code;
  }

  /** Upper band: 2-bit code in, sample out. */
  decodeUpper(code: number): number {
    const sample = this.#prediction + ((this.#step * (qm2[code] as number)) >> 15);
    this.#adaptUpper(code);
    return limitOutput(sample);
  }

  #adaptLower(code: number): void {
    const difference = (this.#step * (qm4[code] as number)) >> 15;
    this.#rescale(lowerStep[code] as number);
    this.#predict(difference);
  }

  #adaptUpper(code: number): void {
    const difference = (this.#step * (qm2[code] as number)) >> 15;
    this.#rescale(upperStep[code] as number);
    this.#predict(difference);
  }

  /** LOGSCL and SCALEL, or LOGSCH and SCALEH. */
  #rescale(multiplier: number): void {
    this.#setScale(((this.#scale * 127) >> 7) + multiplier);
  }

  #setScale(scale: number): void {
    this.#scale = scale < 0 ? 0 : Math.min(scale, this.#scaleMax);
    const mantissa = ilb[(this.#scale >> 6) & 31] as number;
    const shift = this.#scaleShift - (this.#scale >> 11);
    this.#step = (shift < 0 ? mantissa << -shift : mantissa >> shift) << 2;
  }

  /** Blocks 4: adapts the poles (UPPOL1, UPPOL2) and zeros (UPZERO) and predicts the next sample (FILTEP, FILTEZ). */
  #predict(difference: number): void {
    const reconstructed = saturate(this.#prediction + difference);
    const partial = saturate(this.#zeroPrediction + difference);
    this.#adaptPoles(partial);
    const pole1 = (this.#pole1 * saturate(reconstructed << 1)) >> 15;
    const pole2 = (this.#pole2 * saturate(this.#reconstructed1 << 1)) >> 15;
    this.#reconstructed1 = reconstructed;
    this.#zeroPrediction = this.#adaptZeros(difference);
    this.#prediction = saturate(saturate(pole1 + pole2) + this.#zeroPrediction);
  }

  #adaptPoles(partial: number): void {
    // 0 where the signs agree, −1 where they differ; signs of sound cannot be foretold, so that branches would cost more.
    const differ1 = (partial ^ this.#partial1) >> 31;
    const differ2 = (partial ^ this.#partial2) >> 31;
    const quadrupled = saturate(this.#pole1 << 2);
    const cross = Math.min(32_767, negateIf(quadrupled, ~differ1));
    const second = (cross >> 7) + negateIf(128, differ2) + ((this.#pole2 * 32_512) >> 15);
    const pole2 = second > 12_288 ? 12_288 : second < -12_288 ? -12_288 : second;
    const first = saturate(negateIf(192, differ1) + ((this.#pole1 * 32_640) >> 15));
    const bound = saturate(15_360 - pole2);
    this.#pole1 = first > bound ? bound : first < -bound ? -bound : first;
    this.#pole2 = pole2;
    this.#partial2 = this.#partial1;
    this.#partial1 = partial;
  }

  /** Adapts the zeros, takes the difference in as d(1) and returns the new zero section. */
  #adaptZeros(difference: number): number {
    const differences = this.#differences;
    const zeros = this.#zeros;
    const gain = difference === 0 ? 0 : 128;
    let newer = difference;
    let sum = 0;
    for (let i = 0; i < 6; i++) {
      const older = differences[i] as number;
      const leaked = ((zeros[i] as number) * 32_640) >> 15;
      const zero = saturate(leaked + negateIf(gain, (older ^ difference) >> 31));
      zeros[i] = zero;
      differences[i] = newer;
      sum += (zero * saturate(newer << 1)) >> 15;
      newer = older;
    }
    return saturate(sum);
  }
}

/** LIMIT: what the sub-bands give out lies in 15 bits. */
function limitOutput(sample: number): number {
  return sample > 16_383 ? 16_383 : sample < -16_384 ? -16_384 : sample;
}

/** `value` where `mask` is 0, `−value` where it is −1. */
function negateIf(value: number, mask: number): number {
  return (value ^ mask) - mask;
}

/** Number of the first of the 29 decision levels above `magnitude`, or 30 (QUANTL). */
function quantise(magnitude: number, step: number): number {
  // Halving without branches: each comparison is a mask.
  let passed = 0;
  for (let half = 16; half > 0; half >>= 1) {
    const level = ((decisionLevels[passed + half] as number) * step) >> 12;
    passed += half & ((level - 1 - magnitude) >> 31);
  }
  return Math.min(passed, 29) + 1;
}
