/**
 * Reproducible chance: xoshiro128** by Blackman and Vigna (public domain algorithm), seeded through splitmix32.
 * It is passed around, never global, so that a seed is the whole of a run.
 */
export class Random {
  readonly #state: [number, number, number, number];

  /** Any 32-bit number. */
  constructor(seed: number) {
    let mixed = seed | 0;
    const next = () => {
      mixed = (mixed + 0x9e3779b9) | 0;
      let word = mixed ^ (mixed >>> 16);
      word = Math.imul(word, 0x21f0aaad);
      word ^= word >>> 15;
      word = Math.imul(word, 0x735a2d97);
      return word ^ (word >>> 15);
    };
    this.#state = [next(), next(), next(), next()];
  }

  /** An independent stream, so that one actor's draws do not shift another's. */
  fork(): Random {
    return new Random(this.#word());
  }

  /** Uniform in [0, 1). */
  unit(): number {
    return (this.#word() >>> 0) / 0x1_0000_0000;
  }

  uniform(from: number, to: number): number {
    return from + this.unit() * (to - from);
  }

  /** Waiting time of a Poisson process with this mean. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.unit());
  }

  /** Skewed like real talk times: most are short, a few are very long. `spread` is the sigma of the logarithm. */
  logNormal(mean: number, spread: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.unit()));
    const normal = radius * Math.cos(2 * Math.PI * this.unit());
    return mean * Math.exp(spread * normal - (spread * spread) / 2);
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  #word(): number {
    const state = this.#state;
    const result = Math.imul(rotate(Math.imul(state[1], 5), 7), 9);
    const shifted = state[1] << 9;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate(state[3], 11);
    return result;
  }
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
