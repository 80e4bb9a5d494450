import { describe, expect, it } from 'vitest';
import { joined, keyTone, mixed, noise, pseudoSpeech, silence } from '../../test/sound.ts';
import { alawToLinear, decodeG711, encodeToAlaw } from '../g711.ts';
import { composeMusic } from '../music.ts';
import { synthesizeRingback, synthesizeTone } from '../tones.ts';
import { beepTone, faxAnswerTone, faxCallingTone, ToneDetector, type ToneEvent } from './tone.ts';

const all = [faxCallingTone, faxAnswerTone, beepTone];

function detect(sound: Int16Array, packetSamples = 160): ToneEvent[] {
  const detector = new ToneDetector(all);
  const events: ToneEvent[] = [];
  for (let at = 0; at < sound.length; at += packetSamples) {
    events.push(...detector.process(sound, at, Math.min(sound.length, at + packetSamples)));
  }
  return events;
}

function tone(frequencyHz: number, onMs: number, level = -15): Int16Array {
  return synthesizeTone({ frequenciesHz: [frequencyHz], levelDbm0: level, onMs, offMs: 10 });
}

describe('single tones', () => {
  it.each([520, 853, 1000, 1400, 1633, 2000, 2500])(
    '[TONE-11] a beep of %d Hz is found after speech, over noise and through A-law',
    (frequencyHz) => {
      for (const onMs of [120, 400, 1_500]) {
        const call = joined(pseudoSpeech(800, onMs), silence(200), tone(frequencyHz, onMs), silence(200));
        const sound = decodeG711(encodeToAlaw(mixed(call, noise(3_000, -30))), alawToLinear);
        const [beep, ...others] = detect(sound);
        expect(others).toEqual([]);
        expect(beep?.name).toBe('beep');
        expect(Math.abs((beep?.frequencyHz as number) - frequencyHz)).toBeLessThan(8);
        expect(Math.abs((beep?.atMs as number) - 1_000)).toBeLessThanOrEqual(20);
        expect(Math.abs((beep?.durationMs as number) - onMs)).toBeLessThanOrEqual(20);
      }
    },
  );

  it('[TONE-11] speech, music, noise, digits and ringback are no beeps', () => {
    for (let seed = 1; seed <= 12; seed++) expect(detect(pseudoSpeech(10_000, seed))).toEqual([]);
    expect(detect(composeMusic())).toEqual([]);
    expect(detect(noise(5_000, -12))).toEqual([]);
    expect(detect(synthesizeRingback())).toEqual([]);
    for (const digit of '0123456789ABCD*#') {
      expect(detect(joined(keyTone({ digit, ms: 200 }), silence(100)))).toEqual([]);
    }
  });

  it.each([1_062, 1_100, 1_138])(
    '[TONE-12] the calling tone of a fax at %d Hz, each time it sounds',
    (frequencyHz) => {
      const cycle = [tone(frequencyHz, 500), silence(2_990)];
      const events = detect(joined(silence(300), ...cycle, ...cycle));
      expect(events.map(({ name }) => name)).toEqual(['fax-calling', 'fax-calling']);
      expect(Math.abs((events[1] as ToneEvent).atMs - 3_800)).toBeLessThanOrEqual(20);
    },
  );

  it('[TONE-12] a tone of 1,100 Hz that is too short or too long for a fax is a beep', () => {
    for (const onMs of [300, 800]) {
      expect(detect(joined(tone(1_100, onMs), silence(100))).map(({ name }) => name)).toEqual(['beep']);
    }
  });

  it('[TONE-12] the answer tone of a fax is reported while it sounds, also with its phase reversed', () => {
    const whole = joined(silence(100), tone(2_100, 3_000), silence(300));
    const [event, ...others] = detect(whole);
    expect(event).toMatchObject({ name: 'fax-answer', frequencyHz: 2_100 });
    expect(event?.durationMs).toBeLessThan(400);
    expect(others).toEqual([]);
    const reversals = Array.from({ length: 6 }, (_, i) =>
      synthesizeTone({ frequenciesHz: [2_100], levelDbm0: -12, onMs: 450 }).map((x) =>
        i % 2 === 0 ? x : -x,
      ),
    );
    expect(detect(joined(silence(100), ...reversals))[0]).toMatchObject({ name: 'fax-answer' });
  });

  it('[TONE-11] the result does not depend on the size of the packets', () => {
    const sound = joined(pseudoSpeech(500, 2), tone(1_000, 300), silence(300), tone(1_400, 250), silence(50));
    const expected = detect(sound);
    expect(expected).toHaveLength(2);
    for (const packetSamples of [1, 7, 80, 333, 5_000])
      expect(detect(sound, packetSamples)).toEqual(expected);
  });
});
