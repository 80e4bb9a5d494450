import { expect, test } from 'vitest';
import { ownWeek, shiftsOf } from './own-week.ts';

const at = (text: string): string => new Date(`2026-${text}Z`).toISOString();
const span = (from: string, to: string, state: 'work' | 'break' = 'work') => ({
  from: at(from),
  to: at(to),
  state,
});
const hourMs = 3_600_000;

test('[TEAM-02] spans that touch are one shift with its breaks, others are shifts of their own', () => {
  const spans = [
    span('11-23T08:00', '11-23T12:00'),
    span('11-23T12:00', '11-23T12:30', 'break'),
    span('11-23T12:30', '11-23T16:00'),
    span('11-23T18:00', '11-23T20:00'),
  ];
  expect(shiftsOf(spans)).toEqual([
    {
      ...{ from: Date.parse(at('11-23T08:00')), to: Date.parse(at('11-23T16:00')) },
      breaks: [{ from: Date.parse(at('11-23T12:00')), to: Date.parse(at('11-23T12:30')) }],
    },
    { from: Date.parse(at('11-23T18:00')), to: Date.parse(at('11-23T20:00')), breaks: [] },
  ]);
  expect(ownWeek(spans, '2026-11-23', 'UTC')[0]).toMatchObject({ day: '2026-11-23', workMs: 9.5 * hourMs });
});

test('[TEAM-02] a shift belongs to the day on which it begins in the time zone of who looks', () => {
  const spans = [span('11-23T22:00', '11-24T06:00'), span('11-29T23:30', '11-30T07:00')];
  const daysOf = (timeZone: string) =>
    ownWeek(spans, '2026-11-23', timeZone)
      .filter(({ shifts }) => shifts.length > 0)
      .map(({ day }) => day);
  expect(daysOf('UTC')).toEqual(['2026-11-23', '2026-11-29']);
  expect(daysOf('Asia/Tokyo')).toEqual(['2026-11-24']);
});

test('[TEAM-02] a day on which the clocks are changed has the hours that it has', () => {
  const days = ownWeek([], '2026-10-19', 'Europe/Prague');
  expect(days.map(({ from, to }) => (to - from) / hourMs)).toEqual([24, 24, 24, 24, 24, 24, 25]);
});
