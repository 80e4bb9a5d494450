import type { AgentId, PromptLanguage } from '@crosspoint/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareHandleTimes, compareRepeats, noOutcomes, type Outcomes, scoreAgents } from './index.ts';
import { shrink, type Sums } from './shrinkage.ts';

const sumsOf = (values: readonly number[]): Sums => ({
  count: values.length,
  sum: values.reduce((sum, value) => sum + value, 0),
  sumOfSquares: values.reduce((sum, value) => sum + value ** 2, 0),
});

/** Contacts whose handle times have this mean and deviation. */
function contacts(count: number, mean: number, deviation: number, more: Partial<Outcomes> = {}): Outcomes {
  const handleSecondsSquared = count * mean ** 2 + (count - 1) * deviation ** 2;
  return { ...noOutcomes(), contacts: count, handleSeconds: count * mean, handleSecondsSquared, ...more };
}
const agent = (name: string, outcomes: Outcomes, language: PromptLanguage | null = null) => ({
  ...{ agentId: name as AgentId, language, outcomes },
});

const values = fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 20 });
const groups = fc.array(values, { minLength: 2, maxLength: 8 });

describe('shrinkage', () => {
  test('[PRE-2] each estimate lies between the own mean and the common one', () => {
    fc.assert(
      fc.property(groups, (all) => {
        const { mean, estimates } = shrink(all.map(sumsOf));
        for (const [index, group] of all.entries()) {
          const { mean: estimate, deviation } = estimates[index] ?? {
            mean: Number.NaN,
            deviation: Number.NaN,
          };
          const own = group.length === 0 ? mean : sumsOf(group).sum / group.length;
          expect(estimate).toBeGreaterThanOrEqual(Math.min(own, mean) - 1e-6);
          expect(estimate).toBeLessThanOrEqual(Math.max(own, mean) + 1e-6);
          expect(deviation).toBeGreaterThanOrEqual(0);
        }
      }),
      { seed: 20_261_121 },
    );
  });

  test('[PRE-2] more contacts of the same mean are trusted more', () => {
    const spread = [contacts(200, 200, 80), contacts(200, 300, 80)].map((each) => ({
      ...{ count: each.contacts, sum: each.handleSeconds, sumOfSquares: each.handleSecondsSquared },
    }));
    const deviations = [2, 5, 20, 100].map((count) => {
      const own = contacts(count, 150, 80);
      const sums = { count, sum: own.handleSeconds, sumOfSquares: own.handleSecondsSquared };
      return shrink([...spread, sums]).estimates[2];
    });
    for (let index = 1; index < deviations.length; index++) {
      expect(deviations[index]?.deviation).toBeLessThan(deviations[index - 1]?.deviation ?? 0);
    }
    expect(deviations[0]?.mean).toBeGreaterThan(deviations[3]?.mean ?? 0);
  });

  test('[PRE-2] agents who differ no more than chance would have it all have the common mean', () => {
    const { spread, mean, estimates } = shrink([sumsOf([100, 300, 200]), sumsOf([110, 290, 206])]);
    expect(spread).toBe(0);
    expect(estimates.map((each) => each.mean)).toEqual([mean, mean]);
  });

  test('[PRE-2] a worked case: equal groups, against the formula done by hand', () => {
    // Means 10, 20, 30 of four each, variance within 16: between (800 − 2·16) ⁄ (12 − 48⁄12) = 96, trust 96 ⁄ (96 + 4).
    const of = (mean: number): Sums => ({ count: 4, sum: 4 * mean, sumOfSquares: 4 * mean ** 2 + 48 });
    const { mean, spread, estimates } = shrink([of(10), of(20), of(30)]);
    expect(mean).toBeCloseTo(20);
    expect(spread ** 2).toBeCloseTo(96);
    expect(estimates[0]?.mean).toBeCloseTo(20 - 9.6);
    expect(estimates[0]?.deviation).toBeCloseTo(Math.sqrt(96 * 0.04));
  });
});

describe('scores', () => {
  test('[PRE-3] a repeat and a failure cost one more contact each', () => {
    const quick = contacts(1_000, 200, 50, { followed: 1_000, repeated: 500 });
    const thorough = contacts(1_000, 240, 50, { followed: 1_000, repeated: 50 });
    const [scores] = scoreAgents([agent('quick', quick), agent('thorough', thorough)]);
    expect(scores?.agents.map(({ agentId }) => agentId)).toEqual(['thorough', 'quick']);
    const best = scores?.agents[0];
    expect(best?.costSeconds).toBeCloseTo((best?.handleSeconds ?? 0) + 220 * (best?.repeatRate ?? 0), 0);
    expect(best?.confidence).toBeGreaterThan(0.9);
    const judged = { judged: 1_000, unsuccessful: 900 };
    const [unlucky] = scoreAgents([
      agent('quick', contacts(1_000, 200, 50, judged)),
      agent('thorough', contacts(1_000, 240, 50, { judged: 1_000, unsuccessful: 100 })),
    ]);
    expect(unlucky?.agents[0]?.agentId).toBe('thorough');
  });

  test('[PRE-2] nobody is put first by a handful of contacts', () => {
    const [scores] = scoreAgents([
      agent('lucky', contacts(1, 60, 0)),
      agent('good', contacts(400, 220, 100)),
      agent('slow', contacts(400, 240, 100)),
      agent('slower', contacts(400, 260, 100)),
    ]);
    expect(scores?.agents[0]?.agentId).toBe('good');
    expect(scores?.agents.find(({ agentId }) => agentId === 'lucky')?.confidence).toBeLessThan(0.5);
  });

  test('[PRE-4] 49 contacts say nothing, 50 do; a language has scores of its own from 50 on', () => {
    const pair = (count: number, language: PromptLanguage | null) => [
      agent('ann', contacts(25, 200, 50), language),
      agent('bob', contacts(count - 25, 300, 50), language),
    ];
    expect(scoreAgents(pair(49, null))).toEqual([]);
    expect(scoreAgents(pair(50, null)).map(({ language }) => language)).toEqual([null]);
    const both = scoreAgents([...pair(50, 'cs'), ...pair(49, 'es')]);
    expect(both.map(({ language, contacts: count }) => [language, count])).toEqual([
      [null, 99],
      ['cs', 50],
    ]);
  });

  test('[PRE-4] a single agent cannot be ranked', () => {
    expect(scoreAgents([agent('ann', contacts(500, 200, 50))])).toEqual([]);
  });
});

describe('the comparison', () => {
  test('[PRE-5] has the interval of Welch', () => {
    const { difference } = compareHandleTimes(contacts(400, 270, 90), contacts(100, 300, 100));
    const error = Math.sqrt(90 ** 2 / 400 + 100 ** 2 / 100);
    expect(difference?.difference).toBeCloseTo(-30);
    expect(difference?.from).toBeCloseTo(-30 - 1.959964 * error, 3);
    expect(difference?.to).toBeCloseTo(-30 + 1.959964 * error, 3);
  });

  test('[PRE-5] has the interval that Newcombe published: 56 of 70 against 48 of 80', () => {
    const of = (followed: number, repeated: number) => ({ ...noOutcomes(), followed, repeated });
    const { difference } = compareRepeats(of(70, 56), of(80, 48));
    expect(difference?.difference).toBeCloseTo(0.2);
    expect(difference?.from).toBeCloseTo(0.0524, 4);
    expect(difference?.to).toBeCloseTo(0.3339, 4);
  });

  test('[PRE-5] has none with 29 contacts on a side, and one with 30', () => {
    expect(compareHandleTimes(contacts(500, 200, 50), contacts(29, 200, 50)).difference).toBeNull();
    expect(compareHandleTimes(contacts(500, 200, 50), contacts(30, 200, 50)).difference).not.toBeNull();
    expect(compareHandleTimes(noOutcomes(), noOutcomes()).predicted).toEqual({
      contacts: 0,
      meanSeconds: null,
    });
    expect(compareRepeats(noOutcomes(), noOutcomes()).verdict).toBe('too-few');
  });

  test('[PRE-6] says nothing before enough contacts, and then what the interval says', () => {
    const few = compareHandleTimes(contacts(80, 100, 100), contacts(40, 200, 100));
    expect(few.difference?.to).toBeLessThan(0);
    expect(few.verdict).toBe('too-few');
    expect(few.contactsNeeded).toBeGreaterThan(120);
    // (1.96 + 0.84)² · 2 · (100² + 100²) ⁄ 20² at equal sides.
    const enough = compareHandleTimes(contacts(400, 160, 100), contacts(400, 200, 100));
    expect(enough.contactsNeeded).toBe(785);
    expect(enough.verdict).toBe('better');
    expect(compareHandleTimes(contacts(400, 240, 100), contacts(400, 200, 100)).verdict).toBe('worse');
    expect(compareHandleTimes(contacts(400, 201, 100), contacts(400, 200, 100)).verdict).toBe(
      'no-difference',
    );
  });

  test('[PRE-6] no repeats among a few are no certainty', () => {
    const none = { ...noOutcomes(), followed: 40, repeated: 0 };
    expect(compareRepeats(none, none).verdict).toBe('too-few');
  });
});
