import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  calendarDay,
  formatBytes,
  formatBriefDuration,
  formatDuration,
  formatList,
  formatMoment,
  formatNumber,
  formatPercent,
  formatTime,
  formatUnit,
  noValue,
} from './format.ts';

/** Spaces that do not break are right in print and awkward in a test. */
const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ');

describe('[I18N-01] numbers', () => {
  test.each([
    ['en', '12,345', '71%'],
    ['es', '12.345', '71 %'],
    ['cs', '12 345', '71 %'],
  ])('in %s', (language, number, percent) => {
    expect(plain(formatNumber(12_345, language))).toBe(number);
    expect(plain(formatPercent(0.71, language))).toBe(percent);
  });

  test('nothing to show is a dash, zero is not', () => {
    expect(formatNumber(null, 'en')).toBe(noValue);
    expect(formatPercent(null, 'en')).toBe(noValue);
    expect(formatNumber(0, 'en')).toBe('0');
  });

  test('sizes take the unit that fits', () => {
    expect(plain(formatBytes(999, 'en'))).toBe('999 bytes');
    expect(plain(formatBytes(1_000, 'en'))).toBe('1 kB');
    expect(plain(formatBytes(1_250_000_000, 'cs'))).toBe('1,3 GB');
    expect(formatBytes(null, 'en')).toBe(noValue);
  });
});

describe('[I18N-01] durations', () => {
  test.each([
    [0, '0:00'],
    [7.9, '0:07'],
    [161, '2:41'],
    [3_599, '59:59'],
    [3_600, '1:00:00'],
    [3_909, '1:05:09'],
    [-5, '0:00'],
    [null, noValue],
    [Number.NaN, noValue],
  ])('%s s is %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  test('read back, every duration is the whole seconds it was made of', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 360_000, noNaN: true }), (seconds) => {
        const parts = formatDuration(seconds).split(':').map(Number);
        const total = parts.reduce((sum, part) => sum * 60 + part, 0);
        expect(total).toBe(Math.floor(seconds));
      }),
    );
  });
});

test('[I18N-01] what is over in parts of a second shows them', () => {
  const inEach = (ms: number): string[] =>
    ['en', 'es', 'cs'].map((language) => plain(formatBriefDuration(ms, language)));
  expect(inEach(347)).toEqual(['0.35s', '0,35s', '0,35 s']);
  expect(inEach(0)).toEqual(['0s', '0s', '0 s']);
  expect(inEach(9_990)).toEqual(['9.99s', '9,99s', '9,99 s']);
  expect(inEach(65_000)).toEqual(['1:05', '1:05', '1:05']);
});

describe('[I18N-02] moments stand in the time zone of the person', () => {
  const prague = { language: 'cs', timeZone: 'Europe/Prague' };
  const now = Date.parse('2026-11-21T22:59:00Z');

  test('the same instant has the clock of the zone', () => {
    expect(formatTime('2026-11-21T08:30:05Z', prague)).toBe('09:30:05');
    expect(formatTime('2026-11-21T08:30:05Z', { language: 'en', timeZone: 'America/New_York' })).toBe(
      '03:30:05',
    );
  });

  test('today is what the zone calls today', () => {
    expect(formatMoment('2026-11-20T23:30:00Z', now, prague)).toBe('00:30');
    expect(plain(formatMoment('2026-11-20T22:30:00Z', now, prague))).toContain('23:30');
    expect(plain(formatMoment('2026-11-20T22:30:00Z', now, prague))).toContain('20.');
  });

  test('another year is named', () => {
    expect(formatMoment('2025-12-31T12:00:00Z', now, prague)).toContain('2025');
    expect(formatMoment('2026-01-01T12:00:00Z', now, prague)).not.toContain('2026');
  });

  test('a calendar day ends at midnight of the zone', () => {
    expect(calendarDay('2026-11-21T22:59:59Z', 'Europe/Prague')).toBe('2026-11-21');
    expect(calendarDay('2026-11-21T23:00:00Z', 'Europe/Prague')).toBe('2026-11-22');
  });
});

test('[I18N-01] lists are joined as the language joins them', () => {
  expect(formatList(['A', 'B', 'C'], 'en')).toBe('A, B, and C');
  expect(formatList(['A', 'B', 'C'], 'es')).toBe('A, B y C');
  expect(plain(formatList(['A', 'B', 'C'], 'cs'))).toBe('A, B a C');
});

test('[I18N-01] hours and minutes carry the unit and the decimal sign of the language', () => {
  const inEach = (value: number, ...words: ['hour' | 'minute', 'narrow' | 'long']): string[] =>
    ['en', 'es', 'cs'].map((language) => plain(formatUnit(value, ...words, language)));
  expect(inEach(7.5, 'hour', 'narrow')).toEqual(['7.5h', '7,5h', '7,5 h']);
  expect(inEach(1, 'minute', 'long')).toEqual(['1 minute', '1 minuto', '1 minuta']);
  expect(inEach(2.5, 'minute', 'long')).toEqual(['2.5 minutes', '2,5 minutos', '2,5 minuty']);
});
