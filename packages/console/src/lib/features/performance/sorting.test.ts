import type { PerformanceFigures } from '@crosspoint/contracts';
import { expect, test } from 'vitest';
import { sorted } from './sorting.ts';

const row = (name: string, scoreMean: number | null) =>
  ({ name, scoreMean }) as unknown as PerformanceFigures & { name: string };
const rows = [row('c', null), row('b', 50), row('a', 90)];
const order = (sort: string): string =>
  sorted(rows, sort, ({ name }) => name)
    .map(({ name }) => name)
    .join('');

test('[TEAM-04] rows without a figure stand at the end, whichever way the column is sorted', () => {
  expect(order('scoreMean')).toBe('bac');
  expect(order('-scoreMean')).toBe('abc');
  expect(order('name')).toBe('abc');
  expect(order('-name')).toBe('cba');
});
