import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Chain } from './chain.ts';

interface Item {
  readonly rank: number;
  readonly arrival: number;
  before: Item | null;
  after: Item | null;
}

describe('a chain', () => {
  test('holds its nodes in order, of equal ones the first in first, whatever is removed', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: 6 }), fc.boolean())), (steps) => {
        const chain = new Chain<Item>();
        let items: Item[] = [];
        for (const [arrival, [rank, isRemoval]] of steps.entries()) {
          const removed = items[rank % Math.max(1, items.length)];
          if (isRemoval && removed !== undefined) {
            chain.remove(removed);
            items = items.filter((item) => item !== removed);
          } else {
            const item = { rank, arrival, before: null, after: null };
            chain.insert(item, (other, node) => other.rank > node.rank);
            items.push(item);
            items.sort((a, b) => a.rank - b.rank || a.arrival - b.arrival);
          }
          expect(chain.values()).toEqual(items);
          expect(chain.size).toBe(items.length);
          expect(chain.first).toBe(items[0] ?? null);
        }
      }),
    );
  });
});
