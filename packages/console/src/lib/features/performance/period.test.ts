import { expect, test } from 'vitest';
import { daysOf, firstOfDays } from './period.ts';

const none = { from: '', to: '' };
/** Half past eleven in the evening in UTC is the next day in Prague. */
const now = Date.parse('2026-03-01T23:30:00Z');

test('[TEAM-04] a period ends with today in the time zone of the person', () => {
  expect(daysOf('today', none, now, 'UTC')).toEqual({ from: '2026-03-01', to: '2026-03-01' });
  expect(daysOf('today', none, now, 'Europe/Prague')).toEqual({ from: '2026-03-02', to: '2026-03-02' });
  expect(daysOf('7', none, now, 'UTC')).toEqual({ from: '2026-02-23', to: '2026-03-01' });
  expect(firstOfDays('2026-03-30', 30)).toBe('2026-03-01');
});

test('[TEAM-04] own days are taken as they are, and end today unless said', () => {
  expect(daysOf('own', { from: '2026-01-05', to: '2026-01-09' }, now, 'UTC')).toEqual({
    from: '2026-01-05',
    to: '2026-01-09',
  });
  expect(daysOf('own', { from: '2026-01-05', to: '' }, now, 'UTC').to).toBe('2026-03-01');
  expect(daysOf('own', none, now, 'UTC')).toEqual({ from: '2026-03-01', to: '2026-03-01' });
});
