import { describe, expect, it } from 'vitest';
import {
  alawSilence,
  alawToLinear,
  alawToUlaw,
  decodeG711,
  encodeToAlaw,
  encodeToUlaw,
  transcodeInPlace,
  ulawSilence,
  ulawToAlaw,
  ulawToLinear,
} from './g711.ts';

const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
const everySample = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768);

describe('G.711', () => {
  it('[PCM-01] gives the same byte after decoding and encoding', () => {
    expect(Array.from(encodeToAlaw(decodeG711(bytes, alawToLinear)))).toEqual(Array.from(bytes));
    const expected = Array.from(bytes);
    expected[0x7f] = 0xff;
    expect(Array.from(encodeToUlaw(decodeG711(bytes, ulawToLinear)))).toEqual(expected);
  });

  it('[PCM-01] has the end points of the recommendation', () => {
    expect(ulawToLinear[ulawSilence]).toBe(0);
    expect(alawToLinear[alawSilence]).toBe(8);
    expect([ulawToLinear[0x80], ulawToLinear[0x00]]).toEqual([32_124, -32_124]);
    expect([alawToLinear[0xaa], alawToLinear[0x2a]]).toEqual([32_256, -32_256]);
  });

  it.each([
    ['µ-law', encodeToUlaw, ulawToLinear, 32_635],
    ['A-law', encodeToAlaw, alawToLinear, 32_767],
  ] as const)('[PCM-02] %s is monotonic and errs by half a step at most', (_name, encode, table, clip) => {
    const decoded = decodeG711(encode(everySample), table);
    for (const [i, sample] of everySample.entries()) {
      if (i > 0) expect(decoded[i] as number).toBeGreaterThanOrEqual(decoded[i - 1] as number);
      const clipped = Math.max(-clip, Math.min(clip, sample));
      // Steps double with each segment; the finest is 8 (µ) or 16 (A), the coarsest 1,024.
      const allowed = Math.max(16, (Math.abs(clipped) + 132) / 32) + 1;
      expect(Math.abs((decoded[i] as number) - clipped)).toBeLessThanOrEqual(allowed);
    }
  });

  it('[PCM-03] transcodes as decoding and encoding would', () => {
    expect(Array.from(ulawToAlaw)).toEqual(Array.from(encodeToAlaw(decodeG711(bytes, ulawToLinear))));
    expect(Array.from(alawToUlaw)).toEqual(Array.from(encodeToUlaw(decodeG711(bytes, alawToLinear))));
    const packet = Uint8Array.of(1, 2, 0x10, 0x20, 3);
    transcodeInPlace(packet, 2, 4, ulawToAlaw);
    expect(Array.from(packet)).toEqual([1, 2, ulawToAlaw[0x10], ulawToAlaw[0x20], 3]);
  });
});
