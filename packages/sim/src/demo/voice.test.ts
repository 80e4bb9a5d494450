import { levelDbm0 } from '@crosspoint/media';
import { describe, expect, it } from 'vitest';
import { randomOf } from './chance.ts';
import { synthesizeVoice } from './voice.ts';

const windowSamples = 160;

function levels(voice: Int16Array): number[] {
  return Array.from({ length: voice.length / windowSamples }, (_, index) =>
    levelDbm0(voice, index * windowSamples, (index + 1) * windowSamples),
  );
}

describe('synthesizeVoice', () => {
  it('[DEMO-09] fills whole packets and is silent at both ends, so that it can be repeated', () => {
    const voice = synthesizeVoice(randomOf(1, 'voice'), 110, 5);
    expect(voice.length % windowSamples).toBe(0);
    expect(voice.length).toBe(5 * 8_000);
    expect(levels(voice)[0]).toBeLessThan(-60);
    expect(levels(voice).at(-1)).toBeLessThan(-60);
  });

  it('[DEMO-09] is as loud as speech, with pauses as speech has them', () => {
    for (const pitchHz of [95, 130, 180, 230]) {
      const voice = synthesizeVoice(randomOf(2, 'voice', pitchHz), pitchHz, 9);
      const loud = levels(voice).filter((level) => level > -35).length / levels(voice).length;
      expect(loud).toBeGreaterThan(0.45);
      expect(loud).toBeLessThan(0.95);
      expect(levelDbm0(voice)).toBeGreaterThan(-28);
      expect(levelDbm0(voice)).toBeLessThan(-14);
    }
  });

  it('[DEMO-01] is the same for the same seed, and differs between people', () => {
    expect(synthesizeVoice(randomOf(3, 'v'), 120, 1)).toEqual(synthesizeVoice(randomOf(3, 'v'), 120, 1));
    expect(synthesizeVoice(randomOf(3, 'v'), 120, 1)).not.toEqual(synthesizeVoice(randomOf(3, 'w'), 210, 1));
  });
});
