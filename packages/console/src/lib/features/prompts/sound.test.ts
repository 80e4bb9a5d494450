import { expect, test } from 'vitest';
import { loudnessOf, measured, soundType } from './sound.ts';

const tone = (amplitude: number, seconds = 1): Float32Array =>
  Float32Array.from(
    { length: 16_000 * seconds },
    (_, at) => amplitude * Math.sin((2 * Math.PI * 440 * at) / 16_000),
  );

test('[IVR-04] the loudness of a sound is that of where somebody speaks', () => {
  const speech = measured(Float32Array.from([...tone(0.1), ...new Float32Array(16_000 * 3)]), 16_000);
  expect(speech.seconds).toBe(4);
  expect(speech.levelDb).toBeCloseTo(-23, 0);
  expect(speech.peakDb).toBeCloseTo(-20, 0);
  expect(speech.peaks).toHaveLength(160);
});

test.each([
  ['silent', new Float32Array(16_000)],
  ['soft', tone(0.005)],
  ['good', tone(0.3)],
  ['clipped', tone(1)],
] as const)('[IVR-04] a sound is judged %s', (judgement, samples) => {
  expect(loudnessOf(measured(samples, 16_000))).toBe(judgement);
});

test('[IVR-04] bare G.711 is known by the end of its name', () => {
  expect(soundType('Welcome.ULAW')).toBe('audio/pcmu');
  expect(soundType('a.b.mp3')).toBe('audio/mpeg');
  expect(soundType('letter.pdf')).toBeUndefined();
});
