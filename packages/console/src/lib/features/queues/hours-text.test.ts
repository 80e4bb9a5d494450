import { describe, expect, test } from 'vitest';
import { parseRanges, rangesText } from './hours-text.ts';

describe('opening ranges in words', () => {
  test.each([
    [
      '08:00-12:00, 13:00-17:00',
      [
        { from: '08:00', to: '12:00' },
        { from: '13:00', to: '17:00' },
      ],
    ],
    [
      '8-12; 13:30 – 24',
      [
        { from: '08:00', to: '12:00' },
        { from: '13:30', to: '24:00' },
      ],
    ],
    ['', []],
    ['noon', [{ from: 'noon', to: '' }]],
  ])('[QUE-08] %s', (text, ranges) => {
    expect(parseRanges(text)).toEqual(ranges);
    expect(parseRanges(rangesText(ranges))).toEqual(ranges);
  });
});
