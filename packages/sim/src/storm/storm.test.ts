import { describe, expect, test } from 'vitest';
import { runStorm } from './storm.ts';

/** A failing run prints its seed; make it a test of its own by adding it here. The long form is `npm run bench -- storm`. */
describe('a storm of crashes, races and changes', () => {
  test.each([1, 2, 3])(
    '[ACD-2 ACD-3 ACD-20 ACD-21] breaks no rule and leaves nobody stuck, seed %i',
    (seed) => {
      const result = runStorm({ seed, offers: 6_000, checkEvery: 500 });
      expect(result.offers).toBeGreaterThanOrEqual(6_000);
      // Everything that is to be survived has happened.
      for (const what of [
        'crashes',
        'races',
        'statusChanges',
        'rungTogether',
        'stale',
        'callbacks',
      ] as const) {
        expect(result[what], what).toBeGreaterThan(0);
      }
      const { contacts, answered, abandoned } = result;
      expect(answered + abandoned).toBeGreaterThan(contacts / 2);
      expect(Object.keys(result.repairs).filter((what) => what !== 'timer-lost')).toEqual([]);
    },
  );

  test('[ACD-24] a seed is the whole of it', () => {
    const run = () => runStorm({ seed: 9, offers: 500 });
    expect(run()).toEqual(run());
  });
});
