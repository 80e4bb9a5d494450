/**
 * GHASH (NIST SP 800-38D §6.4) by a table of 256 products per key (4 kB) and one of reductions shared by all:
 * sixteen look-ups per block. The look-ups depend on the hashed bytes, not on the key.
 */

const polynomial = 0xe1000000;

/** What is to be added to the first word when the eight lowest coefficients are shifted out. */
const reductions = Int32Array.from({ length: 256 }, (_, byte) => {
  let first = 0;
  let last = byte;
  for (let i = 0; i < 8; i++) {
    const carry = last & 1;
    last = (last >>> 1) | ((first & 1) << 31);
    first = (first >>> 1) ^ (carry === 1 ? polynomial : 0);
  }
  return first;
});

export class Ghash {
  /** Product of each byte with the hash key, four words each. */
  readonly #products = new Int32Array(256 * 4);
  /** The hash so far as four big-endian words; read by `xorInto`. */
  readonly #hash = new Int32Array(4);

  /** @param hashKey 16 bytes: the encrypted zero block */
  constructor(hashKey: Uint8Array) {
    const view = new DataView(hashKey.buffer, hashKey.byteOffset, 16);
    const words = [view.getInt32(0), view.getInt32(4), view.getInt32(8), view.getInt32(12)] as [
      number,
      number,
      number,
      number,
    ];
    const products = this.#products;
    // The highest bit of a byte is the coefficient of the lowest power.
    for (let bit = 0x80; bit > 0; bit >>>= 1) {
      products.set(words, bit * 4);
      const carry = words[3] & 1;
      words[3] = (words[3] >>> 1) | (words[2] << 31);
      words[2] = (words[2] >>> 1) | (words[1] << 31);
      words[1] = (words[1] >>> 1) | (words[0] << 31);
      words[0] = (words[0] >>> 1) ^ (carry === 1 ? polynomial : 0);
    }
    for (let high = 2; high < 256; high <<= 1) {
      for (let low = 1; low < high; low++) {
        for (let i = 0; i < 4; i++) {
          products[(high + low) * 4 + i] =
            (products[high * 4 + i] as number) ^ (products[low * 4 + i] as number);
        }
      }
    }
  }

  reset(): void {
    this.#hash.fill(0);
  }

  /** Takes `bytes[start, end)`, filled up with zeros to whole blocks. */
  update(bytes: Uint8Array, start: number, end: number): void {
    const hash = this.#hash;
    for (let at = start; at < end; at += 16) {
      if (at + 16 <= end) {
        hash[0] = (hash[0] as number) ^ wordAt(bytes, at);
        hash[1] = (hash[1] as number) ^ wordAt(bytes, at + 4);
        hash[2] = (hash[2] as number) ^ wordAt(bytes, at + 8);
        hash[3] = (hash[3] as number) ^ wordAt(bytes, at + 12);
      } else {
        for (let i = at; i < end; i++) {
          const place = i - at;
          hash[place >> 2] = (hash[place >> 2] as number) ^ ((bytes[i] as number) << (24 - 8 * (place & 3)));
        }
      }
      this.#multiply();
    }
  }

  /** Takes the block of lengths that ends every GCM hash. */
  updateLengths(additionalBytes: number, cipherBytes: number): void {
    const hash = this.#hash;
    // Packets are short: the upper words of both 64-bit lengths are zero.
    hash[1] = (hash[1] as number) ^ (additionalBytes * 8);
    hash[3] = (hash[3] as number) ^ (cipherBytes * 8);
    this.#multiply();
  }

  /** Writes hash XOR `mask[maskAt, +16)` to `bytes` at `at`: the tag of GCM. */
  writeMasked(bytes: Uint8Array, at: number, mask: Uint8Array, maskAt: number): void {
    for (let i = 0; i < 16; i++) {
      const byte = (this.#hash[i >> 2] as number) >>> (24 - 8 * (i & 3));
      bytes[at + i] = byte ^ (mask[maskAt + i] as number);
    }
  }

  /** hash ← hash · key, one byte at a time from the highest power down. */
  #multiply(): void {
    const hash = this.#hash;
    const products = this.#products;
    let z0 = 0;
    let z1 = 0;
    let z2 = 0;
    let z3 = 0;
    for (let place = 3; place >= 0; place--) {
      let word = hash[place] as number;
      for (let i = 0; i < 4; i++, word >>>= 8) {
        const at = (word & 0xff) << 2;
        const reduced = reductions[z3 & 0xff] as number;
        z3 = ((z3 >>> 8) | (z2 << 24)) ^ (products[at + 3] as number);
        z2 = ((z2 >>> 8) | (z1 << 24)) ^ (products[at + 2] as number);
        z1 = ((z1 >>> 8) | (z0 << 24)) ^ (products[at + 1] as number);
        z0 = (z0 >>> 8) ^ reduced ^ (products[at] as number);
      }
    }
    hash[0] = z0;
    hash[1] = z1;
    hash[2] = z2;
    hash[3] = z3;
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}
