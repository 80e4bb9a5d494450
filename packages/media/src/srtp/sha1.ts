/**
 * HMAC-SHA1 (RFC 2104, FIPS 180-4) with both key states computed once: a packet of 200 bytes costs five compressions
 * and no allocation. SHA-1's collisions do not concern HMAC; RFC 3711 §4.2.1 makes it mandatory.
 */

export const sha1DigestBytes = 20;
const blockBytes = 64;

/** Shared by every instance: each computation runs to its end before another begins. */
const schedule = new Int32Array(80);
const tail = new Uint8Array(2 * blockBytes);
const state = new Int32Array(5);
const outerBlock = new Uint8Array(blockBytes);

const initialState = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];

/** Fills the message schedule from 64 bytes at `at` (FIPS 180-4 §6.1.2, step 1). */
function expand(bytes: Uint8Array, at: number): void {
  const w = schedule;
  for (let i = 0; i < 16; i++, at += 4) {
    w[i] =
      ((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number);
  }
  for (let i = 16; i < 80; i++) {
    const x = (w[i - 3] as number) ^ (w[i - 8] as number) ^ (w[i - 14] as number) ^ (w[i - 16] as number);
    w[i] = (x << 1) | (x >>> 31);
  }
}

/** One compression of the 64 bytes at `at` into `h` (FIPS 180-4 §6.1.2). */
function compress(h: Int32Array, bytes: Uint8Array, at: number): void {
  expand(bytes, at);
  const w = schedule;
  let a = h[0] as number;
  let b = h[1] as number;
  let c = h[2] as number;
  let d = h[3] as number;
  let e = h[4] as number;
  for (let i = 0; i < 20; i++) {
    const t = (((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + e + 0x5a827999 + (w[i] as number)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = t;
  }
  for (let i = 20; i < 40; i++) {
    const t = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + 0x6ed9eba1 + (w[i] as number)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = t;
  }
  for (let i = 40; i < 60; i++) {
    const t = (((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + e + 0x8f1bbcdc + (w[i] as number)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = t;
  }
  for (let i = 60; i < 80; i++) {
    const t = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + 0xca62c1d6 + (w[i] as number)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = t;
  }
  h[0] = (h[0] as number) + a;
  h[1] = (h[1] as number) + b;
  h[2] = (h[2] as number) + c;
  h[3] = (h[3] as number) + d;
  h[4] = (h[4] as number) + e;
}

/** Hashes `bytes[start, end)` and the padding, behind `before` bytes that `h` has taken already. */
function finishHash(h: Int32Array, bytes: Uint8Array, start: number, end: number, before: number): void {
  let at = start;
  for (; at + blockBytes <= end; at += blockBytes) compress(h, bytes, at);
  const rest = end - at;
  for (let i = 0; i < rest; i++) tail[i] = bytes[at + i] as number;
  const padded = rest < 56 ? blockBytes : 2 * blockBytes;
  tail[rest] = 0x80;
  tail.fill(0, rest + 1, padded - 4);
  writeWord(tail, padded - 4, (before + end - start) * 8);
  compress(h, tail, 0);
  if (padded > blockBytes) compress(h, tail, blockBytes);
}

function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}

export class HmacSha1 {
  readonly #inner = Int32Array.from(initialState);
  readonly #outer = Int32Array.from(initialState);
  /** The result of the last `compute`; overwritten by the next. */
  readonly digest: Uint8Array = new Uint8Array(sha1DigestBytes);

  /** @param key 0–64 bytes (a longer key would have to be hashed first, which SRTP never needs) */
  constructor(key: Uint8Array) {
    if (key.length > blockBytes)
      throw new RangeError(`key: at most ${blockBytes} bytes, not ${key.length}; hash it first`);
    const block = new Uint8Array(blockBytes);
    for (let i = 0; i < blockBytes; i++) block[i] = (key[i] ?? 0) ^ 0x36;
    compress(this.#inner, block, 0);
    for (let i = 0; i < blockBytes; i++) block[i] = (key[i] ?? 0) ^ 0x5c;
    compress(this.#outer, block, 0);
    block.fill(0);
  }

  /** Computes the code over `bytes[start, end)` into `digest`. */
  compute(bytes: Uint8Array, start: number, end: number): void {
    const { digest } = this;
    const h = state;
    h.set(this.#inner);
    finishHash(h, bytes, start, end, blockBytes);
    for (let i = 0; i < 5; i++) writeWord(outerBlock, i * 4, h[i] as number);
    // The outer hash has always 64 + 20 bytes, so that its padding is fixed.
    outerBlock[sha1DigestBytes] = 0x80;
    writeWord(outerBlock, blockBytes - 4, (blockBytes + sha1DigestBytes) * 8);
    h.set(this.#outer);
    compress(h, outerBlock, 0);
    for (let i = 0; i < 5; i++) writeWord(digest, i * 4, h[i] as number);
  }
}
