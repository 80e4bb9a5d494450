import { randomBytes } from 'node:crypto';

/** Asked of the system at once: each time costs some 5 µs, however little is wanted. */
const storeBytes = 4096;

/** Random bytes that nobody can foretell, for numbers of which each call needs a few. */
export class Chance {
  #store = Buffer.alloc(0);
  #at = 0;

  /** @param count at most 4,096; the bytes are given to nobody else */
  take(count: number): Buffer {
    if (this.#at + count > this.#store.length) {
      this.#store = randomBytes(storeBytes);
      this.#at = 0;
    }
    const from = this.#at;
    this.#at += count;
    return this.#store.subarray(from, this.#at);
  }
}
