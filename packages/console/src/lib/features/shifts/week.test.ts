import { ScheduleInput } from '@crosspoint/contracts';
import { expect, test } from 'vitest';
import {
  dayIn,
  dayPlus,
  isBlank,
  mondayOf,
  parseTime,
  shiftsOn,
  weekHours,
  withDate,
  withoutChange,
  withWeek,
  withZone,
} from './week.ts';

const shift = (from: string, to: string, breaks: { from: string; to: string }[] = []) => ({
  from,
  to,
  breaks,
});
const schedule = ScheduleInput.parse({
  timeZone: 'Europe/Prague',
  week: {
    monday: [shift('08:00', '16:30', [{ from: '12:00', to: '12:30' }])],
    friday: [shift('22:00', '06:00')],
  },
  dates: [{ date: '2026-11-27', shifts: [] }],
});

test('[TEAM-02] weeks begin on Monday, over the ends of months and years', () => {
  expect(['2026-11-23', '2026-11-29', '2027-01-01'].map(mondayOf)).toEqual([
    '2026-11-23',
    '2026-11-23',
    '2026-12-28',
  ]);
  expect(dayPlus('2026-12-31', 1)).toBe('2027-01-01');
});

test('[TEAM-02] the hours of a week are those of its shifts without their breaks, also over midnight', () => {
  expect(weekHours(schedule.week)).toBe(16);
});

test('[TEAM-02] a date goes before its weekday, and can be replaced', () => {
  expect(shiftsOn(schedule, '2026-11-20')).toMatchObject({ dated: false, shifts: [{ from: '22:00' }] });
  expect(shiftsOn(schedule, '2026-11-27')).toEqual({ dated: true, shifts: [] });
  const dates = withDate(withDate(schedule.dates, '2026-11-01', []), '2026-11-27', [shift('08:00', '09:00')]);
  expect(dates.map(({ date, shifts }) => [date, shifts.length])).toEqual([
    ['2026-11-01', 0],
    ['2026-11-27', 1],
  ]);
});

test('[TEAM-02] a week that is changed from a date on leaves the days before it and after the next change as they were', () => {
  const long = { monday: [shift('07:00', '19:00')] };
  const later = { ...schedule, ...withWeek(schedule, '2026-12-07', {}) };
  const changed = { ...later, ...withWeek(later, '2026-11-24', long) };
  const mondays = ['2026-11-23', '2026-11-30', '2026-12-07'].map(
    (day) => shiftsOn(changed, day).shifts[0]?.from,
  );
  expect(mondays).toEqual(['08:00', '07:00', undefined]);
  expect(changed.weeks.map(({ from }) => from)).toEqual(['2026-11-24', '2026-12-07']);
  expect(withoutChange(changed, '2026-11-24')).toEqual(withWeek(schedule, '2026-12-07', {}));
});

test('[TEAM-02] a time zone that is changed from a date on leaves the days before it as they were, and goes on over other weeks', () => {
  const later = { ...schedule, ...withWeek(schedule, '2026-12-07', {}) };
  const moved = { ...later, ...withZone(later, '2026-11-24', 'Asia/Tokyo') };
  expect(moved.timeZone).toBe('Europe/Prague');
  expect(moved.weeks).toEqual([
    { from: '2026-11-24', week: schedule.week, timeZone: 'Asia/Tokyo' },
    { from: '2026-12-07', week: {} },
  ]);
  const days = ['2026-11-23T20:00:00Z', '2026-11-24T20:00:00Z', '2026-12-09T20:00:00Z'];
  expect(days.map((at) => dayIn(moved, Date.parse(at)))).toEqual(['2026-11-23', '2026-11-25', '2026-12-10']);
  const changed = withWeek(moved, '2026-11-24', {});
  expect(changed.weeks).toEqual([{ from: '2026-11-24', week: {}, timeZone: 'Asia/Tokyo' }]);
  expect(withZone(moved, '2026-11-24', 'Europe/Prague')).toEqual(withWeek(schedule, '2026-12-07', {}));
  expect(withZone(schedule, null, 'Asia/Tokyo')).toMatchObject({ timeZone: 'Asia/Tokyo', weeks: [] });
});

test('[TEAM-02] a date from which nothing changes is none, and a week from the start is one', () => {
  const same = { ...schedule.week, tuesday: [] };
  expect(withWeek(schedule, '2026-11-24', same)).toMatchObject({ week: schedule.week, weeks: [] });
  const off = withWeek(schedule, '2026-11-24', {});
  expect(withWeek(off, null, {})).toMatchObject({ week: {}, weeks: [] });
  expect([isBlank(schedule), isBlank({ ...schedule, week: { monday: [] }, dates: [] })]).toEqual([
    false,
    true,
  ]);
});

test('[TEAM-02] a time is understood as people type it, and nothing else is', () => {
  expect(['8', '830', '8:30', ' 08.30 ', '16 45', '0'].map(parseTime)).toEqual([
    '08:00',
    '08:30',
    '08:30',
    '08:30',
    '16:45',
    '00:00',
  ]);
  expect(['', '24:00', '12:60', 'noon', '12345', '1:2:3'].map(parseTime)).toEqual([
    null,
    null,
    null,
    null,
    null,
    null,
  ]);
});
