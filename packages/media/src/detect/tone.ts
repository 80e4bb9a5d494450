import { amplitudeOf, sampleRateHz } from '../tones.ts';

/**
 * Single tones of any frequency: the beep of an answering machine, the calling and the answer tone of a fax. Every
 * 10 ms a stretch of 20 ms is asked which one frequency would explain it best (its autocorrelation at lags 1 and 2,
 * which white noise does not bias, gives a guess; the phases of its two halves the frequency), and how much of its
 * power that one has.
 */

const stretchSamples = 160;
const hopSamples = 80;
const hopMs = (hopSamples * 1000) / sampleRateHz;
/** Share of the power that one frequency must have; speech reaches it for moments only. */
const shareMin = 0.85;
/** The guess is a little less sure than the result. */
const guessShareMin = 0.7;
/** Guesses below 130 Hz and above 3,870 Hz are no tones. */
const cosineMax = 0.995;
const levelMinDbm0 = -38;
const energyMin = 0.5 * amplitudeOf(levelMinDbm0) ** 2 * stretchSamples;
/** A tone keeps its frequency this well from stretch to stretch. */
const driftMaxHz = 6;
/** Stretches in a row without the tone that end it. */
const missesToEnd = 2;

export interface ToneSpec {
  name: string;
  frequencyMinHz: number;
  frequencyMaxHz: number;
  durationMinMs: number;
  /** Longer ones are something else. Without it a tone is reported as soon as it has lasted its minimum. */
  durationMaxMs?: number;
}

/** Beep of an answering machine. Below 500 Hz lie the tones of the network (425 and 440 Hz). */
export const beepTone: ToneSpec = {
  name: 'beep',
  frequencyMinHz: 500,
  frequencyMaxHz: 2_600,
  durationMinMs: 100,
  durationMaxMs: 2_500,
};
/** Calling tone of a fax, CNG: 1,100 ± 38 Hz, 0.5 s ± 15 % (ITU-T T.30 §4.3.3.1), and what measuring adds. */
export const faxCallingTone: ToneSpec = {
  name: 'fax-calling',
  frequencyMinHz: 1_055,
  frequencyMaxHz: 1_145,
  durationMinMs: 410,
  durationMaxMs: 600,
};
/** Answer tone of a fax or modem, CED or ANSam: 2,100 ± 15 Hz (ITU-T T.30 §4.3.3.2, V.8 §3), turned each 450 ms. */
export const faxAnswerTone: ToneSpec = {
  name: 'fax-answer',
  frequencyMinHz: 2_075,
  frequencyMaxHz: 2_125,
  durationMinMs: 350,
};

export interface ToneEvent {
  type: 'tone';
  name: string;
  frequencyHz: number;
  /** Where it began, in milliseconds since the detector's first sample; within 10 ms. */
  atMs: number;
  /** Within 20 ms; of a tone without a maximum: so far. */
  durationMs: number;
}

const nothing: readonly ToneEvent[] = [];

/** Detects the tones of a list in one stream of 8,000 Hz sound; a tone that fits several has the first one's name. */
export class ToneDetector {
  readonly #specs: readonly ToneSpec[];
  readonly #stretch = new Float64Array(stretchSamples);
  #filled = 0;
  /** Stretches analysed. */
  #count = 0;
  #frequencyHz = 0;
  #firstCount = 0;
  #lastCount = 0;
  #frequencySum = 0;
  #hits = 0;
  #isReported = false;

  constructor(specs: readonly ToneSpec[]) {
    this.#specs = specs;
  }

  /** True while a tone sounds that may turn out to be one of the list. */
  get isTone(): boolean {
    return this.#hits >= 3;
  }

  /** Takes the samples `[start, end)`; returns the tones that were recognised in them. */
  process(samples: Int16Array, start = 0, end = samples.length): readonly ToneEvent[] {
    let events = nothing as ToneEvent[];
    for (let at = start; at < end; ) {
      const count = Math.min(end - at, stretchSamples - this.#filled);
      for (let i = 0; i < count; i++) this.#stretch[this.#filled + i] = samples[at + i] as number;
      this.#filled += count;
      at += count;
      if (this.#filled < stretchSamples) break;
      const event = this.#follow(toneFrequencyHz(this.#stretch));
      if (event !== undefined) {
        if (events.length === 0) events = [];
        events.push(event);
      }
      this.#stretch.copyWithin(0, hopSamples);
      this.#filled = stretchSamples - hopSamples;
    }
    return events;
  }

  #follow(frequencyHz: number): ToneEvent | undefined {
    const count = this.#count++;
    const isSame = this.#hits > 0 && Math.abs(frequencyHz - this.#frequencyHz) <= driftMaxHz;
    let ended: ToneEvent | undefined;
    if (this.#hits > 0 && !isSame) {
      const isOver = frequencyHz > 0 || count - this.#lastCount >= missesToEnd;
      if (!isOver) return undefined;
      ended = this.#isReported ? undefined : this.#recognise(true);
      this.#hits = 0;
      this.#isReported = false;
    }
    if (frequencyHz === 0) return ended;
    if (this.#hits === 0) {
      this.#firstCount = count;
      this.#frequencySum = 0;
    }
    this.#hits++;
    this.#frequencySum += frequencyHz;
    this.#frequencyHz = frequencyHz;
    this.#lastCount = count;
    if (ended !== undefined || this.#isReported) return ended;
    const running = this.#recognise(false);
    this.#isReported = running !== undefined;
    return running;
  }

  #recognise(hasEnded: boolean): ToneEvent | undefined {
    const frequencyHz = this.#frequencySum / this.#hits;
    const durationMs = (this.#lastCount - this.#firstCount + 2) * hopMs;
    const atMs = this.#firstCount * hopMs;
    for (const spec of this.#specs) {
      const { durationMinMs, durationMaxMs } = spec;
      if (hasEnded !== (durationMaxMs !== undefined)) continue;
      if (frequencyHz < spec.frequencyMinHz || frequencyHz > spec.frequencyMaxHz) continue;
      if (durationMs < durationMinMs || durationMs > (durationMaxMs ?? Number.POSITIVE_INFINITY)) continue;
      return { type: 'tone', name: spec.name, frequencyHz: Math.round(frequencyHz), atMs, durationMs };
    }
    return undefined;
  }
}

/** The frequency that holds at least `shareMin` of the power; 0 when there is none or the sound is too quiet. */
function toneFrequencyHz(stretch: Float64Array): number {
  let energy = 0;
  let lag1 = 0;
  let lag2 = 0;
  let before = 0;
  let last = 0;
  for (let i = 0; i < stretchSamples; i++) {
    const sample = stretch[i] as number;
    energy += sample * sample;
    lag1 += sample * last;
    lag2 += sample * before;
    before = last;
    last = sample;
  }
  if (energy < energyMin || lag1 === 0) return 0;
  // Pisarenko's solution for one sine: the lags are P·cos ω and P·cos 2ω, P the power without the noise.
  const cosine = (lag2 + Math.sqrt(lag2 * lag2 + 8 * lag1 * lag1)) / (4 * lag1);
  if (!(Math.abs(cosine) < cosineMax) || lag1 / cosine < guessShareMin * energy) return 0;
  const refined = refine(stretch, Math.acos(cosine), energy);
  return (refined * sampleRateHz) / (2 * Math.PI);
}

/** Radians per sample of the tone near `omega`, or 0 when it holds too little of the energy. */
function refine(stretch: Float64Array, omega: number, energy: number): number {
  const half = stretchSamples / 2;
  const step = 2 * Math.cos(omega);
  const first = correlate(stretch, 0, half, omega, step);
  const firstReal = first.real;
  const firstImaginary = first.imaginary;
  const second = correlate(stretch, half, stretchSamples, omega, step);
  // Each half is measured against its own beginning; the tone has turned by half · ω between them.
  const turned = Math.atan2(
    second.imaginary * firstReal - second.real * firstImaginary,
    second.real * firstReal + second.imaginary * firstImaginary,
  );
  const beyond = turned - omega * half;
  const phase = beyond - 2 * Math.PI * Math.round(beyond / (2 * Math.PI));
  const refined = omega + phase / half;
  const { real, imaginary } = correlate(stretch, 0, stretchSamples, refined, 2 * Math.cos(refined));
  const share = (2 * (real * real + imaginary * imaginary)) / (stretchSamples * energy);
  return share >= shareMin ? refined : 0;
}

/** Filled by each `correlate`, so that none allocates. */
const correlation = { real: 0, imaginary: 0 };

/** Σ x[i]·e^(−jω(i − start)), the exponentials by their recursion. */
function correlate(
  stretch: Float64Array,
  start: number,
  end: number,
  omega: number,
  step: number,
): typeof correlation {
  let cosine = 1;
  let formerCosine = Math.cos(omega);
  let sine = 0;
  let formerSine = -Math.sin(omega);
  let real = 0;
  let imaginary = 0;
  for (let i = start; i < end; i++) {
    const sample = stretch[i] as number;
    real += sample * cosine;
    imaginary -= sample * sine;
    const nextCosine = step * cosine - formerCosine;
    formerCosine = cosine;
    cosine = nextCosine;
    const nextSine = step * sine - formerSine;
    formerSine = sine;
    sine = nextSine;
  }
  correlation.real = real;
  correlation.imaginary = imaginary;
  return correlation;
}
