import { describe, expect, test } from 'vitest';
import { canonicalNumber, findEntryPoint } from './entry-point.ts';

describe('entry points', () => {
  test.each([
    ['+420 555 000-111', '+420555000111'],
    ['(02) 555.000', '02555000'],
    ['700', '700'],
    ['sales-desk', 'sales-desk'],
    ['*1', '*1'],
    ['', ''],
  ])('[RTE-01] %j is looked up as %j', (written, canonical) => {
    expect(canonicalNumber(written)).toBe(canonical);
  });

  test('[RTE-01] a plus more or less finds the same entry point, the exact writing first', () => {
    const numbers = new Map([
      ['+420555000111', 'with'],
      ['700', 'short'],
      ['+700', 'long'],
    ]);
    expect(findEntryPoint(numbers, '420555000111')).toBe('with');
    expect(findEntryPoint(numbers, '+420 555 000 111')).toBe('with');
    expect(findEntryPoint(numbers, '700')).toBe('short');
    expect(findEntryPoint(numbers, '+700')).toBe('long');
    expect(findEntryPoint(numbers, '701')).toBeUndefined();
  });

  test('[RTE-01] 00 in front stands for the plus, unless a number is written so', () => {
    const numbers = new Map([
      ['+420555000111', 'with'],
      ['00420555000112', 'so'],
      ['+420555000112', 'long'],
    ]);
    expect(findEntryPoint(numbers, '00420 555 000 111')).toBe('with');
    expect(findEntryPoint(numbers, '00420555000112')).toBe('so');
    expect(findEntryPoint(numbers, '000420555000111')).toBeUndefined();
    expect(findEntryPoint(numbers, '00')).toBeUndefined();
  });
});
