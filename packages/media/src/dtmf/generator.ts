import { amplitudeOf, dtmfFrequenciesHz, dtmfKeys, sampleRateHz } from '../tones.ts';

/** Level of the lower frequency (ETSI ES 201 235-2 §4.2.3 and its national values: −11 dBm0 ± 2.5). */
const rowLevelDbm0 = -11;
/** The higher one is sent 2 dB above it: lines weaken it more. */
const columnLevelDbm0 = -9;
/** Rise and fall (ES 201 235-2 §4.2.6: at most 5 ms). */
const rampSamples = 24;

export interface DtmfGeneratorOptions {
  /** 40–5,000 ms; 100 when absent. */
  durationMs?: number;
  /** Pause behind each digit, 40–5,000 ms; 100 when absent. */
  pauseMs?: number;
  /** Added to both levels, −20 … +3 dB; 0 when absent. */
  gainDb?: number;
}

/**
 * Produces a row of digits as 8,000 Hz sound, piece by piece into the caller's buffer, for legs that have not
 * negotiated telephone events (ITU-T Q.23).
 */
export class DtmfGenerator {
  readonly #digits: string;
  readonly #toneSamples: number;
  readonly #digitSamples: number;
  readonly #rowAmplitude: number;
  readonly #columnAmplitude: number;
  #at = 0;

  /** @param digits 1–32 of `0-9*#A-D`; throws RangeError naming the field and the value */
  constructor(digits: string, options: DtmfGeneratorOptions = {}) {
    if (digits.length < 1 || digits.length > 32)
      throw new RangeError(`digits: 1–32 digits, not ${digits.length}`);
    for (const digit of digits) {
      if (dtmfFrequenciesHz(digit) === undefined)
        throw new RangeError(`digits: ${JSON.stringify(digit)} is none of ${dtmfKeys}`);
    }
    const { durationMs = 100, pauseMs = 100, gainDb = 0 } = options;
    requireRange('durationMs', durationMs, 40, 5_000);
    requireRange('pauseMs', pauseMs, 40, 5_000);
    requireRange('gainDb', gainDb, -20, 3);
    this.#digits = digits;
    this.#toneSamples = Math.round((durationMs * sampleRateHz) / 1000);
    this.#digitSamples = this.#toneSamples + Math.round((pauseMs * sampleRateHz) / 1000);
    this.#rowAmplitude = amplitudeOf(rowLevelDbm0 + gainDb);
    this.#columnAmplitude = amplitudeOf(columnLevelDbm0 + gainDb);
  }

  /** Length of the whole row with its pauses. */
  get totalSamples(): number {
    return this.#digits.length * this.#digitSamples;
  }

  /** Fills `target[start, end)`; returns how many samples it wrote, fewer only at the end of the row. */
  fill(target: Int16Array, start = 0, end = target.length): number {
    const count = Math.min(end - start, this.totalSamples - this.#at);
    for (let i = 0; i < count; i++) target[start + i] = this.#sample(this.#at + i);
    this.#at += count;
    return count;
  }

  #sample(at: number): number {
    const place = at % this.#digitSamples;
    if (place >= this.#toneSamples) return 0;
    const digit = this.#digits[Math.floor(at / this.#digitSamples)] as string;
    const [rowHz, columnHz] = dtmfFrequenciesHz(digit) as [number, number];
    const angle = (2 * Math.PI * place) / sampleRateHz;
    const edge = Math.min(1, (place + 1) / rampSamples, (this.#toneSamples - place) / rampSamples);
    return Math.round(
      edge *
        (this.#rowAmplitude * Math.sin(rowHz * angle) + this.#columnAmplitude * Math.sin(columnHz * angle)),
    );
  }
}

function requireRange(field: string, value: number, min: number, max: number): void {
  if (!(value >= min && value <= max)) throw new RangeError(`${field}: ${min}–${max}, not ${value}`);
}
