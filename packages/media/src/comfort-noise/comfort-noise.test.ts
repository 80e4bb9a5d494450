import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noise, rms } from '../../test/signals.ts';
import { ComfortNoise, encodeComfortNoise } from './comfort-noise.ts';

function make(payload: Uint8Array, length = 16_000): Int16Array {
  const out = new Int16Array(length);
  const generator = new ComfortNoise(42);
  generator.describe(payload, 0, payload.length);
  generator.make(out, 0, length);
  return out;
}

/** Share of the power that lies in the differences of neighbours: small for dull noise, 2 for white. */
const brightness = (pcm: Int16Array) =>
  rms(Int16Array.from(pcm.subarray(1), (v, i) => (v - (pcm[i] as number)) / 2)) ** 2 / rms(pcm) ** 2;

describe('comfort noise', () => {
  it.each([20, 40, 55, 70])('[CN-01] has the level that the payload says: −%i dBov', (dbov) => {
    const made = make(Uint8Array.of(dbov));
    expect(-20 * Math.log10(rms(made) / 32_768)).toBeCloseTo(dbov, 0);
  });

  it('[CN-02] sounds like the noise that was described: level within 1.5 dB, and its colour', () => {
    const white = noise(8_000, 1_000, 3);
    const dull = Int16Array.from(white, (_, i) =>
      Math.round([0, 1, 2, 3, 4, 5].reduce((sum, k) => sum + (white[i - k] ?? 0), 0) / 6),
    );
    for (const original of [white, dull]) {
      const payload = new Uint8Array(20);
      const bytes = encodeComfortNoise(original, 0, original.length, payload, 0);
      expect(bytes).toBe(9);
      const made = make(payload.subarray(0, bytes));
      expect(Math.abs(20 * Math.log10(rms(made) / rms(original)))).toBeLessThan(1.5);
      expect(brightness(made) / brightness(original)).toBeGreaterThan(0.6);
      expect(brightness(made) / brightness(original)).toBeLessThan(1.6);
    }
  });

  it('[CN-03] describes silence in one byte and makes silence of it', () => {
    const payload = new Uint8Array(20);
    expect(encodeComfortNoise(new Int16Array(160), 0, 160, payload, 0)).toBe(1);
    expect(payload[0]).toBe(127);
    expect(rms(make(payload.subarray(0, 1)))).toBe(0);
  });

  it('[CN-04] stays stable whatever a payload says', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (payload) => {
        const made = make(payload, 2_000);
        const level = payload.length === 0 ? 127 : (payload[0] as number) & 0x7f;
        // Clipping and the length of the run leave room above the level asked for, but never a roar.
        expect(rms(made)).toBeLessThanOrEqual(Math.min(32_768, 32_768 * 10 ** (-level / 20) * 6) + 1);
      }),
      { numRuns: 200 },
    );
  });
});
