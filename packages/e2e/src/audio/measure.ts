/**
 * The share of the signal's energy that lies at one frequency, from 0 (none of it, or silence) to 1 (a pure tone),
 * by the Goertzel algorithm over the whole length given.
 */
export function toneShare(samples: Float32Array, sampleRateHz: number, frequencyHz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / sampleRateHz);
  let previous = 0;
  let beforePrevious = 0;
  let energy = 0;
  for (const sample of samples) {
    const current = sample + coefficient * previous - beforePrevious;
    beforePrevious = previous;
    previous = current;
    energy += sample * sample;
  }
  if (energy / samples.length < silenceMeanSquare) return 0;
  const power = previous ** 2 + beforePrevious ** 2 - coefficient * previous * beforePrevious;
  return (2 * power) / (samples.length * energy);
}

/** -60 dB of full scale: quieter is silence. */
const silenceMeanSquare = 1e-6;

/** What one window of a recording holds. */
export type Sounding = number | 'silence' | 'other';

const windowSeconds = 0.02;
/** A G.711 tone of 20 ms keeps well over 90 % of its energy at its frequency. */
const toneShareMin = 0.8;

/** Names each 20 ms of the signal by the tone it carries, one of `frequenciesHz`, or else as silence or other sound. */
export function soundings(
  samples: Float32Array,
  sampleRateHz: number,
  frequenciesHz: readonly number[],
): Sounding[] {
  const length = Math.round(sampleRateHz * windowSeconds);
  const result: Sounding[] = [];
  for (let start = 0; start + length <= samples.length; start += length) {
    const window = samples.subarray(start, start + length);
    if (meanSquare(window) < silenceMeanSquare) result.push('silence');
    else
      result.push(frequenciesHz.find((hz) => toneShare(window, sampleRateHz, hz) >= toneShareMin) ?? 'other');
  }
  return result;
}

function meanSquare(samples: Float32Array): number {
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  return energy / samples.length;
}

/** Seconds for which the signal carried that tone (or silence, or other sound), in windows of 20 ms. */
export function secondsOf(wanted: Sounding, heard: readonly Sounding[]): number {
  return heard.filter((sounding) => sounding === wanted).length * windowSeconds;
}
