import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joined, mixed, noise, pseudoSpeech, silence } from '../../test/sound.ts';
import { synthesizeTone } from '../tones.ts';
import {
  AnsweringMachineDetector,
  type AnsweringMachineEvent,
  type AnsweringMachineOptions,
} from './answering-machine.ts';

function listen(sound: Int16Array, options: AnsweringMachineOptions = {}, packetSamples = 160) {
  const detector = new AnsweringMachineDetector(options);
  const events: AnsweringMachineEvent[] = [];
  for (let at = 0; at < sound.length && !detector.isDone; at += packetSamples) {
    events.push(...detector.process(sound, at, Math.min(sound.length, at + packetSamples)));
  }
  return { events, detector };
}

/** A word without pauses in it. */
function word(ms: number, frequencyHz = 180): Int16Array {
  const voice = { frequenciesHz: [frequencyHz, frequencyHz * 3, frequencyHz * 7], levelDbm0: -22 };
  return synthesizeTone({ ...voice, onMs: ms, offMs: 1 });
}

/** What a line sounds like when nobody speaks. */
const onLine = (sound: Int16Array) => mixed(sound, noise(sound.length / 8, -58));
const beep = synthesizeTone({ frequenciesHz: [1_000], levelDbm0: -14, onMs: 400, offMs: 10 });

describe('answering machine detection', () => {
  it('[AMD-01] "hello?" and waiting is a human, told 0.8 s after the word', () => {
    const { events, detector } = listen(onLine(joined(silence(600), word(450), silence(2_000))));
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ verdict: 'human', reason: 'greeting-short', words: 1 });
    const verdict = events[0] as Extract<AnsweringMachineEvent, { type: 'verdict' }>;
    expect(Math.abs(verdict.initialSilenceMs - 600)).toBeLessThan(40);
    expect(Math.abs(verdict.greetingMs - 450)).toBeLessThan(60);
    expect(Math.abs(verdict.atMs - 1_850)).toBeLessThan(80);
    expect(detector.isDone).toBe(true);
  });

  it('[AMD-01] two words with a pause between are still a human', () => {
    const { events } = listen(
      onLine(joined(silence(300), word(300), silence(250), word(400), silence(1_500))),
    );
    expect(events).toMatchObject([{ verdict: 'human', reason: 'greeting-short', words: 2 }]);
  });

  it('[AMD-02] a speech is a machine as soon as it is too long, and its beep is awaited', () => {
    const { events } = listen(
      onLine(joined(silence(700), pseudoSpeech(6_000, 4), silence(400), beep, silence(2_000))),
    );
    expect(events).toMatchObject([
      { type: 'verdict', verdict: 'machine', reason: 'greeting-long' },
      { type: 'message-ready', reason: 'beep' },
    ]);
    expect(Math.abs((events[0]?.atMs as number) - 3_100)).toBeLessThan(200);
    // The message begins behind the beep, not within it.
    expect(events[1]?.atMs).toBeGreaterThan(7_490);
    expect(events[1]?.atMs).toBeLessThan(7_600);
  });

  it('[AMD-02] a machine without a beep gets its message after 2.5 s of silence', () => {
    const { events } = listen(onLine(joined(silence(500), word(3_000), silence(4_000))));
    expect(events).toMatchObject([{ verdict: 'machine' }, { type: 'message-ready', reason: 'silence' }]);
    expect(Math.abs((events[1]?.atMs as number) - 6_000)).toBeLessThan(100);
  });

  it('[AMD-02] a machine that never stops is waited for so long and no longer', () => {
    const { events } = listen(pseudoSpeech(8_000, 9), { messageWaitMaxMs: 6_000 });
    expect(events).toMatchObject([
      { verdict: 'machine' },
      { type: 'message-ready', reason: 'time-out', atMs: 6_000 },
    ]);
  });

  it('[AMD-03] many short words are a machine', () => {
    const counting = Array.from({ length: 9 }, () => [word(120), silence(120)]).flat();
    const { events } = listen(onLine(joined(silence(300), ...counting)), { greetingMaxMs: 5_000 });
    expect(events[0]).toMatchObject({ verdict: 'machine', reason: 'many-words', words: 7 });
  });

  it('[AMD-04] a beep at once is a machine, and the message may follow', () => {
    const { events } = listen(onLine(joined(silence(500), beep, silence(1_000))));
    expect(events).toMatchObject([
      { verdict: 'machine', reason: 'beep' },
      { type: 'message-ready', reason: 'beep' },
    ]);
  });

  it.each([
    ['calling', 1_100, 500],
    ['answer', 2_100, 2_600],
  ])('[AMD-05] the %s tone of a fax is a machine that takes no message', (_, frequencyHz, onMs) => {
    const tone = synthesizeTone({ frequenciesHz: [frequencyHz], levelDbm0: -14, onMs, offMs: 10 });
    const { events, detector } = listen(onLine(joined(silence(800), tone, silence(3_000))));
    expect(events).toMatchObject([{ verdict: 'machine', reason: 'fax-tone' }]);
    expect(detector.isDone).toBe(true);
  });

  it('[AMD-06] silence is unknown, and so is what stays undecided', () => {
    expect(listen(onLine(silence(4_000))).events).toMatchObject([
      { verdict: 'unknown', reason: 'initial-silence', atMs: 2_500, words: 0, greetingMs: 0 },
    ]);
    const hesitant = onLine(joined(silence(2_000), word(500), silence(3_000)));
    expect(listen(hesitant, { afterGreetingSilenceMs: 5_000, analysisMaxMs: 4_000 }).events).toMatchObject([
      { verdict: 'unknown', reason: 'time-out', atMs: 4_000 },
    ]);
  });

  it('[AMD-06] a click is no word', () => {
    const { events } = listen(onLine(joined(silence(300), word(40), silence(4_000))));
    expect(events).toMatchObject([{ verdict: 'unknown', reason: 'initial-silence', words: 0 }]);
  });

  it('[AMD-07] whatever is heard, one verdict falls in time, then at most one message', () => {
    const piece = fc.tuple(
      fc.constantFrom('silence', 'noise', 'speech', 'word', 'beep'),
      fc.integer({ min: 20, max: 2_000 }),
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 6 }),
        fc.integer({ min: 1, max: 480 }),
        (pieces, packetSamples) => {
          const sounds = pieces.map(([kind, ms], i) => {
            if (kind === 'silence') return silence(ms);
            if (kind === 'noise') return noise(ms, -25, i);
            if (kind === 'speech') return pseudoSpeech(ms, i);
            return kind === 'beep' ? beep : word(ms);
          });
          const { events, detector } = listen(joined(...sounds, silence(9_000)), {}, packetSamples);
          const verdicts = events.filter(({ type }) => type === 'verdict');
          expect(verdicts).toHaveLength(1);
          expect(verdicts[0]?.atMs).toBeLessThanOrEqual(5_010);
          expect(events.length).toBeLessThanOrEqual(2);
          expect(events[0]).toBe(verdicts[0]);
          expect(detector.isDone).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('[AMD-07] options out of range are refused by name', () => {
    expect(() => new AnsweringMachineDetector({ wordsMax: 0 })).toThrow(/wordsMax: 1–20, not 0/);
    expect(() => new AnsweringMachineDetector({ greetingMaxMs: 100 })).toThrow(/greetingMaxMs/);
  });
});
