import { expect, test } from 'vitest';
import { intervalFor, isPossible, namedIntervals, possibleIntervals } from './intervals.ts';

const days = (from: string, to: string) => ({ from, to });

test('[QUE-12] a period is cut only into so many intervals as the server counts', () => {
  expect(possibleIntervals(days('2026-11-22', '2026-11-22'))).toEqual(['15m', 'hour', 'day']);
  expect(possibleIntervals(days('2026-11-13', '2026-11-22'))).toEqual(['15m', 'hour', 'day']);
  expect(possibleIntervals(days('2026-11-12', '2026-11-22'))).toEqual(['hour', 'day']);
  expect(possibleIntervals(days('2026-10-23', '2026-11-22'))).toEqual(['hour', 'day']);
});

test('[QUE-12] a chosen interval that a longer period does not allow gives way to the usual one', () => {
  expect(intervalFor(days('2026-11-22', '2026-11-22'), '')).toBe('hour');
  expect(intervalFor(days('2026-11-22', '2026-11-22'), '15m')).toBe('15m');
  expect(intervalFor(days('2026-11-01', '2026-11-22'), '15m')).toBe('day');
  expect(intervalFor(days('2026-11-01', '2026-11-22'), 'hour')).toBe('hour');
  expect(intervalFor(days('2026-11-22', '2026-11-22'), 'week')).toBe('hour');
});

test('[QUE-12] a period is possible up to 31 days, in order, and when it has begun', () => {
  const today = '2026-11-22';
  expect(isPossible(days('2026-10-23', today), today)).toBe(true);
  expect(isPossible(days('2026-10-22', today), today)).toBe(false);
  expect(isPossible(days(today, '2026-11-30'), today)).toBe(true);
  expect(isPossible(days('2026-11-23', '2026-11-30'), today)).toBe(false);
  expect(isPossible(days(today, '2026-11-21'), today)).toBe(false);
});

test('[QUE-12] under a chart of one day hours are named, of several days their beginnings in the zone of the queue', () => {
  const hours = (first: string, count: number): string[] =>
    Array.from({ length: count }, (_none, index) =>
      new Date(Date.parse(first) + index * 3_600_000).toISOString(),
    );
  expect(namedIntervals(hours('2026-11-22T00:00:00Z', 24), 'UTC', 8)).toEqual([0, 4, 8, 12, 16, 20]);
  // Midnight in Prague is 23 h in UTC.
  expect(namedIntervals(hours('2026-11-21T23:00:00Z', 48), 'Europe/Prague', 8)).toEqual([0, 24]);
  expect(namedIntervals([], 'UTC', 8)).toEqual([]);
});
