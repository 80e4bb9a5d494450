import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joined, mixed, noise, pseudoSpeech, silence } from '../../test/sound.ts';
import { synthesizeTone } from '../tones.ts';
import { SpeechDetector, type SpeechEvent } from './speech.ts';

function detect(sound: Int16Array, packetSamples = 160, detector = new SpeechDetector()): SpeechEvent[] {
  const events: SpeechEvent[] = [];
  for (let at = 0; at < sound.length; at += packetSamples) {
    events.push(...detector.process(sound, at, Math.min(sound.length, at + packetSamples)));
  }
  return events;
}

describe('speech and silence', () => {
  it.each([
    [-12, -70],
    [-20, -45],
    [-26, -50],
  ])('[VAD-01] speech of %d dBm0 over noise of %d dBm0 is found where it is', (level, noiseLevel) => {
    for (let seed = 1; seed <= 8; seed++) {
      const speech = joined(silence(1_000), pseudoSpeech(1_500, seed, level), silence(1_500));
      const events = detect(mixed(speech, noise(4_000, noiseLevel, seed)));
      expect(events.map(({ type }) => type)).toEqual(['speech', 'silence']);
      const [began, ended] = events as [SpeechEvent, SpeechEvent];
      // It may begin or end with a consonant below the noise, of up to 125 ms, and a pause.
      expect(Math.abs(began.atMs - 1_000)).toBeLessThan(300);
      expect(Math.abs(ended.atMs - 2_500)).toBeLessThan(300);
    }
  });

  it('[VAD-02] steady noise of any level ends as silence, from the first sample or suddenly', () => {
    fc.assert(
      fc.property(fc.integer({ min: -70, max: -32 }), fc.nat({ max: 1_000 }), (level, seed) => {
        const fromStart = new SpeechDetector();
        detect(noise(4_000, level, seed), 160, fromStart);
        expect(fromStart.isSpeech).toBe(false);
        const sudden = new SpeechDetector();
        detect(joined(silence(500), noise(4_000, level, seed)), 160, sudden);
        expect(sudden.isSpeech).toBe(false);
      }),
      { numRuns: 20 },
    );
  });

  it('[VAD-03] clicks are no speech, and pauses within the hangover do not part it', () => {
    const tone = (ms: number) => synthesizeTone({ frequenciesHz: [300], levelDbm0: -15, onMs: ms, offMs: 1 });
    expect(detect(joined(silence(300), tone(20), silence(500)))).toEqual([]);
    const parted = joined(silence(300), tone(200), silence(200), tone(200), silence(500));
    expect(detect(parted).map(({ type }) => type)).toEqual(['speech', 'silence']);
    const words = new SpeechDetector({ hangoverMs: 50 });
    expect(detect(parted, 160, words).filter(({ type }) => type === 'speech')).toHaveLength(2);
  });

  it('[VAD-04] the result does not depend on the size of the packets', () => {
    const sound = mixed(joined(silence(400), pseudoSpeech(2_000, 5), silence(800)), noise(3_200, -50));
    const expected = detect(sound);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 700 }), (packetSamples) => {
        expect(detect(sound, packetSamples)).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  it('[VAD-05] silence and speech take turns, at times that never go back, whatever is heard', () => {
    const piece = fc.tuple(fc.constantFrom('silence', 'noise', 'speech'), fc.integer({ min: 10, max: 900 }));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const sound = joined(
          ...pieces.map(([kind, ms], i) =>
            kind === 'silence' ? silence(ms) : kind === 'noise' ? noise(ms, -30, i) : pseudoSpeech(ms, i),
          ),
        );
        let last: SpeechEvent = { type: 'silence', atMs: 0 };
        for (const event of detect(sound)) {
          expect(event.type).not.toBe(last.type);
          expect(event.atMs).toBeGreaterThanOrEqual(last.atMs);
          last = event;
        }
      }),
      { numRuns: 40 },
    );
  });

  it('[VAD-05] tells levels, and refuses options out of range', () => {
    const detector = new SpeechDetector();
    detector.process(noise(1_000, -40));
    expect(Math.abs(detector.levelDbm0 + 40)).toBeLessThan(4);
    expect(Math.abs(detector.noiseFloorDbm0 + 42)).toBeLessThan(4);
    expect(detector.elapsedMs).toBe(1_000);
    expect(() => new SpeechDetector({ marginDb: 2 })).toThrow(/marginDb: 3–30, not 2/);
    expect(() => new SpeechDetector({ hangoverMs: 10 })).toThrow(/hangoverMs/);
    expect(() => new SpeechDetector({ onsetMs: 501 })).toThrow(/onsetMs/);
  });
});
