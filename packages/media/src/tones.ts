/** Tones: making them and measuring them. All sound is 16-bit linear at 8,000 Hz unless a rate is given. */

export const sampleRateHz = 8000;

/** Level of a full-scale sine in µ-law (ITU-T G.711 §1, +3.17 dBm0); the scale of every level here. */
const fullScaleDbm0 = 3.17;

/** Peak amplitude of a sine of `levelDbm0`, −60 … +3 dBm0. */
export function amplitudeOf(levelDbm0: number): number {
  return 32_767 * 10 ** ((levelDbm0 - fullScaleDbm0) / 20);
}

/** Length of the rise and fall that keeps a tone from clicking, in samples (4 ms). */
const rampSamples = 32;

export interface ToneOptions {
  /** 1–4 frequencies of 20–3,900 Hz, added together. */
  frequenciesHz: readonly number[];
  /** Level of each frequency, −60 … 0 dBm0. */
  levelDbm0: number;
  /** 10–60,000 ms. */
  onMs: number;
  /** Silence behind it, 0–60,000 ms. */
  offMs?: number;
}

/**
 * One period of a cadence: the tone, then silence. With `offMs` the edges are smoothed. Without it the period is
 * meant to be repeated; it then holds whole cycles when `onMs · f / 1000` is whole for every frequency.
 * Throws RangeError naming the field.
 */
export function synthesizeTone(options: ToneOptions): Int16Array {
  const { frequenciesHz, levelDbm0, onMs, offMs = 0 } = options;
  const count = frequenciesHz.length;
  if (count < 1 || count > 4) throw new RangeError(`frequenciesHz: 1–4 frequencies, not ${count}`);
  for (const frequency of frequenciesHz) requireRange('frequenciesHz', frequency, 20, 3_900);
  requireRange('levelDbm0', levelDbm0, -60, 0);
  requireRange('onMs', onMs, 10, 60_000);
  requireRange('offMs', offMs, 0, 60_000);
  const onSamples = Math.round((onMs * sampleRateHz) / 1000);
  const samples = new Int16Array(onSamples + Math.round((offMs * sampleRateHz) / 1000));
  const amplitude = Math.min(amplitudeOf(levelDbm0), 32_767 / count);
  for (let i = 0; i < onSamples; i++) {
    let sum = 0;
    for (const frequency of frequenciesHz) sum += Math.sin((2 * Math.PI * frequency * i) / sampleRateHz);
    const edge = offMs > 0 ? Math.min(1, i / rampSamples, (onSamples - i) / rampSamples) : 1;
    samples[i] = Math.round(amplitude * edge * sum);
  }
  return samples;
}

function requireRange(field: string, value: number, min: number, max: number): void {
  if (!(value >= min && value <= max)) throw new RangeError(`${field}: ${min}–${max}, not ${value}`);
}

/** Ringback tone of the European plan (425 Hz, 1 s on, 4 s off; ETSI TR 101 041-1), one period. */
export function synthesizeRingback(): Int16Array {
  return synthesizeTone({ frequenciesHz: [425], levelDbm0: -12, onMs: 1000, offMs: 4000 });
}

/** Frequencies of the rows and columns of the keypad (ITU-T Q.23). */
export const dtmfRowsHz = [697, 770, 852, 941];
export const dtmfColumnsHz = [1209, 1336, 1477, 1633];
/** The keys, row by row. */
export const dtmfKeys = '123A456B789C*0#D';

/** The two frequencies of a digit (ITU-T Q.23); undefined when it is none of 0-9, *, #, A-D. */
export function dtmfFrequenciesHz(digit: string): [number, number] | undefined {
  const key = digit.length === 1 ? dtmfKeys.indexOf(digit.toUpperCase()) : -1;
  if (key < 0) return undefined;
  return [dtmfRowsHz[key >> 2] as number, dtmfColumnsHz[key & 3] as number];
}

/**
 * Level of one frequency in dBm0 by Goertzel's algorithm; −Infinity for exact silence. The result is exact when
 * the stretch holds whole cycles; the resolution is `rateHz / samples.length`.
 */
export function toneLevelDbm0(
  samples: ArrayLike<number>,
  frequencyHz: number,
  rateHz = sampleRateHz,
  start = 0,
  end = samples.length,
): number {
  const count = end - start;
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / rateHz);
  let last = 0;
  let beforeLast = 0;
  for (let i = start; i < end; i++) {
    const value = (samples[i] as number) + coefficient * last - beforeLast;
    beforeLast = last;
    last = value;
  }
  const power = last * last + beforeLast * beforeLast - coefficient * last * beforeLast;
  const amplitude = (2 * Math.sqrt(Math.max(0, power))) / count;
  return fullScaleDbm0 + 20 * Math.log10(amplitude / 32_767);
}

/** Mean level in dBm0 over all frequencies (root mean square); −Infinity for exact silence. */
export function levelDbm0(samples: ArrayLike<number>, start = 0, end = samples.length): number {
  let sum = 0;
  for (let i = start; i < end; i++) sum += (samples[i] as number) ** 2;
  const amplitude = Math.sqrt((2 * sum) / (end - start));
  return fullScaleDbm0 + 20 * Math.log10(amplitude / 32_767);
}
