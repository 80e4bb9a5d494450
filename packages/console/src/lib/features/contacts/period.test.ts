import fc from 'fast-check';
import { expect, test } from 'vitest';
import { calendarDay } from '#lib/i18n/format.ts';
import { dayAfter, dayOf, periodQuery, startOfDay } from './period.ts';

const iso = (instant: number | null): string | null =>
  instant === null ? null : new Date(instant).toISOString();

test('[I18N-02] a day begins at midnight of the time zone', () => {
  expect(iso(startOfDay('2026-11-21', 'Europe/Prague'))).toBe('2026-11-20T23:00:00.000Z');
  expect(iso(startOfDay('2026-07-01', 'Europe/Prague'))).toBe('2026-06-30T22:00:00.000Z');
  expect(iso(startOfDay('2026-11-21', 'America/New_York'))).toBe('2026-11-21T05:00:00.000Z');
  expect(iso(startOfDay('2026-11-21', 'UTC'))).toBe('2026-11-21T00:00:00.000Z');
});

test('[I18N-02] the day of a change of the clocks begins where it begins', () => {
  expect(iso(startOfDay('2026-03-29', 'Europe/Prague'))).toBe('2026-03-28T23:00:00.000Z');
  expect(iso(startOfDay('2026-10-25', 'Europe/Prague'))).toBe('2026-10-24T22:00:00.000Z');
  expect(iso(startOfDay('2026-10-26', 'Europe/Prague'))).toBe('2026-10-25T23:00:00.000Z');
});

test('[I18N-02] what is no date is no instant', () => {
  for (const text of ['', '2026-13-01', '2026-02-30', 'today']) expect(startOfDay(text, 'UTC')).toBeNull();
});

test('[I18N-02] the last day of a period is part of it', () => {
  expect(periodQuery('2026-11-20', '2026-11-21', 'Europe/Prague')).toEqual({
    from: '2026-11-19T23:00:00.000Z',
    to: '2026-11-21T23:00:00.000Z',
  });
  expect(periodQuery('', '', 'UTC')).toEqual({ from: null, to: null });
  expect(dayAfter('2026-12-31')).toBe('2027-01-01');
});

test('[I18N-02] the start of an instant’s day is on that day and not after the instant, in any zone', () => {
  const zones = ['Europe/Prague', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland', 'UTC'];
  const instants = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2035, 0, 1) });
  fc.assert(
    fc.property(instants, fc.constantFrom(...zones), (instant, zone) => {
      const day = dayOf(instant, zone);
      expect(day).toBe(calendarDay(instant, zone));
      const start = startOfDay(day, zone);
      expect(start).not.toBeNull();
      expect(start).toBeLessThanOrEqual(instant);
      expect(calendarDay(start ?? 0, zone)).toBe(day);
    }),
  );
});
