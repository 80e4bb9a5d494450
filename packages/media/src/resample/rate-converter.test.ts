import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noise, rms, sine } from '../../test/signals.ts';
import { RateConverter } from './rate-converter.ts';

const pairs = [
  [8_000, 16_000],
  [16_000, 8_000],
  [16_000, 48_000],
  [48_000, 16_000],
  [8_000, 48_000],
  [48_000, 8_000],
] as const;

function convert(pcm: Int16Array, fromHz: number, toHz: number, piece = pcm.length): Int16Array {
  const converter = new RateConverter(fromHz, toHz);
  const out = new Int16Array(converter.samplesFor(pcm.length));
  let written = 0;
  for (let at = 0; at < pcm.length; at += piece)
    written += converter.convert(pcm, at, Math.min(piece, pcm.length - at), out, written);
  return out;
}

const ratioDb = (out: Int16Array, into: Int16Array) =>
  20 * Math.log10(rms(out, out.length / 2) / rms(into, into.length / 2));

describe.each(pairs)('conversion from %i to %i Hz', (fromHz, toHz) => {
  const band = Math.min(fromHz, toHz) / 2;

  it('[RATE-01] is flat within 0.1 dB up to 85 % of the narrower band', () => {
    for (let share = 0.02; share <= 0.85; share += 0.0461) {
      const tone = sine(band * share, fromHz, fromHz / 2, 12_000);
      expect(Math.abs(ratioDb(convert(tone, fromHz, toHz), tone))).toBeLessThan(0.1);
    }
  });

  it('[RATE-02] leaves no image and no alias above −60 dB', () => {
    if (fromHz > toHz) {
      for (const share of [1.15, 1.3, 1.6, 1.9]) {
        const tone = sine(band * share, fromHz, fromHz / 2, 20_000);
        expect(ratioDb(convert(tone, fromHz, toHz), tone)).toBeLessThan(-60);
      }
      return;
    }
    for (const share of [0.1, 0.4, 0.7, 0.85]) {
      const frequencyHz = band * share;
      const out = convert(sine(frequencyHz, fromHz, fromHz, 20_000), fromHz, toHz);
      // Whatever is left after the tone itself is taken away: images, and rounding.
      expect(residueDb(out.subarray(out.length / 2), frequencyHz / toHz)).toBeLessThan(-60);
    }
  });

  it('[RATE-03] does not depend on the lengths of the pieces', () => {
    const pcm = noise(fromHz / 4);
    const whole = convert(pcm, fromHz, toHz);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), (ms) => {
        expect(convert(pcm, fromHz, toHz, (ms * fromHz) / 1000)).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  it('[RATE-04] delays by what it says and clips instead of wrapping', () => {
    const converter = new RateConverter(fromHz, toHz);
    const pcm = new Int16Array(fromHz / 10);
    pcm.fill(32_767, pcm.length / 2);
    const out = new Int16Array(toHz / 10);
    converter.convert(pcm, 0, pcm.length, out, 0);
    const step = out.findIndex((sample) => sample > 16_383);
    expect(Math.abs((step * 1000) / toHz - 50 - converter.delayMs)).toBeLessThan(0.15);
    expect(Math.min(...out)).toBeGreaterThan(-8_000);
    expect(converter.delayMs).toBeLessThan(2);
  });
});

describe('conversion', () => {
  it('[RATE-05] of equal rates is a copy, and of impossible ones refused', () => {
    const pcm = noise(320);
    expect(convert(pcm, 16_000, 16_000)).toEqual(pcm);
    expect(new RateConverter(8_000, 8_000).delayMs).toBe(0);
    expect(() => new RateConverter(8_000, 44_100)).toThrow(/8000 to 44100/);
    expect(() => new RateConverter(8_000, 96_000)).toThrow(/ratio/);
  });
});

/** What remains of `out`, relative to it, when the best-fitting sine of the frequency (in cycles per sample) is removed. */
function residueDb(out: Int16Array, cycles: number): number {
  let real = 0;
  let imaginary = 0;
  const w = 2 * Math.PI * cycles;
  for (const [i, sample] of out.entries()) {
    real += sample * Math.cos(w * i);
    imaginary += sample * Math.sin(w * i);
  }
  real *= 2 / out.length;
  imaginary *= 2 / out.length;
  let residue = 0;
  let total = 0;
  for (const [i, sample] of out.entries()) {
    residue += (sample - real * Math.cos(w * i) - imaginary * Math.sin(w * i)) ** 2;
    total += sample * sample;
  }
  return 10 * Math.log10(residue / total);
}
