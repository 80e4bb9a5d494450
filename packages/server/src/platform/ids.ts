import { randomFillSync } from 'node:crypto';

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
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
  const hex = (value: number): string => HEX[value & 0xff] ?? '00';
  const high = Math.floor(lastMs / 0x1_0000);
  const low = lastMs % 0x1_0000;
  return (
    `${hex(high >>> 24)}${hex(high >>> 16)}${hex(high >>> 8)}${hex(high)}-${hex(low >>> 8)}${hex(low)}` +
    `-${hex(0x70 | (counter >>> 8))}${hex(counter)}-${hex(0x80 | (byte(2) & 0x3f))}${hex(byte(3))}` +
    `-${hex(byte(4))}${hex(byte(5))}${hex(byte(6))}${hex(byte(7))}${hex(byte(8))}${hex(byte(9))}`
  );
}

/** The Unix time in milliseconds that a UUIDv7 carries in its first 48 bits (RFC 9562 §5.7). */
export function timeOfId(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
