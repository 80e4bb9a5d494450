import { BusinessHours, WeekdayName } from '@crosspoint/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dayFaults, neverOpens, opensAt } from './index.ts';

const day = [{ from: '08:00', to: '17:00' }];
const prague = BusinessHours.parse({
  timeZone: 'Europe/Prague',
  week: {
    monday: day,
    tuesday: day,
    wednesday: day,
    thursday: day,
    friday: [{ from: '08:00', to: '24:00' }],
    saturday: [{ from: '00:00', to: '02:00' }],
  },
  specialDays: [
    { name: 'Christmas Eve', day: '12-24' },
    { name: 'Open Christmas Eve', day: '2029-12-24', open: [{ from: '09:00', to: '11:00' }] },
    { name: 'Stocktaking', day: '2026-03-02' },
  ],
});
const at = (text: string) => Date.parse(text);

describe('business hours', () => {
  test.each([
    // Monday 5 January 2026, winter time: an hour before UTC.
    ['2026-01-05T06:59:59.999Z', false, '2026-01-05T07:00:00.000Z'],
    ['2026-01-05T07:00:00.000Z', true, '2026-01-05T16:00:00.000Z'],
    ['2026-01-05T15:59:59.999Z', true, '2026-01-05T16:00:00.000Z'],
    ['2026-01-05T16:00:00.000Z', false, '2026-01-06T07:00:00.000Z'],
    // Summer time: two hours.
    ['2026-07-06T06:00:00.000Z', true, '2026-07-06T15:00:00.000Z'],
  ])('[HRS-1] at %s open is %s until %s', (now, open, until) => {
    expect(opensAt(prague, at(now))).toEqual({ open, until: at(until), changesAt: at(until) });
  });

  test('[HRS-1] what touches over midnight is one', () => {
    const { open, until } = opensAt(prague, at('2026-01-09T12:00:00Z'));
    expect({ open, until: new Date(until).toISOString() }).toEqual({
      open: true,
      until: '2026-01-10T01:00:00.000Z',
    });
  });

  test('[HRS-2] a yearly holiday closes, and the dated day beats it', () => {
    expect(opensAt(prague, at('2026-12-24T10:00:00Z')).open).toBe(false);
    expect(opensAt(prague, at('2029-12-24T08:30:00Z'))).toMatchObject({
      open: true,
      until: at('2029-12-24T10:00:00Z'),
    });
    expect(opensAt(prague, at('2026-03-02T10:00:00Z'))).toMatchObject({
      open: false,
      until: at('2026-03-03T07:00:00Z'),
    });
    expect(opensAt(prague, at('2027-03-02T10:00:00Z')).open).toBe(true);
  });

  test('[HRS-3] the day on which the clocks go forward is an hour shorter', () => {
    const sunday = BusinessHours.parse({
      timeZone: 'Europe/Prague',
      week: { sunday: [{ from: '01:00', to: '04:00' }], monday: [{ from: '02:30', to: '03:00' }] },
    });
    const { open, until } = opensAt(sunday, at('2026-03-29T00:00:00Z'));
    expect(open).toBe(true);
    expect(until - at('2026-03-29T00:00:00Z')).toBe(2 * 3_600_000);
  });

  test('[HRS-4] after three weeks of holidays it is told when business opens, and of what is always open no end', () => {
    const holidays = Array.from({ length: 23 }, (_, index) => ({
      ...{ name: 'summer', day: `2026-08-${String(index + 1).padStart(2, '0')}`, open: [] },
    }));
    const closed = opensAt({ ...prague, specialDays: holidays }, at('2026-07-31T22:00:00Z'));
    expect(closed).toMatchObject({ open: false, changesAt: at('2026-08-24T06:00:00Z') });
    const always = BusinessHours.parse({
      timeZone: 'Europe/Prague',
      week: Object.fromEntries(WeekdayName.options.map((name) => [name, [{ from: '00:00', to: '24:00' }]])),
    });
    expect(opensAt(always, at('2026-07-31T22:00:00Z'))).toMatchObject({ open: true, changesAt: null });
  });

  test('[HRS-5] a day that never comes, and a second entry for a day, are found', () => {
    const days = ['02-29', '2028-02-29', '2027-02-29', '12-24', '04-31', '12-24'];
    const specialDays = days.map((date) => ({ name: date, day: date, open: [] }));
    expect(dayFaults({ ...prague, specialDays })).toEqual([
      { index: 2, code: 'no-such-day' },
      { index: 4, code: 'no-such-day' },
      { index: 5, code: 'day-twice' },
    ]);
  });

  test('[HRS-4] hours that never open say so for two months, and are found', () => {
    const closed = BusinessHours.parse({
      timeZone: 'UTC',
      specialDays: [{ name: 'once', day: '2020-01-01', open: day }],
    });
    expect(opensAt(closed, at('2026-01-01T12:00:00Z'))).toEqual({
      open: false,
      ...{ until: at('2026-03-04T00:00:00Z'), changesAt: null },
    });
    expect(neverOpens(closed, at('2026-01-01T12:00:00Z'))).toBe(true);
    expect(neverOpens(prague, at('2026-01-01T12:00:00Z'))).toBe(false);
  });

  test('[HRS-4] the answer holds until it says, whatever the instant', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (now, share) => {
          const state = opensAt(prague, now);
          const { until } = state;
          expect(until).toBeGreaterThan(now);
          const between = Math.floor(now + (until - 1 - now) * share);
          expect(opensAt(prague, between)).toEqual(state);
        },
      ),
      { numRuns: 300 },
    );
  });
});
