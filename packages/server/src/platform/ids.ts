import { randomFillSync } from 'node:crypto';

const HEX = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
const HYPHEN = 0x2d;
/** Where the text of an identifier is put together: one string is made of it, not a chain of twenty. */
const text = Buffer.alloc(36, HYPHEN);
const RANDOM_POOL_BYTES = 8192;
const BYTES_PER_ID = 10;

const pool = new Uint8Array(RANDOM_POOL_BYTES);
let poolOffset = RANDOM_POOL_BYTES;
let lastMs = 0;
let counter = 0;

/** Reserves the next random bytes of the pool and returns the offset where they start. */
function takeRandom(): number {
  if (poolOffset + BYTES_PER_ID > RANDOM_POOL_BYTES) {
    randomFillSync(pool);
    poolOffset = 0;
  }
  const start = poolOffset;
  poolOffset += BYTES_PER_ID;
  return start;
}

/**
 * Makes a UUIDv7 (RFC 9562 §5.7, lower case, hyphenated). Identifiers of one process strictly increase, also within a
 * millisecond and when the clock steps back: the twelve bits after the time count (RFC 9562 §6.2, method 1) and start
 * at a random value below half of their range; when they run out the next millisecond is borrowed.
 *
 * @param nowMs Unix time in milliseconds, 0 to 2^48 − 1.
 */
export function newId(nowMs: number = Date.now()): string {
  const start = takeRandom();
  const byte = (index: number): number => pool[start + index] ?? 0;
  if (nowMs > lastMs) {
    lastMs = nowMs;
    counter = ((byte(0) << 8) | byte(1)) & 0x7ff;
  } else if (++counter > 0xfff) {
    lastMs++;
    counter = ((byte(0) << 8) | byte(1)) & 0x7ff;
  }
  const high = Math.floor(lastMs / 0x1_0000);
  writeHex(0, high >>> 24);
  writeHex(2, high >>> 16);
  writeHex(4, high >>> 8);
  writeHex(6, high);
  writeHex(9, lastMs >>> 8);
  writeHex(11, lastMs);
  writeHex(14, 0x70 | (counter >>> 8));
  writeHex(16, counter);
  writeHex(19, 0x80 | (byte(2) & 0x3f));
  writeHex(21, byte(3));
  for (let index = 0; index < 6; index++) writeHex(24 + 2 * index, byte(4 + index));
  return text.toString('latin1');
}

function writeHex(at: number, value: number): void {
  text[at] = HEX[(value >>> 4) & 0xf] as number;
  text[at + 1] = HEX[value & 0xf] as number;
}

/** The Unix time in milliseconds that a UUIDv7 carries in its first 48 bits (RFC 9562 §5.7). */
export function timeOfId(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
