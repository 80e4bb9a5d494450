import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeMusic, musicSeconds } from './music.ts';
import { dtmfFrequenciesHz, levelDbm0, synthesizeRingback, synthesizeTone, toneLevelDbm0 } from './tones.ts';

describe('tones', () => {
  it('[TONE-01] has the level asked for, and no other frequency', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 350 }), fc.integer({ min: -40, max: 0 }), (tens, level) => {
        const frequency = tens * 10;
        const tone = synthesizeTone({ frequenciesHz: [frequency], levelDbm0: level, onMs: 1000 });
        expect(Math.abs(toneLevelDbm0(tone, frequency) - level)).toBeLessThan(0.1);
        expect(Math.abs(levelDbm0(tone) - level)).toBeLessThan(0.1);
        const other = frequency > 1800 ? frequency - 500 : frequency + 500;
        expect(toneLevelDbm0(tone, other)).toBeLessThan(level - 40);
      }),
      { numRuns: 40 },
    );
  });

  it('[TONE-01] refuses what cannot be heard or does not fit, naming it', () => {
    const tone = { frequenciesHz: [440], levelDbm0: -10, onMs: 100 };
    expect(() => synthesizeTone({ ...tone, frequenciesHz: [] })).toThrow(/frequenciesHz/);
    expect(() => synthesizeTone({ ...tone, frequenciesHz: [19] })).toThrow(/19/);
    expect(() => synthesizeTone({ ...tone, levelDbm0: 1 })).toThrow(/levelDbm0/);
    expect(() => synthesizeTone({ ...tone, onMs: 9 })).toThrow(/onMs/);
    expect(() => synthesizeTone({ ...tone, offMs: 60_001 })).toThrow(/offMs/);
  });

  it('[TONE-01] measures silence as silence', () => {
    expect(levelDbm0(new Int16Array(160))).toBe(Number.NEGATIVE_INFINITY);
    expect(toneLevelDbm0(new Int16Array(160), 440)).toBe(Number.NEGATIVE_INFINITY);
  });

  it('[TONE-01] knows the sixteen keys', () => {
    expect(dtmfFrequenciesHz('1')).toEqual([697, 1209]);
    expect(dtmfFrequenciesHz('#')).toEqual([941, 1477]);
    expect(dtmfFrequenciesHz('d')).toEqual([941, 1633]);
    expect(dtmfFrequenciesHz('x')).toBeUndefined();
  });

  it('[TONE-02] rings back for a second and is silent for four', () => {
    const ring = synthesizeRingback();
    expect(ring).toHaveLength(40_000);
    expect(toneLevelDbm0(ring, 425, 8000, 800, 7_200)).toBeCloseTo(-12, 0);
    expect(levelDbm0(ring, 8_000, 40_000)).toBe(Number.NEGATIVE_INFINITY);
  });
});

describe('music on hold', () => {
  it('[MUSIC-01] is the same every time, without a seam, never silent and never loud', () => {
    const music = composeMusic();
    expect(music).toHaveLength(musicSeconds * 8000);
    expect(composeMusic()).toEqual(music);
    let largestStep = 0;
    for (let i = 1; i < music.length; i++) {
      largestStep = Math.max(largestStep, Math.abs((music[i] as number) - (music[i - 1] as number)));
    }
    const seam = Math.abs((music[0] as number) - (music.at(-1) as number));
    expect(seam).toBeLessThan(largestStep / 2);
    for (let at = 0; at < music.length; at += 8000)
      expect(levelDbm0(music, at, at + 8000)).toBeGreaterThan(-35);
    for (let at = 0; at < music.length; at += 30_000)
      expect(levelDbm0(music, at, at + 30_000)).toBeLessThan(-9);
  });
});
