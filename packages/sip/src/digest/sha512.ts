// SHA-512/256 (FIPS 180-4 §6.4, §6.7). 64-bit words are pairs of 32-bit ones: high half first.

/** The integer part of the n-th root, by Newton's method. */
function integerRoot(value: bigint, n: bigint): bigint {
  let x = 1n << (BigInt(value.toString(2).length) / n + 1n);
  for (;;) {
    const next = ((n - 1n) * x + value / x ** (n - 1n)) / n;
    if (next >= x) return x;
    x = next;
  }
}

function firstPrimes(count: number): bigint[] {
  const primes: bigint[] = [];
  for (let candidate = 2n; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0n)) primes.push(candidate);
  }
  return primes;
}

/** 64 fractional bits of the square or cube roots of primes (FIPS 180-4 §4.2.3, §5.3.5), as pairs. */
function fractions(primes: readonly bigint[], n: bigint): Int32Array {
  const pairs = new Int32Array(primes.length * 2);
  primes.forEach((prime, i) => {
    const root = integerRoot(prime << (64n * n), n);
    pairs[2 * i] = Number(BigInt.asIntN(32, root >> 32n));
    pairs[2 * i + 1] = Number(BigInt.asIntN(32, root));
  });
  return pairs;
}

const rounds = 80;
const primes = firstPrimes(rounds);
const constants = fractions(primes, 3n);
const schedule = new Int32Array(rounds * 2);

/** §5.3.6.2: SHA-512/256 starts from the SHA-512 of its own name, whose starting value is masked. */
const initialState = (() => {
  const masked = fractions(primes.slice(0, 8), 2n).map((word) => word ^ 0xa5a5a5a5);
  const name = Uint8Array.from('SHA-512/256', (character) => character.charCodeAt(0));
  return digestFrom(masked, name);
})();

/** The 32-byte SHA-512/256 digest. */
export function sha512t256(message: Uint8Array): Uint8Array {
  const state = digestFrom(initialState, message);
  const digest = new Uint8Array(32);
  const view = new DataView(digest.buffer);
  for (let i = 0; i < 8; i++) view.setInt32(i * 4, state[i] as number);
  return digest;
}

function digestFrom(start: Int32Array, message: Uint8Array): Int32Array {
  const blocks = ((message.length + 16) >> 7) + 1;
  const bytes = new Uint8Array(blocks * 128);
  bytes.set(message);
  bytes[message.length] = 0x80;
  const view = new DataView(bytes.buffer);
  // The length in bits; more than 2^35 bytes do not fit into memory anyway.
  view.setUint32(bytes.length - 8, Math.floor(message.length / 536_870_912));
  view.setUint32(bytes.length - 4, (message.length << 3) >>> 0);
  const state = start.slice();
  for (let offset = 0; offset < bytes.length; offset += 128) compress(state, view, offset);
  return state;
}

/** The high half of a right rotation by `bits` (1–63 without 32); the low half with the halves exchanged. */
function rotate(high: number, low: number, bits: number): number {
  return bits < 32 ? (high >>> bits) | (low << (32 - bits)) : (low >>> (bits - 32)) | (high << (64 - bits));
}

/** The carry of an unsigned addition whose low halves gave `sum`. */
function carry(sum: number): number {
  return Math.floor(sum / 4_294_967_296);
}

function extend(view: DataView, offset: number): void {
  const w = schedule;
  for (let i = 0; i < 32; i++) w[i] = view.getInt32(offset + i * 4);
  for (let i = 32; i < rounds * 2; i += 2) {
    const xh = w[i - 30] as number;
    const xl = w[i - 29] as number;
    const yh = w[i - 4] as number;
    const yl = w[i - 3] as number;
    const s0h = rotate(xh, xl, 1) ^ rotate(xh, xl, 8) ^ (xh >>> 7);
    const s0l = rotate(xl, xh, 1) ^ rotate(xl, xh, 8) ^ ((xl >>> 7) | (xh << 25));
    const s1h = rotate(yh, yl, 19) ^ rotate(yh, yl, 61) ^ (yh >>> 6);
    const s1l = rotate(yl, yh, 19) ^ rotate(yl, yh, 61) ^ ((yl >>> 6) | (yh << 26));
    const low = (s0l >>> 0) + (s1l >>> 0) + ((w[i - 31] as number) >>> 0) + ((w[i - 13] as number) >>> 0);
    w[i + 1] = low | 0;
    w[i] = (s0h + s1h + (w[i - 32] as number) + (w[i - 14] as number) + carry(low)) | 0;
  }
}

function compress(state: Int32Array, view: DataView, offset: number): void {
  extend(view, offset);
  // a to h as pairs: a stands at 0, e at 8.
  const v = state.slice();
  for (let i = 0; i < rounds * 2; i += 2) {
    const [ah, al, bh, bl, ch, cl] = v as unknown as Six;
    const [eh, el, fh, fl, gh, gl] = v.subarray(8) as unknown as Six;
    const s1h = rotate(eh, el, 14) ^ rotate(eh, el, 18) ^ rotate(eh, el, 41);
    const s1l = rotate(el, eh, 14) ^ rotate(el, eh, 18) ^ rotate(el, eh, 41);
    const choiceHigh = (eh & fh) ^ (~eh & gh);
    const choiceLow = (el & fl) ^ (~el & gl);
    const t1l =
      ((v[15] as number) >>> 0) +
      (s1l >>> 0) +
      (choiceLow >>> 0) +
      ((constants[i + 1] as number) >>> 0) +
      ((schedule[i + 1] as number) >>> 0);
    const t1h =
      ((v[14] as number) +
        s1h +
        choiceHigh +
        (constants[i] as number) +
        (schedule[i] as number) +
        carry(t1l)) |
      0;
    const s0h = rotate(ah, al, 28) ^ rotate(ah, al, 34) ^ rotate(ah, al, 39);
    const s0l = rotate(al, ah, 28) ^ rotate(al, ah, 34) ^ rotate(al, ah, 39);
    const majorityLow = (al & bl) ^ (al & cl) ^ (bl & cl);
    const majorityHigh = (ah & bh) ^ (ah & ch) ^ (bh & ch);
    const newE = (t1l >>> 0) + ((v[7] as number) >>> 0);
    const newA = (t1l >>> 0) + (s0l >>> 0) + (majorityLow >>> 0);
    const newEHigh = ((v[6] as number) + t1h + carry(newE)) | 0;
    const newAHigh = (t1h + s0h + majorityHigh + carry(newA)) | 0;
    v.copyWithin(2, 0, 14);
    v[0] = newAHigh;
    v[1] = newA | 0;
    v[8] = newEHigh;
    v[9] = newE | 0;
  }
  for (let i = 0; i < 16; i += 2) {
    const low = ((state[i + 1] as number) >>> 0) + ((v[i + 1] as number) >>> 0);
    state[i] = ((state[i] as number) + (v[i] as number) + carry(low)) | 0;
    state[i + 1] = low | 0;
  }
}

type Six = [number, number, number, number, number, number];
