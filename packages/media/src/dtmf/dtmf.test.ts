import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joined, keyTone, mixed, noise, pseudoSpeech, silence } from '../../test/sound.ts';
import { alawToLinear, decodeG711, encodeToAlaw } from '../g711.ts';
import { composeMusic } from '../music.ts';
import { levelDbm0, toneLevelDbm0 } from '../tones.ts';
import { DtmfDetector } from './detector.ts';
import { DtmfGenerator } from './generator.ts';

const keys = '0123456789ABCD*#';

/** What is detected in a sound that comes in packets. */
function detect(sound: Int16Array, packetSamples = 160) {
  const detector = new DtmfDetector();
  let digits = '';
  const durationsMs: number[] = [];
  for (let at = 0; at < sound.length; at += packetSamples) {
    for (const event of detector.process(sound, at, Math.min(sound.length, at + packetSamples))) {
      if (event.type === 'started') digits += event.digit;
      else durationsMs.push(event.durationMs);
    }
  }
  return { digits, durationsMs };
}

/** Every key under the same conditions, beginning at another place of the window each time. */
function sweep(tone: Omit<Parameters<typeof keyTone>[0], 'digit'>, snrDb?: number): string {
  let found = '';
  for (const [i, digit] of Array.from(keys).entries()) {
    const clean = joined(silence(30 + i * 0.375), keyTone({ ...tone, digit, phase: i }), silence(60));
    const sound = snrDb === undefined ? clean : mixed(clean, noise(200, levelOf(tone) - snrDb, i + 1));
    found += detect(sound).digits;
  }
  return found;
}

/** Level of both tones together. */
function levelOf({ level = -10, twistDb = 0 }: { level?: number; twistDb?: number }): number {
  return 10 * Math.log10(10 ** (level / 10) + 10 ** ((level + twistDb) / 10));
}

describe('digits in the sound', () => {
  it.each([-3, -10, -25, -34])('[DTMF-11] every key of 40 ms at %d dBm0', (level) => {
    expect(sweep({ ms: 40, level })).toBe(keys);
  });

  it.each([
    [0.015, 0.015],
    [-0.015, -0.015],
    [0.015, -0.015],
    [-0.015, 0.015],
    [0.018, 0.0165],
  ])('[DTMF-12] frequencies beside by %d and %d are taken, 15 dB above noise', (row, column) => {
    expect(sweep({ ms: 40, deviation: [row, column] }, 15)).toBe(keys);
  });

  it.each([
    [0.035, 0],
    [-0.035, 0],
    [0, 0.035],
    [0, -0.035],
    [0.05, 0.05],
  ])('[DTMF-12] frequencies beside by %d and %d are no digit, however long', (row, column) => {
    expect(sweep({ ms: 300, deviation: [row, column] })).toBe('');
  });

  it.each([4, 0, -4, -8])('[DTMF-13] a twist of %d dB is taken, 15 dB above noise', (twistDb) => {
    expect(sweep({ ms: 40, level: -12, twistDb, deviation: [0.015, -0.015] }, 15)).toBe(keys);
  });

  it('[DTMF-13] a twist beyond all telephones is none', () => {
    expect(sweep({ ms: 100, level: -20, twistDb: 10 })).toBe('');
    expect(sweep({ ms: 100, level: -6, twistDb: -14 })).toBe('');
  });

  it('[DTMF-14] 23 ms are no digit, 40 ms are one, and lengths are told within 10 ms', () => {
    expect(sweep({ ms: 23 })).toBe('');
    for (const ms of [40, 70, 100, 500]) {
      const { durationsMs } = detect(joined(silence(50), keyTone({ digit: '5', ms }), silence(100)));
      expect(durationsMs).toHaveLength(1);
      expect(Math.abs((durationsMs[0] as number) - ms)).toBeLessThanOrEqual(10);
    }
  });

  it('[DTMF-14] the end is told within the packet of 20 ms that follows the tone', () => {
    for (const digit of keys) {
      for (const level of [-6, -20, -30]) {
        const { durationsMs } = detect(joined(silence(40), keyTone({ digit, ms: 120, level }), silence(20)));
        expect(durationsMs, `${digit} at ${level} dBm0`).toHaveLength(1);
      }
    }
  });

  it('[DTMF-15] pauses of 40 ms separate equal digits; gaps of 10 ms do not', () => {
    const key = keyTone({ digit: '7', ms: 50 });
    for (const skewMs of [0, 1, 2, 3, 4]) {
      const parted = joined(silence(20 + skewMs), key, silence(40), key, silence(40), key, silence(80));
      expect(detect(parted).digits).toBe('777');
      const broken = detect(joined(silence(20 + skewMs), key, silence(10), key, silence(80)));
      expect(broken.digits).toBe('7');
      expect(broken.durationsMs).toHaveLength(1);
    }
  });

  it('[DTMF-15] reads any row of digits at any speed, whatever the size of the packets', () => {
    const row = fc.array(fc.constantFrom(...Array.from(keys)), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(
        row,
        fc.integer({ min: 40, max: 150 }),
        fc.integer({ min: 40, max: 150 }),
        fc.integer({ min: 1, max: 500 }),
        (digits, durationMs, pauseMs, packetSamples) => {
          const generator = new DtmfGenerator(digits.join(''), { durationMs, pauseMs });
          const sound = new Int16Array(generator.totalSamples + 800);
          generator.fill(sound, 100);
          expect(detect(sound, packetSamples).digits).toBe(digits.join(''));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('[DTMF-16] speech, music and noise hold no digits', () => {
    for (let seed = 1; seed <= 12; seed++) expect(detect(pseudoSpeech(10_000, seed)).digits).toBe('');
    expect(detect(composeMusic()).digits).toBe('');
    expect(detect(noise(10_000, -15)).digits).toBe('');
    expect(detect(silence(1_000)).digits).toBe('');
  });

  it('[DTMF-16] a digit over quiet speech, through A-law, is heard', () => {
    const spoken = mixed(pseudoSpeech(400, 3, -32), joined(silence(100), keyTone({ digit: '9', ms: 120 })));
    const sound = decodeG711(encodeToAlaw(spoken), alawToLinear);
    expect(detect(sound).digits).toBe('9');
  });

  it('[DTMF-17] a stream that ends within a digit ends the digit', () => {
    const detector = new DtmfDetector();
    expect(detector.process(keyTone({ digit: '#', ms: 80 }))).toEqual([{ type: 'started', digit: '#' }]);
    expect(detector.activeDigit).toBe('#');
    expect(detector.reset()).toMatchObject({ type: 'ended', digit: '#' });
    expect(detector.activeDigit).toBeUndefined();
    expect(detector.reset()).toBeUndefined();
  });
});

describe('digits made as sound', () => {
  it('[DTMF-18] have the levels of their standard, and silence between', () => {
    const generator = new DtmfGenerator('2', { durationMs: 200, pauseMs: 100 });
    const sound = new Int16Array(2_400);
    expect(generator.fill(sound)).toBe(2_400);
    expect(toneLevelDbm0(sound, 697, 8000, 100, 1_300)).toBeCloseTo(-11, 0);
    expect(toneLevelDbm0(sound, 1336, 8000, 100, 1_300)).toBeCloseTo(-9, 0);
    expect(levelDbm0(sound, 1_600, 2_400)).toBe(Number.NEGATIVE_INFINITY);
    expect(generator.fill(sound)).toBe(0);
  });

  it('[DTMF-18] refuse what is no digit or out of range, naming it', () => {
    expect(() => new DtmfGenerator('')).toThrow(/digits: 1–32 digits, not 0/);
    expect(() => new DtmfGenerator('12x')).toThrow(/"x" is none of/);
    expect(() => new DtmfGenerator('1', { durationMs: 39 })).toThrow(/durationMs: 40–5000, not 39/);
    expect(() => new DtmfGenerator('1', { pauseMs: 5_001 })).toThrow(/pauseMs/);
    expect(() => new DtmfGenerator('1', { gainDb: 4 })).toThrow(/gainDb/);
  });
});
