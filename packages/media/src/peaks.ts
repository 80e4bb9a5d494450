/** Peaks of a waveform for a player, gathered while a recording is read in pieces. */
export class PeakMeter {
  readonly #channels: number;
  readonly #framesPerPeak: number;
  readonly #peaksMax: number;
  readonly #peaks: number[][];
  readonly #current: Int32Array;
  #framesInCurrent = 0;

  /**
   * @param channels 1–2, interleaved
   * @param framesPerPeak at least 1; for 800 peaks of a call take its frames divided by 800
   * @param peaksMax further sound is ignored; default 100,000
   */
  constructor(channels: number, framesPerPeak: number, peaksMax = 100_000) {
    if (channels < 1 || channels > 2) throw new RangeError(`channels: 1–2, not ${channels}`);
    if (!(framesPerPeak >= 1)) throw new RangeError(`framesPerPeak: at least 1, not ${framesPerPeak}`);
    this.#channels = channels;
    this.#framesPerPeak = Math.floor(framesPerPeak);
    this.#peaksMax = peaksMax;
    this.#peaks = Array.from({ length: channels }, () => []);
    this.#current = new Int32Array(channels);
  }

  /** Takes whole interleaved frames. */
  push(samples: Int16Array): void {
    const channels = this.#channels;
    for (let i = 0; i + channels <= samples.length; i += channels) {
      for (let channel = 0; channel < channels; channel++) {
        const level = Math.abs(samples[i + channel] as number);
        if (level > (this.#current[channel] as number)) this.#current[channel] = level;
      }
      if (++this.#framesInCurrent === this.#framesPerPeak) this.#close();
    }
  }

  /** One list per channel, each peak 0–1 rounded to three places; the last one may stand for fewer frames. */
  finish(): number[][] {
    if (this.#framesInCurrent > 0) this.#close();
    return this.#peaks;
  }

  #close(): void {
    for (const [channel, list] of this.#peaks.entries()) {
      if (list.length < this.#peaksMax)
        list.push(Math.round(((this.#current[channel] as number) / 32_768) * 1000) / 1000);
      this.#current[channel] = 0;
    }
    this.#framesInCurrent = 0;
  }
}
