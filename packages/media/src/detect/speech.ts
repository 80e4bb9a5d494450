import { levelDbm0, sampleRateHz } from '../tones.ts';

/**
 * Speech or silence by the level against a noise floor that follows the line. The floor is the lowest level of the
 * last 1.6 s: speech always dips to it within that time, while steady noise, a tone or a hum becomes the floor
 * itself and counts as silence from then on.
 */

const frameSamples = 80;
const frameMs = (frameSamples * 1000) / sampleRateHz;
const floorFrames = 20;
const floorWindows = 8;
/** The floor is never taken to be below or above these: a line without any noise, and speech without a pause. */
const floorMinDbm0 = -58;
const floorMaxDbm0 = -38;

export interface SpeechDetectorOptions {
  /** How far above the floor speech is, 3–30 dB; 10 when absent. */
  marginDb?: number;
  /** Shorter sounds are clicks, 10–500 ms; 40 when absent. */
  onsetMs?: number;
  /** Shorter silences are pauses within speech, 20–10,000 ms; 300 when absent. */
  hangoverMs?: number;
}

/** @property atMs where it truly began, in milliseconds since the detector's first sample; known a little later */
export interface SpeechEvent {
  type: 'speech' | 'silence';
  atMs: number;
}

const nothing: readonly SpeechEvent[] = [];

/** Detects speech in one stream of 8,000 Hz sound. Allocates only where speech begins or ends. */
export class SpeechDetector {
  readonly #marginDb: number;
  readonly #onsetFrames: number;
  readonly #hangoverFrames: number;
  readonly #frame = new Int16Array(frameSamples);
  #filled = 0;
  #frames = 0;
  #levelDbm0 = Number.NEGATIVE_INFINITY;
  readonly #floors = new Float64Array(floorWindows).fill(floorMaxDbm0);
  #isSpeech = false;
  /** Frames in a row that speak against the present state. */
  #against = 0;

  /** Throws RangeError naming field and value. */
  constructor(options: SpeechDetectorOptions = {}) {
    const { marginDb = 10, onsetMs = 40, hangoverMs = 300 } = options;
    requireRange('marginDb', marginDb, 3, 30);
    requireRange('onsetMs', onsetMs, 10, 500);
    requireRange('hangoverMs', hangoverMs, 20, 10_000);
    this.#marginDb = marginDb;
    this.#onsetFrames = Math.ceil(onsetMs / frameMs);
    this.#hangoverFrames = Math.ceil(hangoverMs / frameMs);
  }

  get isSpeech(): boolean {
    return this.#isSpeech;
  }

  /** Sound that was analysed so far. */
  get elapsedMs(): number {
    return this.#frames * frameMs;
  }

  /** Level of the last 10 ms. */
  get levelDbm0(): number {
    return this.#levelDbm0;
  }

  get noiseFloorDbm0(): number {
    let floor = floorMaxDbm0;
    for (const level of this.#floors) floor = Math.min(floor, level);
    return Math.max(floorMinDbm0, floor);
  }

  /** Takes the samples `[start, end)`; returns what began in them, in order. */
  process(samples: Int16Array, start = 0, end = samples.length): readonly SpeechEvent[] {
    let events = nothing as SpeechEvent[];
    for (let at = start; at < end; ) {
      const count = Math.min(end - at, frameSamples - this.#filled);
      for (let i = 0; i < count; i++) this.#frame[this.#filled + i] = samples[at + i] as number;
      this.#filled += count;
      at += count;
      if (this.#filled < frameSamples) break;
      this.#filled = 0;
      const event = this.#judge();
      if (event === undefined) continue;
      if (events.length === 0) events = [];
      events.push(event);
    }
    return events;
  }

  #judge(): SpeechEvent | undefined {
    const level = levelDbm0(this.#frame);
    this.#levelDbm0 = level;
    this.#followFloor(level);
    this.#frames++;
    const isLoud = level > this.noiseFloorDbm0 + this.#marginDb;
    this.#against = isLoud === this.#isSpeech ? 0 : this.#against + 1;
    if (this.#against < (this.#isSpeech ? this.#hangoverFrames : this.#onsetFrames)) return undefined;
    const atMs = (this.#frames - this.#against) * frameMs;
    this.#isSpeech = !this.#isSpeech;
    this.#against = 0;
    return { type: this.#isSpeech ? 'speech' : 'silence', atMs };
  }

  #followFloor(level: number): void {
    const place = Math.floor(this.#frames / floorFrames) % floorWindows;
    const isNewWindow = this.#frames % floorFrames === 0;
    this.#floors[place] = isNewWindow ? level : Math.min(level, this.#floors[place] as number);
  }
}

export function requireRange(field: string, value: number, min: number, max: number): void {
  if (!(value >= min && value <= max)) throw new RangeError(`${field}: ${min}–${max}, not ${value}`);
}
