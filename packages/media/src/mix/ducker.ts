import { softLimit } from './limiter.ts';

export interface DuckerOptions {
  readonly sampleRateHz: number;
  /** How far the background steps back while the foreground speaks, in dB. Default 14. */
  readonly depthDb?: number;
  /** Times to step back and to return, in ms. Defaults 80 and 600. */
  readonly attackMs?: number;
  readonly releaseMs?: number;
  /** Pause of the foreground that is waited for before the background returns, in ms. Default 400. */
  readonly holdMs?: number;
}

/** Root mean square below which the foreground counts as silent: about −50 dBm0. */
const silentRms = 70;

/** Plays a foreground (a prompt) over a background (music) that steps back while the prompt speaks. One per listener. */
export class Ducker {
  readonly #samplesPerMs: number;
  readonly #low: number;
  readonly #attackStep: number;
  readonly #releaseStep: number;
  readonly #holdSamples: number;
  #gain = 1;
  #hold = 0;

  constructor(options: DuckerOptions) {
    this.#samplesPerMs = options.sampleRateHz / 1000;
    this.#low = 10 ** (-(options.depthDb ?? 14) / 20);
    this.#attackStep = (1 - this.#low) / ((options.attackMs ?? 80) * this.#samplesPerMs);
    this.#releaseStep = (1 - this.#low) / ((options.releaseMs ?? 600) * this.#samplesPerMs);
    this.#holdSamples = (options.holdMs ?? 400) * this.#samplesPerMs;
  }

  /** Loudness of the background at the end of the last frame, 0–1. */
  get gain(): number {
    return this.#gain;
  }

  /** Mixes one frame of `length` samples into `out`; without a foreground the background returns to its loudness. */
  mix(background: Int16Array, foreground: Int16Array | undefined, out: Int16Array, length: number): void {
    if (foreground !== undefined && isHeard(foreground, length)) this.#hold = this.#holdSamples + length;
    let gain = this.#gain;
    for (let i = 0; i < length; i++) {
      if (this.#hold > 0) {
        this.#hold--;
        gain = Math.max(this.#low, gain - this.#attackStep);
      } else gain = Math.min(1, gain + this.#releaseStep);
      const over = foreground === undefined ? 0 : (foreground[i] as number);
      out[i] = softLimit(Math.round((background[i] as number) * gain) + over);
    }
    this.#gain = gain;
  }
}

function isHeard(sound: Int16Array, length: number): boolean {
  let power = 0;
  for (let i = 0; i < length; i++) power += (sound[i] as number) ** 2;
  return power > silentRms * silentRms * length;
}
