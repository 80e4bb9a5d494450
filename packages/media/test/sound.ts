import { amplitudeOf, dtmfFrequenciesHz, sampleRateHz } from '../src/tones.ts';

/** A repeatable source of numbers in [0, 1) (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

const gaussian = (random: () => number) =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

const clip = (value: number) => Math.max(-32_768, Math.min(32_767, Math.round(value)));
const samplesOf = (ms: number) => Math.round((ms * sampleRateHz) / 1000);

export function silence(ms: number): Int16Array {
  return new Int16Array(samplesOf(ms));
}

/** White noise of a level that is measured like `levelDbm0`. */
export function noise(ms: number, level: number, seed = 1): Int16Array {
  const random = randomOf(seed);
  const deviation = amplitudeOf(level) / Math.SQRT2;
  return Int16Array.from({ length: samplesOf(ms) }, () => clip(deviation * gaussian(random)));
}

export function joined(...pieces: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Sum of two sounds; the shorter one ends in silence. */
export function mixed(a: Int16Array, b: Int16Array): Int16Array {
  return Int16Array.from({ length: Math.max(a.length, b.length) }, (_, i) => clip((a[i] ?? 0) + (b[i] ?? 0)));
}

export interface KeyTone {
  digit: string;
  ms: number;
  /** Level of the row. */
  level?: number;
  /** How much the column is above the row. */
  twistDb?: number;
  /** Relative deviation of row and column. */
  deviation?: readonly [number, number];
  phase?: number;
}

/** A digit as a bad telephone sends it, switched on and off without a ramp. */
export function keyTone({
  digit,
  ms,
  level = -10,
  twistDb = 0,
  deviation = [0, 0],
  phase = 0,
}: KeyTone): Int16Array {
  const [rowHz, columnHz] = dtmfFrequenciesHz(digit) as [number, number];
  const row = amplitudeOf(level);
  const column = amplitudeOf(level + twistDb);
  return Int16Array.from({ length: samplesOf(ms) }, (_, i) => {
    const angle = (2 * Math.PI * i) / sampleRateHz;
    return clip(
      row * Math.sin(angle * rowHz * (1 + deviation[0]) + phase) +
        column * Math.sin(angle * columnHz * (1 + deviation[1]) + 2 * phase),
    );
  });
}

/** First three formants of vowels of many voices, Hz. */
const vowels = [
  [730, 1090, 2440],
  [270, 2290, 3010],
  [300, 870, 2240],
  [530, 1840, 2480],
  [660, 1720, 2410],
  [570, 840, 2410],
  [440, 1020, 2240],
  [850, 1220, 2810],
  [310, 2790, 3310],
  [690, 1660, 2490],
] as const;

/**
 * What resembles speech to a detector: syllables of 80–250 ms, a gliding voice through moving formants, some noise
 * between them, short pauses. Talk-off and speech detection are tested with it.
 */
export function pseudoSpeech(ms: number, seed: number, level = -16): Int16Array {
  const random = randomOf(seed);
  const out = new Float64Array(samplesOf(ms));
  let at = 0;
  while (at < out.length) {
    const length = Math.min(out.length - at, samplesOf(80 + 170 * random()));
    if (random() < 0.25) hiss(out, at, length * 0.5, random);
    else voice(out, at, length, random);
    at += length + (random() < 0.2 ? samplesOf(30 + 120 * random()) : 0);
  }
  let power = 0;
  for (const value of out) {
    power += value * value;
  }
  const scale = amplitudeOf(level) / Math.sqrt((2 * power) / out.length);
  return Int16Array.from(out, (value) => clip(value * scale));
}

function hiss(out: Float64Array, at: number, length: number, random: () => number): void {
  for (let i = 0; i < length && at + i < out.length; i++) {
    out[at + i] = 0.1 * gaussian(random) * Math.sin((Math.PI * i) / length);
  }
}

function voice(out: Float64Array, at: number, length: number, random: () => number): void {
  const from = vowels[Math.floor(random() * vowels.length)] as readonly number[];
  const to = vowels[Math.floor(random() * vowels.length)] as readonly number[];
  const pitchHz = 85 + 170 * random();
  const glide = 0.8 + 0.4 * random();
  const stretch = 0.9 + 0.3 * random();
  const resonators = from.map(() => [0, 0] as [number, number]);
  let phase = 0;
  let source = 0;
  for (let i = 0; i < length; i++) {
    const share = i / length;
    phase += (pitchHz * (1 + (glide - 1) * share)) / sampleRateHz;
    let pulse = 0.01 * gaussian(random);
    if (phase >= 1) {
      phase -= 1;
      pulse += 1;
    }
    // Glottis and lips together: 6 dB less per octave.
    source = 0.9 * source + pulse;
    let value = source;
    for (const [formant, memory] of resonators.entries()) {
      const hz = stretch * ((from[formant] as number) * (1 - share) + (to[formant] as number) * share);
      const radius = Math.exp((-Math.PI * (60 + 40 * formant)) / sampleRateHz);
      const next =
        value +
        2 * radius * Math.cos((2 * Math.PI * Math.min(hz, 3_600)) / sampleRateHz) * memory[0] -
        radius * radius * memory[1];
      memory[1] = memory[0];
      memory[0] = next;
      value = next * (1 - radius);
    }
    out[at + i] = value * Math.sin(Math.PI * share) ** 0.5;
  }
  let power = 0;
  for (let i = 0; i < length; i++) power += (out[at + i] as number) ** 2;
  // Syllables differ by a few decibels, whatever their formants amplify.
  const gain = (0.7 + 0.6 * random()) / Math.sqrt(power / length + 1e-9);
  for (let i = 0; i < length; i++) out[at + i]! *= gain;
}
