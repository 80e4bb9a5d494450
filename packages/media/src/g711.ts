/**
 * G.711 as tables (ITU-T G.711): decode to 16-bit linear, encode from it, and µ ↔ A byte to byte.
 * Linear samples are signed 16 bit; a full-scale sine is +3.17 dBm0 in µ-law and +3.14 dBm0 in A-law.
 */

/** Byte that decodes to silence. */
export const ulawSilence = 0xff;
/** Byte that decodes to the smallest positive step; A-law has no zero. */
export const alawSilence = 0xd5;

function decodeUlaw(byte: number): number {
  const inverted = ~byte & 0xff;
  const segment = (inverted >> 4) & 7;
  const magnitude = ((((inverted & 0x0f) << 3) + 0x84) << segment) - 0x84;
  return (inverted & 0x80) !== 0 ? -magnitude : magnitude;
}

function decodeAlaw(byte: number): number {
  const toggled = byte ^ 0x55;
  const segment = (toggled >> 4) & 7;
  const step = ((toggled & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return (toggled & 0x80) !== 0 ? magnitude : -magnitude;
}

/** One 16-bit linear sample as a µ-law byte. Signs of sound cannot be foretold: no branch depends on them. */
export function encodeUlaw(sample: number): number {
  const sign = sample >> 31;
  const biased = Math.min(32_635, (sample ^ sign) - sign) + 0x84;
  // The segment is the position of the highest set bit above bit 7.
  const segment = 24 - Math.clz32(biased);
  return ~((sign & 0x80) | (segment << 4) | ((biased >> (segment + 3)) & 0x0f)) & 0xff;
}

/** One 16-bit linear sample as an A-law byte. */
export function encodeAlaw(sample: number): number {
  const sign = sample >> 31;
  const magnitude = (sample ^ sign) >> 4;
  // The two lowest segments have the same step.
  const segment = Math.max(0, 28 - Math.clz32(magnitude));
  const step = (magnitude >> (Math.max(1, segment) - 1)) & 0x0f;
  return ((segment << 4) | step) ^ (sign & 0x80) ^ 0xd5;
}

/** µ-law byte → 16-bit linear sample. */
export const ulawToLinear: Int16Array = Int16Array.from({ length: 256 }, (_, byte) => decodeUlaw(byte));
/** A-law byte → 16-bit linear sample. */
export const alawToLinear: Int16Array = Int16Array.from({ length: 256 }, (_, byte) => decodeAlaw(byte));
/** µ-law byte → A-law byte. */
export const ulawToAlaw: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  encodeAlaw(ulawToLinear[byte] as number),
);
/** A-law byte → µ-law byte. */
export const alawToUlaw: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  encodeUlaw(alawToLinear[byte] as number),
);

/** Encodes linear samples to µ-law into `target` (or a new array) and returns it. */
export function encodeToUlaw(samples: Int16Array, target = new Uint8Array(samples.length)): Uint8Array {
  for (let i = 0; i < samples.length; i++) target[i] = encodeUlaw(samples[i] as number);
  return target;
}

/** Encodes linear samples to A-law into `target` (or a new array) and returns it. */
export function encodeToAlaw(samples: Int16Array, target = new Uint8Array(samples.length)): Uint8Array {
  for (let i = 0; i < samples.length; i++) target[i] = encodeAlaw(samples[i] as number);
  return target;
}

/** Decodes G.711 bytes with one of the tables `ulawToLinear` and `alawToLinear`. */
export function decodeG711(
  bytes: Uint8Array,
  table: Int16Array,
  target: Int16Array = new Int16Array(bytes.length),
): Int16Array {
  for (let i = 0; i < bytes.length; i++) target[i] = table[bytes[i] as number] as number;
  return target;
}

/** Replaces every byte of `bytes[start, end)` by its entry in a 256-byte table. */
export function transcodeInPlace(bytes: Uint8Array, start: number, end: number, table: Uint8Array): void {
  for (let i = start; i < end; i++) bytes[i] = table[bytes[i] as number] as number;
}
