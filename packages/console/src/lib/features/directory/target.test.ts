import { expect, test } from 'vitest';
import { typedNumber } from './target.ts';

test('[CTL-01] a number is taken as people write it, and a name is none', () => {
  expect(typedNumber('+420 (555) 000-111')).toBe('+420555000111');
  expect(typedNumber('101')).toBe('101');
  expect(typedNumber('*78')).toBe('*78');
  for (const text of ['', 'Dana', '5', '555 Dana', '12+34', '1'.repeat(33)]) {
    expect(typedNumber(text), text).toBeNull();
  }
});
