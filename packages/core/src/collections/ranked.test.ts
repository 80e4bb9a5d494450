import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RankedList } from './ranked.ts';

test('[QUE-09] the rank of each item is how many come before it, whatever was put in and taken out', () => {
  const act = fc.record({ value: fc.integer({ min: 0, max: 3_000 }), isRemoval: fc.boolean() });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 1_500, size: 'max' }), (acts) => {
      const list = new RankedList<number>((a, b) => a - b);
      const model = new Set<number>();
      for (const { value, isRemoval } of acts) {
        if (isRemoval) list.remove(value);
        else if (!model.has(value)) list.insert(value);
        if (isRemoval) model.delete(value);
        else model.add(value);
      }
      const sorted = [...model].toSorted((a, b) => a - b);
      expect(list.values()).toEqual(sorted);
      for (const [rank, value] of sorted.entries()) expect(list.rankOf(value)).toBe(rank);
      expect(list.rankOf(4_000)).toBe(sorted.length);
      expect(list.rankOf(-1)).toBe(0);
    }),
    { numRuns: 60 },
  );
});

test('[QUE-09] items in and against their order fill and empty it', () => {
  for (const step of [1, -1]) {
    const list = new RankedList<number>((a, b) => a - b);
    const values = Array.from({ length: 2_000 }, (_, index) => index * step);
    for (const value of values) list.insert(value);
    expect(list.rankOf(values[500] as number)).toBe(step === 1 ? 500 : 1_499);
    for (const value of values) list.remove(value);
    expect(list.values()).toEqual([]);
  }
});
