import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LeastRecentMap } from './index.ts';

describe('a map of limited size', () => {
  test('holds what was set last, to the limit and not one more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat({ max: 8 })), (sizeMax, keys) => {
        const map = new LeastRecentMap<number, number>(sizeMax);
        keys.forEach((key, index) => map.set(key, index));
        const expected = [...new Set(keys.toReversed())].slice(0, sizeMax);
        expect(map.size).toBe(expected.length);
        for (const key of expected) expect(map.get(key)).toBe(keys.lastIndexOf(key));
      }),
    );
  });

  test('forgets what is deleted', () => {
    const map = new LeastRecentMap<string, number>(2);
    map.set('a', 1);
    map.delete('a');
    expect(map.get('a')).toBeUndefined();
    expect(map.size).toBe(0);
  });
});
