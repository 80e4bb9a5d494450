import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FewMap, removeItem } from './few.ts';

test('a map of few entries is a map', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 5 }), fc.boolean())), (steps) => {
      const few = new FewMap<number, number>();
      const map = new Map<number, number>();
      for (const [value, [key, isRemoval]] of steps.entries()) {
        for (const each of [few, map]) {
          if (isRemoval) each.delete(key);
          else each.set(key, value);
        }
        expect([few.keys(), few.values(), few.size]).toEqual([[...map.keys()], [...map.values()], map.size]);
        expect(few.first).toBe([...map.values()][0]);
        expect([0, 1, 2, 6].map((index) => few.valueAt(index))).toEqual(
          [0, 1, 2, 6].map((index) => [...map.values()][index]),
        );
        for (let asked = 0; asked < 6; asked++) {
          expect([few.get(asked), few.has(asked)]).toEqual([map.get(asked), map.has(asked)]);
        }
      }
    }),
  );
});

test('an item is taken out of a list, and one that is not there is not', () => {
  const list = ['a', 'b', 'c'];
  for (const item of ['b', 'x', 'c', 'a', 'a']) removeItem(list, item);
  expect(list).toEqual([]);
});
