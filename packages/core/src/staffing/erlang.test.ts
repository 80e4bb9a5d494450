import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { betaDistributions } from './beta.ts';
import { agentsNeeded, erlangA, erlangB, erlangC } from './index.ts';

/** I_x(a, b) by {@link betaDistributions}. */
function beta(x: number, a: number, b: number): number {
  const next = betaDistributions(x, a);
  for (let before = 1; before < b; before++) next();
  return next();
}

describe('the beta distribution', () => {
  test('[STF-3] is as in closed cases', () => {
    expect(beta(0.3, 1, 1)).toBeCloseTo(0.3, 12);
    expect(beta(0.5, 2, 2)).toBeCloseTo(0.5, 12);
    expect(beta(0.2, 3, 1)).toBeCloseTo(0.008, 12);
    expect(beta(0.16, 0.5, 1)).toBeCloseTo(0.4, 12);
    expect(beta(0.16, 0.5, 2)).toBeCloseTo(0.4 * (1.5 - 0.08), 12);
    expect([beta(0, 3, 2), beta(1, 3, 2)]).toEqual([0, 1]);
  });

  test('[STF-3] is symmetric, also where its first terms are less than the smallest number', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        fc.integer({ min: 1, max: 3_000 }),
        fc.integer({ min: 1, max: 3_000 }),
        (x, a, b) => {
          expect(beta(x, a, b) + beta(1 - x, b, a)).toBeCloseTo(1, 8);
        },
      ),
    );
  });
});

describe('Erlang', () => {
  const work = { callsPerHour: 200, handleSeconds: 180 };

  test('[STF-1] B and C as the tables have them: 10 erlangs', () => {
    expect(erlangB(10, 10)).toBeCloseTo(0.21458, 5);
    expect(erlangB(14, 10)).toBeCloseTo(0.05682, 5);
    const { waitProbability, serviceLevel, averageSpeedOfAnswerSeconds, occupancy } = erlangC(14, work, {
      seconds: 20,
    });
    expect(waitProbability).toBeCloseTo(0.1741, 4);
    expect(serviceLevel).toBeCloseTo(0.8884, 4);
    expect(averageSpeedOfAnswerSeconds).toBeCloseTo(7.835, 2);
    expect(occupancy).toBeCloseTo(10 / 14, 10);
  });

  test('[STF-1] too few agents never catch up', () => {
    expect(erlangC(10, work, { seconds: 20 })).toMatchObject({
      serviceLevel: 0,
      averageSpeedOfAnswerSeconds: Infinity,
    });
  });

  test('[STF-2] with endless patience A is C', () => {
    const c = erlangC(12, work, { seconds: 20 });
    const a = erlangA(12, work, 1e8, { seconds: 20 });
    expect(a.waitProbability).toBeCloseTo(c.waitProbability, 4);
    expect(a.serviceLevel).toBeCloseTo(c.serviceLevel, 4);
    expect(a.averageSpeedOfAnswerSeconds / c.averageSpeedOfAnswerSeconds).toBeCloseTo(1, 3);
    expect(a.abandonRate).toBeCloseTo(0, 4);
  });

  test('[STF-2] without patience A is B: who finds all busy is lost', () => {
    const { abandonRate, averageSpeedOfAnswerSeconds } = erlangA(10, work, 1e-6, { seconds: 20 });
    expect(abandonRate).toBeCloseTo(erlangB(10, 10), 5);
    expect(averageSpeedOfAnswerSeconds).toBeLessThan(1e-5);
  });

  test('[STF-2] who abandons was served by nobody: the work that is left keeps the agents busy', () => {
    const whole = { min: 1, max: 60 };
    fc.assert(
      fc.property(
        fc.integer(whole),
        fc.integer({ min: 10, max: 900 }),
        fc.integer({ min: 20, max: 600 }),
        (agents, calls, patience) => {
          const load = { callsPerHour: calls, handleSeconds: 180 };
          const figures = erlangA(agents, load, patience, { seconds: 20, shortAbandonSeconds: 5 });
          const offered = (calls * 180) / 3600;
          expect(figures.occupancy * agents).toBeCloseTo(offered * (1 - figures.abandonRate), 6);
          for (const share of [figures.serviceLevel, figures.abandonRate, figures.waitProbability]) {
            expect(share).toBeGreaterThanOrEqual(-1e-9);
            expect(share).toBeLessThanOrEqual(1 + 1e-9);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('[STF-3] the service level grows with the threshold, from nobody waits to everybody who is answered', () => {
    const at = (seconds: number) => erlangA(11, work, 120, { seconds }).serviceLevel;
    const { waitProbability, abandonRate } = erlangA(11, work, 120, { seconds: 0 });
    expect(at(0)).toBeCloseTo(1 - waitProbability, 8);
    expect(at(20)).toBeGreaterThan(at(5));
    expect(at(100_000)).toBeCloseTo(1 - abandonRate, 8);
  });

  test('[STF-4] the fewest who reach the target, and not one less', () => {
    const performance = (agents: number) => erlangC(agents, work, { seconds: 20 });
    const needed = agentsNeeded(0.8, 1_000, performance);
    expect(needed.agents).toBe(14);
    expect(needed.performance.serviceLevel).toBeGreaterThanOrEqual(0.8);
    expect(performance(needed.agents - 1).serviceLevel).toBeLessThan(0.8);
  });
});
