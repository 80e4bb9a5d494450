/** 100 ms at 8,000 Hz. */
const chunkSamples = 800;

/** Collects what a leg says into chunks of 100 ms, for somebody outside of this process who understands speech. */
export class HeardSound {
  readonly #samples = new Int16Array(chunkSamples);
  readonly #bytes = Buffer.from(this.#samples.buffer);
  #filled = 0;
  #atSamples = 0;

  /** Hands over each chunk that `samples` complete, with its beginning in samples since the first: 16 bit, little endian, base64. */
  add(samples: Int16Array, length: number, full: (atSamples: number, sound: string) => void): void {
    for (let at = 0; at < length; ) {
      const count = Math.min(length - at, chunkSamples - this.#filled);
      this.#samples.set(samples.subarray(at, at + count), this.#filled);
      this.#filled += count;
      at += count;
      if (this.#filled < chunkSamples) return;
      full(this.#atSamples, this.#bytes.toString('base64'));
      this.#atSamples += chunkSamples;
      this.#filled = 0;
    }
  }
}
