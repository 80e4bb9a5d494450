import { amplitudeOf, dtmfColumnsHz, dtmfKeys, dtmfRowsHz, sampleRateHz } from '../tones.ts';

/**
 * In-band digits (ITU-T Q.23, Q.24) in 8,000 Hz sound. Every 5 ms a Hann window of 20 ms is correlated with the
 * eight frequencies. A window is a hit when one row and one column hold nearly all of its power, when neither is
 * too far above the other, and when both turn at their own frequency, which the phase from one window to the next
 * tells within a few hertz. The share of power also tells whole windows from partly filled ones, so that counting
 * hits measures the length of a digit.
 */

const windowSamples = 160;
const hopSamples = 40;
const hopMs = (hopSamples * 1000) / sampleRateHz;
const toneCount = 8;

/** Hits in a row that make a digit: tones of 34 ms and more give at least as many, those of 26 ms and less fewer. */
const hitsToStart = 5;
/** Windows without the digit after which it is said to have ended: the caller waits for the answer. */
const missesToEnd = 3;
/** Windows without the digit after which the same one is another: gaps up to 15 ms are bridged, pauses of 30 ms separate. */
const missesToPart = 5;
/** A run of hits is this much shorter than its tone. */
const unseenMs = 11;
/** Share of the power that both tones together must have: 1 for clean tones, 0.97 at 15 dB above noise. */
const powerShareMin = 0.74;
/**
 * Windows in a row that must be purer than that and keep the level of both tones: telephones do, while voices that
 * hit two frequencies for a moment swell and glide.
 */
const steadyToStart = 3;
const steadyShareMin = 0.9;
const steadyChangeMax = 10 ** (1.2 / 10);
/** How much the column may be above the row, and below it; Q.24 demands +4 and −8 dB. */
const twistMax = 10 ** (6.5 / 10);
const reverseTwistMax = 10 ** (10.5 / 10);
/** Between the ±1.5 % that must be taken and the ±3.5 % that must not. */
const deviationMax = 0.025;
/** Each tone's lowest level; Q.24 demands −25 dBm0. */
const levelMinDbm0 = -36;

const frequenciesHz = [...dtmfRowsHz, ...dtmfColumnsHz];

/** Window times cosine, and window times minus sine, of each frequency. */
const cosines = correlator(Math.cos);
const sines = correlator((angle) => -Math.sin(angle));
/** Phase that each frequency advances from one window to the next. */
const advances = frequenciesHz.map((frequency) => (2 * Math.PI * frequency * hopSamples) / sampleRateHz);
/** Weights of the samples in the power of a window, so that a sine of amplitude 1 has 0.5. */
const powerWeights = Float64Array.from(
  { length: windowSamples },
  (_, i) => hann(i) ** 2 / ((3 / 8) * windowSamples),
);
const powerMin = 0.5 * amplitudeOf(levelMinDbm0) ** 2;

function isWithin(ratio: number, factor: number): boolean {
  return ratio < factor && ratio * factor > 1;
}

function hann(i: number): number {
  return 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / windowSamples);
}

/** Scaled so that a sine of amplitude 1 gives a magnitude of 1. */
function correlator(wave: (angle: number) => number): Float64Array {
  const table = new Float64Array(toneCount * windowSamples);
  for (const [tone, frequency] of frequenciesHz.entries()) {
    for (let i = 0; i < windowSamples; i++) {
      const angle = (2 * Math.PI * frequency * i) / sampleRateHz;
      table[tone * windowSamples + i] = (4 / windowSamples) * hann(i) * wave(angle);
    }
  }
  return table;
}

export type DtmfEvent =
  | { type: 'started'; digit: string }
  /** @property durationMs of the tone, within 10 ms */
  | { type: 'ended'; digit: string; durationMs: number };

const nothing: readonly DtmfEvent[] = [];
const noKey = -1;

/** Detects digits in one stream of sound. Memory: 1 kB; nothing is allocated while no digit comes. */
export class DtmfDetector {
  readonly #window = new Float64Array(windowSamples);
  /** Samples of the window that are filled; the last `hopSamples` are gathered before each analysis. */
  #filled = 0;
  readonly #real = new Float64Array(toneCount);
  readonly #imaginary = new Float64Array(toneCount);
  readonly #formerReal = new Float64Array(toneCount);
  readonly #formerImaginary = new Float64Array(toneCount);
  /** Whether the former window had enough sound for its phases to mean anything. */
  #hasFormer = false;
  #candidate = noKey;
  #hits = 0;
  /** Power of row and column in the former window, and windows since they changed. */
  #rowPower = 0;
  #columnPower = 0;
  #steady = 0;
  #active = noKey;
  #misses = 0;
  #activeWindows = 0;
  /** Whether the end of the active digit was told, which then only waits for what a gap would hide. */
  #hasEnded = false;

  /** The digit that sounds; undefined between digits. */
  get activeDigit(): string | undefined {
    return this.#active === noKey || this.#hasEnded ? undefined : dtmfKeys[this.#active];
  }

  /**
   * Takes the samples `[start, end)` and returns what began and ended in them; a digit begins 35–40 ms after its
   * first sample and ends 15–20 ms after its last.
   */
  process(samples: Int16Array, start = 0, end = samples.length): readonly DtmfEvent[] {
    let events = nothing as DtmfEvent[];
    let at = start;
    while (at < end) {
      const count = Math.min(end - at, windowSamples - this.#filled);
      for (let i = 0; i < count; i++) this.#window[this.#filled + i] = samples[at + i] as number;
      at += count;
      this.#filled += count;
      if (this.#filled < windowSamples) break;
      const key = this.#analyse();
      const event = this.#follow(key);
      if (event !== undefined) {
        if (events.length === 0) events = [];
        events.push(event);
      }
      this.#window.copyWithin(0, hopSamples);
      this.#filled = windowSamples - hopSamples;
    }
    return events;
  }

  /** Ends a digit that sounds, where the stream ends or changes; the sound before is forgotten. */
  reset(): DtmfEvent | undefined {
    const event = this.activeDigit === undefined ? undefined : this.#end();
    this.#active = noKey;
    this.#filled = 0;
    this.#hasFormer = false;
    this.#candidate = noKey;
    this.#hits = 0;
    return event;
  }

  /** The key of a hit, or `noKey`. */
  #analyse(): number {
    const window = this.#window;
    let power = 0;
    for (let i = 0; i < windowSamples; i++) {
      const sample = window[i] as number;
      power += sample * sample * (powerWeights[i] as number);
    }
    if (power < powerMin) {
      this.#hasFormer = false;
      return noKey;
    }
    this.#formerReal.set(this.#real);
    this.#formerImaginary.set(this.#imaginary);
    for (let tone = 0; tone < toneCount; tone++) this.#correlate(tone);
    const hadFormer = this.#hasFormer;
    this.#hasFormer = true;
    if (!hadFormer) return noKey;
    const row = this.#strongest(0);
    const column = this.#strongest(4);
    const rowPower = this.#powerOf(row);
    const columnPower = this.#powerOf(column);
    if (rowPower < powerMin || columnPower < powerMin) return noKey;
    if (columnPower > rowPower * twistMax || rowPower > columnPower * reverseTwistMax) return noKey;
    const share = (rowPower + columnPower) / power;
    if (share < powerShareMin) return noKey;
    this.#judgeSteadiness(rowPower, columnPower, share);
    return row * 4 + (column - 4);
  }

  #judgeSteadiness(rowPower: number, columnPower: number, share: number): void {
    const isSteady =
      share >= steadyShareMin &&
      isWithin(rowPower / this.#rowPower, steadyChangeMax) &&
      isWithin(columnPower / this.#columnPower, steadyChangeMax);
    this.#steady = isSteady ? this.#steady + 1 : 0;
    this.#rowPower = rowPower;
    this.#columnPower = columnPower;
  }

  #correlate(tone: number): void {
    const window = this.#window;
    const base = tone * windowSamples;
    let real = 0;
    let imaginary = 0;
    for (let i = 0; i < windowSamples; i++) {
      const sample = window[i] as number;
      real += sample * (cosines[base + i] as number);
      imaginary += sample * (sines[base + i] as number);
    }
    this.#real[tone] = real;
    this.#imaginary[tone] = imaginary;
  }

  #strongest(first: number): number {
    let best = first;
    for (let tone = first + 1; tone < first + 4; tone++) {
      if (this.#magnitude(tone) > this.#magnitude(best)) best = tone;
    }
    return best;
  }

  #magnitude(tone: number): number {
    return (this.#real[tone] as number) ** 2 + (this.#imaginary[tone] as number) ** 2;
  }

  /** Power of a tone near a frequency, made good for being beside it; 0 when it is too far beside. */
  #powerOf(tone: number): number {
    const real = this.#real[tone] as number;
    const imaginary = this.#imaginary[tone] as number;
    const formerReal = this.#formerReal[tone] as number;
    const formerImaginary = this.#formerImaginary[tone] as number;
    const turned = Math.atan2(
      imaginary * formerReal - real * formerImaginary,
      real * formerReal + imaginary * formerImaginary,
    );
    const beyond = turned - (advances[tone] as number);
    const phase = beyond - 2 * Math.PI * Math.round(beyond / (2 * Math.PI));
    const deviationHz = (phase * sampleRateHz) / (2 * Math.PI * hopSamples);
    if (Math.abs(deviationHz) > deviationMax * (frequenciesHz[tone] as number)) return 0;
    // How much a Hann window weakens what is x bins beside.
    const x = (deviationHz * windowSamples) / sampleRateHz;
    const response = Math.abs(x) < 1e-3 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x * (1 - x * x));
    return (0.5 * this.#magnitude(tone)) / (response * response);
  }

  #follow(key: number): DtmfEvent | undefined {
    if (key === noKey || key !== this.#candidate) {
      this.#candidate = key;
      this.#hits = 0;
      this.#steady = 0;
    }
    if (key !== noKey) this.#hits++;
    if (this.#active !== noKey) {
      this.#activeWindows++;
      this.#misses = key === this.#active ? 0 : this.#misses + 1;
      if (this.#misses >= missesToPart) this.#active = noKey;
      return this.#misses >= missesToEnd && !this.#hasEnded ? this.#end() : undefined;
    }
    if (key === noKey || this.#hits < hitsToStart || this.#steady < steadyToStart) return undefined;
    this.#active = key;
    this.#hasEnded = false;
    this.#misses = 0;
    this.#activeWindows = this.#hits;
    return { type: 'started', digit: dtmfKeys[key] as string };
  }

  #end(): DtmfEvent {
    const digit = dtmfKeys[this.#active] as string;
    const durationMs = (this.#activeWindows - this.#misses) * hopMs + unseenMs;
    this.#hasEnded = true;
    return { type: 'ended', digit, durationMs };
  }
}
