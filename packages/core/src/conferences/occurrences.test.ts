import { ConferenceSchedule } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { occurrenceAt, scheduleFault } from './occurrences.ts';
import { WrongTries, wrongTriesMax, wrongTriesWindowMs } from './tries.ts';

const at = (text: string) => Date.parse(text);
const once = ConferenceSchedule.parse({
  ...{ timeZone: 'Europe/Prague', startsAt: '2026-12-01T10:00', endsAt: '2026-12-01T11:30' },
});
const weekly = ConferenceSchedule.parse({
  ...{ timeZone: 'Europe/Prague', startsAt: '2026-03-02T10:00', endsAt: '2026-03-02T11:00' },
  weekly: { days: ['monday', 'thursday'], until: '2026-04-06' },
});
const shown = (schedule: ConferenceSchedule, now: string) => {
  const found = occurrenceAt(schedule, at(now));
  return found && [new Date(found.startsAt).toISOString(), new Date(found.endsAt).toISOString(), found.open];
};

describe('when people meet', () => {
  test.each([
    ['2026-12-01T08:49:59Z', false],
    ['2026-12-01T08:50:00Z', true],
    ['2026-12-01T10:29:59Z', true],
  ])('[OCC-1] at %s callers are let in: %s', (now, open) => {
    expect(shown(once, now)).toEqual(['2026-12-01T09:00:00.000Z', '2026-12-01T10:30:00.000Z', open]);
  });

  test('[OCC-1] after the end there is none', () => {
    expect(shown(once, '2026-12-01T10:30:00Z')).toBeUndefined();
  });

  test.each([
    ['before the first', '2026-02-01T00:00:00Z', '2026-03-02T09:00:00.000Z'],
    ['on another weekday', '2026-03-03T00:00:00Z', '2026-03-05T09:00:00.000Z'],
    ['in summer time at the same time of the clocks', '2026-03-30T00:00:00Z', '2026-03-30T08:00:00.000Z'],
    ['on the last day', '2026-04-06T08:30:00Z', '2026-04-06T08:00:00.000Z'],
  ])('[OCC-2] a weekly meeting, %s', (_when, now, startsAt) => {
    expect(shown(weekly, now)?.[0]).toBe(startsAt);
  });

  test('[OCC-2] after the last day there is none', () => {
    expect(shown(weekly, '2026-04-06T09:00:00Z')).toBeUndefined();
  });

  test('[OCC-2 OCC-3] one that runs over midnight is on until its end, also on the day after the last', () => {
    const night = ConferenceSchedule.parse({
      ...{ timeZone: 'UTC', startsAt: '2026-03-02T23:00', endsAt: '2026-03-03T01:00' },
      weekly: { days: ['monday', 'tuesday'], until: '2026-03-03' },
    });
    expect(shown(night, '2026-03-03T00:30:00Z')?.[0]).toBe('2026-03-02T23:00:00.000Z');
    expect(shown(night, '2026-03-04T00:59:00Z')?.[0]).toBe('2026-03-03T23:00:00.000Z');
    expect(shown(night, '2026-03-04T01:00:00Z')).toBeUndefined();
  });

  test.each([
    ['endsAt', { endsAt: '2026-12-01T10:00' }],
    ['endsAt', { endsAt: '2026-12-02T10:01' }],
    ['weekly.until', { weekly: { days: ['monday' as const], until: '2026-11-30' } }],
  ])('[OCC-2] what contradicts itself is told at %s', (path, change) => {
    expect(scheduleFault({ ...once, ...change })).toMatchObject({ path });
    expect(scheduleFault(once)).toBeUndefined();
  });
});

describe('wrong PINs', () => {
  test('[TRY-1] so many bar a source until they are old', () => {
    const tries = new WrongTries();
    for (let n = 1; n <= wrongTriesMax; n++) {
      expect(tries.isBarred('a', n)).toBe(false);
      expect(tries.note('a', n)).toBe(n);
    }
    expect(tries.isBarred('a', wrongTriesMax)).toBe(true);
    expect(tries.isBarred('b', wrongTriesMax)).toBe(false);
    expect(tries.isBarred('a', wrongTriesWindowMs)).toBe(true);
    expect(tries.isBarred('a', wrongTriesWindowMs + 1)).toBe(false);
  });

  test('[TRY-2] only so many sources are remembered', () => {
    const tries = new WrongTries();
    for (let n = 0; n < wrongTriesMax; n++) tries.note('first', 0);
    for (let n = 0; n < 9_999; n++) tries.note(`s${n}`, 0);
    expect(tries.isBarred('first', 0)).toBe(true);
    tries.note('one more', 0);
    expect(tries.isBarred('first', 0)).toBe(false);
  });
});
