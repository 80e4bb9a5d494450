// Message-Digest algorithm 5 (RFC 1321). Kept because phones still ask for it; SHA-256 is preferred.
const shifts = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
const sines = new Int32Array(64);
for (let i = 0; i < 64; i++) sines[i] = Math.floor(Math.abs(Math.sin(i + 1)) * 4_294_967_296) | 0;

/** The 16-byte MD5 digest. */
export function md5(message: Uint8Array): Uint8Array {
  const { words, blocks } = paddedWords(message);
  const state = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]);
  for (let block = 0; block < blocks; block++) compress(state, words, block * 16);
  const digest = new Uint8Array(16);
  const view = new DataView(digest.buffer);
  for (let i = 0; i < 4; i++) view.setInt32(i * 4, state[i] as number, true);
  return digest;
}

function paddedWords(message: Uint8Array): { words: Int32Array; blocks: number } {
  const blocks = ((message.length + 8) >> 6) + 1;
  const bytes = new Uint8Array(blocks * 64);
  bytes.set(message);
  bytes[message.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setUint32(bytes.length - 8, (message.length << 3) >>> 0, true);
  view.setUint32(bytes.length - 4, message.length >>> 29, true);
  const words = new Int32Array(blocks * 16);
  for (let i = 0; i < words.length; i++) words[i] = view.getInt32(i * 4, true);
  return { words, blocks };
}

function compress(state: Int32Array, words: Int32Array, offset: number): void {
  let a = state[0] as number;
  let b = state[1] as number;
  let c = state[2] as number;
  let d = state[3] as number;
  for (let i = 0; i < 64; i++) {
    const round = i >> 4;
    let f: number;
    let g: number;
    if (round === 0) {
      f = (b & c) | (~b & d);
      g = i;
    } else if (round === 1) {
      f = (d & b) | (~d & c);
      g = (5 * i + 1) & 15;
    } else if (round === 2) {
      f = b ^ c ^ d;
      g = (3 * i + 5) & 15;
    } else {
      f = c ^ (b | ~d);
      g = (7 * i) & 15;
    }
    const sum = (a + f + (sines[i] as number) + (words[offset + g] as number)) | 0;
    const shift = shifts[round * 4 + (i & 3)] as number;
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0;
  }
  state[0] = ((state[0] as number) + a) | 0;
  state[1] = ((state[1] as number) + b) | 0;
  state[2] = ((state[2] as number) + c) | 0;
  state[3] = ((state[3] as number) + d) | 0;
}
