import { amplitudeOf, sampleRateHz } from '@crosspoint/media';
import { around, clamp, pick, type Random, whole } from './chance.ts';

/**
 * A voice that says nothing: glottal pulses through three resonators (a formant synthesiser after Klatt 1980, much
 * reduced), in syllables, words and phrases of human length. It is no language, but it has pitch, melody and pauses, so
 * that a waveform looks and a recording sounds like somebody talking.
 */

/** Formants of vowels of a male voice in Hz (after Peterson and Barney 1952). */
const vowels: readonly (readonly [number, number, number])[] = [
  [730, 1090, 2440],
  [530, 1840, 2480],
  [270, 2290, 3010],
  [570, 840, 2410],
  [300, 870, 2240],
  [660, 1720, 2410],
];
const bandwidthsHz = [80, 100, 150] as const;
const levelDbm0 = -9;
/** A phrase is not louder than this share of the time: the rest is breath. */
const packetSamples = 160;

/** Two-pole filter of one formant (Klatt 1980, equation 1): the state is kept while the formant moves. */
class Resonator {
  #last = 0;
  #beforeLast = 0;

  filter(input: number, frequencyHz: number, bandwidthHz: number): number {
    const radius = Math.exp((-Math.PI * bandwidthHz) / sampleRateHz);
    const c = -radius * radius;
    const b = 2 * radius * Math.cos((2 * Math.PI * frequencyHz) / sampleRateHz);
    const output = (1 - b - c) * input + b * this.#last + c * this.#beforeLast;
    this.#beforeLast = this.#last;
    this.#last = output;
    return output;
  }
}

type Syllable = {
  consonantSamples: number;
  isNoisy: boolean;
  vowelSamples: number;
  formants: readonly number[];
};

/**
 * Speech-like sound of about `seconds` (0.5–60), 16-bit linear at 8,000 Hz, whole packets of 20 ms long and silent at
 * both ends, so that it can be repeated.
 *
 * @param pitchHz fundamental frequency, 80–300
 */
export function synthesizeVoice(random: Random, pitchHz: number, seconds: number): Int16Array {
  const total = Math.ceil((seconds * sampleRateHz) / packetSamples) * packetSamples;
  const raw = new Float32Array(total);
  // Smaller heads have higher formants; the pitch tells roughly how small.
  const scale = pitchHz > 160 ? 1.14 : 1;
  const resonators = bandwidthsHz.map(() => new Resonator());
  let at = Math.round(0.05 * sampleRateHz);
  for (;;) {
    const phrase = drawPhrase(random, scale);
    const samples = phrase.reduce(
      (sum, { consonantSamples, vowelSamples }) => sum + consonantSamples + vowelSamples,
      0,
    );
    if (at + samples > total - packetSamples) break;
    speakPhrase(raw, at, phrase, pitchHz * random.uniform(0.95, 1.08), random, resonators);
    at += samples + Math.round(random.uniform(0.18, 0.5) * sampleRateHz);
  }
  return normalized(raw);
}

function drawPhrase(random: Random, scale: number): Syllable[] {
  return Array.from({ length: whole(random, 3, 9) }, () => ({
    consonantSamples: Math.round(random.uniform(0.03, 0.08) * sampleRateHz),
    isNoisy: random.chance(0.45),
    vowelSamples: Math.round(clamp(around(random, 0.13, 0.3), 0.07, 0.28) * sampleRateHz),
    formants: pick(random, vowels).map((frequency) => Math.min(3_600, frequency * scale)),
  }));
}

function speakPhrase(
  raw: Float32Array,
  start: number,
  phrase: readonly Syllable[],
  pitchHz: number,
  random: Random,
  resonators: readonly Resonator[],
): void {
  let at = start;
  let phase = 0;
  let formants = phrase[0]?.formants ?? [];
  for (const [index, syllable] of phrase.entries()) {
    // Pitch falls over a phrase, and each syllable moves it a little.
    const pitch = pitchHz * (1.12 - (0.24 * index) / phrase.length) * random.uniform(0.96, 1.06);
    const length = syllable.consonantSamples + syllable.vowelSamples;
    for (let sample = 0; sample < length; sample += 1) {
      const inVowel = sample - syllable.consonantSamples;
      phase = (phase + pitch / sampleRateHz) % 1;
      // A pulse of the vocal folds: a quick opening, a closure, and nothing for the rest of the cycle.
      const pulse = phase < 0.4 ? Math.sin((Math.PI * phase) / 0.4) ** 2 - 0.3 : -0.12;
      const noise = (random.unit() - 0.5) * (inVowel < 0 && syllable.isNoisy ? 0.5 : 0.03);
      const voiced = pulse * vowelEnvelope(inVowel, syllable.vowelSamples);
      // Formants glide, because a tongue cannot jump.
      formants = formants.map((now, i) => now + ((syllable.formants[i] ?? now) - now) * 0.006);
      let sound = voiced + noise;
      for (const [i, resonator] of resonators.entries()) {
        sound = resonator.filter(sound, formants[i] ?? 500, bandwidthsHz[i] ?? 100);
      }
      raw[at] = sound;
      at += 1;
    }
  }
}

/** Rises in 25 ms, falls over the last 60; zero outside of the vowel. */
function vowelEnvelope(sample: number, length: number): number {
  if (sample < 0) return 0;
  return Math.min(1, sample / (0.025 * sampleRateHz), (length - sample) / (0.06 * sampleRateHz));
}

function normalized(raw: Float32Array): Int16Array {
  let peak = 0;
  for (const value of raw) peak = Math.max(peak, Math.abs(value));
  const factor = peak === 0 ? 0 : amplitudeOf(levelDbm0) / peak;
  return Int16Array.from(raw, (value) => Math.round(value * factor));
}
