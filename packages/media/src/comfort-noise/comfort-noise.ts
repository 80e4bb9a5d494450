/**
 * Comfort noise (RFC 3389): one byte of level and up to a dozen reflection coefficients describe the hiss of a quiet line, so
 * that a listener does not believe it dead. Payload type 13 at 8,000 Hz.
 */

/** Static payload type of comfort noise at 8,000 Hz (RFC 3389 §5). */
export const comfortNoisePayloadType = 13;
/** Coefficients that are computed when noise is described, and the most that are obeyed when it is made. */
const orderMade = 8;
const orderMax = 12;
/** Root mean square of 0 dBov, the overload point of 16-bit samples. */
const overload = 32_768;
const quietestDbov = 127;

/**
 * Describes `pcm[offset, offset + length)` as a payload in `out` from `outOffset` and returns its bytes: 1 for silence,
 * else 1 + 8. Give it at least 20 ms without speech.
 */
export function encodeComfortNoise(
  pcm: Int16Array,
  offset: number,
  length: number,
  out: Uint8Array,
  outOffset: number,
): number {
  const correlation = autocorrelation(pcm, offset, length);
  const rms = Math.sqrt((correlation[0] as number) / Math.max(1, length));
  const dbov = rms < 1 ? quietestDbov : Math.round(-20 * Math.log10(rms / overload));
  out[outOffset] = Math.max(0, Math.min(quietestDbov, dbov));
  if (rms < 1) return 1;
  const reflections = reflectionsOf(correlation);
  for (let i = 0; i < orderMade; i++) {
    // RFC 3389 §3.2: k = 258 · (N − 127) / 32,768.
    const quantised = Math.round(((reflections[i] as number) * 32_768) / 258) + 127;
    out[outOffset + 1 + i] = Math.max(0, Math.min(254, quantised));
  }
  return 1 + orderMade;
}

/** Makes the noise that payloads describe; one per stream. Needs no chance from outside but a seed. */
export class ComfortNoise {
  readonly #reflections = new Float64Array(orderMax);
  /** Memory of the lattice filter. */
  readonly #backward = new Float64Array(orderMax + 1);
  #order = 0;
  #rms = 0;
  #state: number;

  /** @param seed any number; streams with different seeds have different noise */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Obeys the payload `bytes[start, end)`; an empty one changes nothing, coefficients beyond the twelfth are ignored. */
  describe(bytes: Uint8Array, start: number, end: number): void {
    if (end <= start) return;
    const dbov = (bytes[start] as number) & 0x7f;
    this.#order = Math.min(orderMax, end - start - 1);
    let gain = 1;
    for (let i = 0; i < this.#order; i++) {
      const index = Math.min(254, bytes[start + 1 + i] as number);
      const reflection = Math.max(-0.98, Math.min(0.98, (258 * (index - 127)) / 32_768));
      this.#reflections[i] = reflection;
      gain *= 1 - reflection * reflection;
    }
    // White noise that passes the filter becomes louder by the inverse of this.
    this.#rms = dbov >= quietestDbov ? 0 : overload * 10 ** (-dbov / 20) * Math.sqrt(gain);
  }

  /** Writes `length` samples of noise. */
  make(out: Int16Array, offset: number, length: number): void {
    for (let i = 0; i < length; i++) {
      const sample = this.#filter(this.#rms * this.#white());
      out[offset + i] = sample > 32_767 ? 32_767 : sample < -32_768 ? -32_768 : Math.round(sample);
    }
  }

  /** Evenly distributed with a root mean square of 1. */
  #white(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return (this.#state / 2 ** 31 - 1) * Math.sqrt(3);
  }

  /** All-pole lattice. */
  #filter(input: number): number {
    const backward = this.#backward;
    let forward = input;
    for (let i = this.#order - 1; i >= 0; i--) {
      const reflection = this.#reflections[i] as number;
      const before = backward[i] as number;
      forward -= reflection * before;
      backward[i + 1] = before + reflection * forward;
    }
    backward[0] = forward;
    return forward;
  }
}

function autocorrelation(pcm: Int16Array, offset: number, length: number): Float64Array {
  const result = new Float64Array(orderMade + 1);
  for (let lag = 0; lag <= orderMade; lag++) {
    let sum = 0;
    for (let i = lag; i < length; i++) sum += (pcm[offset + i] as number) * (pcm[offset + i - lag] as number);
    result[lag] = sum;
  }
  return result;
}

/** Levinson and Durbin: from correlations to the reflection coefficients of the predictor. */
function reflectionsOf(correlation: Float64Array): Float64Array {
  const reflections = new Float64Array(orderMade);
  const predictor = new Float64Array(orderMade + 1);
  // A little white noise keeps a pure tone from making the filter ring for ever.
  let error = (correlation[0] as number) * 1.0001;
  for (let i = 1; i <= orderMade; i++) {
    let sum = correlation[i] as number;
    for (let j = 1; j < i; j++) sum += (predictor[j] as number) * (correlation[i - j] as number);
    const reflection = -sum / error;
    reflections[i - 1] = reflection;
    const before = Float64Array.from(predictor);
    for (let j = 1; j < i; j++) predictor[j] = (before[j] as number) + reflection * (before[i - j] as number);
    predictor[i] = reflection;
    error *= 1 - reflection * reflection;
  }
  return reflections;
}
