import { describe, expect, test } from 'vitest';
import { startOfDay } from './day.ts';

const at = (text: string) => Date.parse(text);

describe('the start of a day', () => {
  test.each([
    ['2026-11-21T10:15:30.500Z', 'UTC', '2026-11-21T00:00:00Z'],
    ['2026-11-21T00:00:00Z', 'UTC', '2026-11-21T00:00:00Z'],
    ['2026-11-20T23:30:00Z', 'Europe/Prague', '2026-11-20T23:00:00Z'],
    ['2026-11-21T02:00:00Z', 'America/New_York', '2026-11-20T05:00:00Z'],
    ['2026-11-21T02:00:00Z', 'Asia/Kolkata', '2026-11-20T18:30:00Z'],
    // Prague, 29 March 2026: the day has 23 hours.
    ['2026-03-29T12:00:00Z', 'Europe/Prague', '2026-03-28T23:00:00Z'],
    // Prague, 25 October 2026: the day has 25 hours.
    ['2026-10-25T12:00:00Z', 'Europe/Prague', '2026-10-24T22:00:00Z'],
    // Santiago, 6 September 2026: clocks go forward at midnight, the day begins at 01:00.
    ['2026-09-06T15:00:00Z', 'America/Santiago', '2026-09-06T04:00:00Z'],
  ])('[QUE-12] at %s in %s it was %s', (now, timeZone, expected) => {
    expect(new Date(startOfDay(at(now), timeZone)).toISOString()).toBe(new Date(at(expected)).toISOString());
  });
});
