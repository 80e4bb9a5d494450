import type { Hearing } from '@crosspoint/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RecognitionEvents, Recogniser } from './door.ts';
import { LegEar } from './leg-ear.ts';
import { Slots } from './slots.ts';

const hearing: Hearing = {
  language: 'en',
  phrases: ['sales'],
  repeats: false,
  silenceMs: 700,
  maxMs: 10_000,
};
const chunk = (level: number) => new Int16Array(800).fill(level);

/** A recogniser whose deeds are noted, and whose answer the test gives. */
function listened() {
  const deeds: string[] = [];
  let answer: RecognitionEvents | undefined;
  const recogniser: Recogniser = {
    refusal: () => undefined,
    open: (_hearing, events) => {
      answer = events;
      return {
        write: (samples) => deeds.push(`write ${samples[0]}`),
        finish: () => deeds.push('finish'),
        cancel: () => deeds.push('cancel'),
      };
    },
  };
  const ear = new LegEar(recogniser, hearing, {
    began: () => deeds.push('began'),
    heard: (text, confidence) => deeds.push(`heard ${text} ${confidence}`),
    failed: (fault) => deeds.push(`failed ${fault}`),
  });
  return { ear, deeds, answered: () => answer as RecognitionEvents };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('[IVR-03] nobody is asked before the caller speaks, and what came shortly before belongs to it', () => {
  const { ear, deeds, answered } = listened();
  for (let level = 1; level <= 9; level++) ear.sound(chunk(level));
  expect(deeds).toEqual([]);
  ear.speech(true);
  ear.sound(chunk(10));
  ear.speech(false);
  ear.sound(chunk(11));
  answered().heard('sales', 0.9);
  const written = [4, 5, 6, 7, 8, 9].map((level) => `write ${level}`);
  expect(deeds).toEqual([...written, 'began', 'write 10', 'finish', 'heard sales 0.9']);
  expect(vi.getTimerCount()).toBe(0);
});

test('[IVR-03] whoever speaks for too long is not listened to any further', () => {
  const { ear, deeds } = listened();
  ear.speech(true);
  vi.advanceTimersByTime(10_000);
  ear.sound(chunk(1));
  ear.speech(false);
  expect(deeds).toEqual(['began', 'finish']);
});

test('[IVR-03] a failure comes once, and nothing comes of an ear that was closed', () => {
  const one = listened();
  one.ear.speech(true);
  one.answered().failed('no-connection', '');
  one.answered().heard('sales', 1);
  expect(one.deeds).toEqual(['began', 'failed no-connection']);
  const other = listened();
  other.ear.speech(true);
  other.ear.close();
  other.answered().heard('sales', 1);
  expect(other.deeds).toEqual(['began', 'cancel']);
  expect(vi.getTimerCount()).toBe(0);
});

test('[IVR-03] a few work at once, some wait in their order, and the rest are refused', () => {
  const slots = new Slots(1, 2);
  const begun: string[] = [];
  const take = (name: string) => slots.take(() => begun.push(name));
  const [first, second, third] = [take('first'), take('second'), take('third')];
  expect(take('fourth')).toBeUndefined();
  second?.();
  expect(begun).toEqual(['first']);
  first?.();
  first?.();
  expect(begun).toEqual(['first', 'third']);
  third?.();
  take('fifth');
  expect(begun).toEqual(['first', 'third', 'fifth']);
});
