import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Patience } from './patience.ts';

const nobody = (): number[] => [];

/** Draws from (0, 1), the same in every run. */
function draws(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}

/** Callers whose patience and whose wait for an agent are exponential; whichever ends first is seen. */
function measured(patience: Patience, count: number, patienceMs: number, answerMs: number, seed = 7): void {
  const draw = draws(seed);
  for (let nth = 0; nth < count; nth++) {
    const givesUpAfter = -Math.log(draw()) * patienceMs;
    const answeredAfter = -Math.log(draw()) * answerMs;
    patience.add(Math.min(givesUpAfter, answeredAfter), givesUpAfter < answeredAfter, nobody);
  }
}

describe('patience', () => {
  test('[MET-12] nothing is said while fewer than twenty have given up', () => {
    const patience = new Patience();
    for (let nth = 0; nth < 19; nth++) patience.add(60_000, true, nobody);
    expect(patience.figures(nobody)).toBeNull();
    patience.add(60_000, true, nobody);
    expect(patience.figures(nobody)).toMatchObject({ abandons: 20, medianSeconds: 60, riskByMinute: [1, 1] });
  });

  test('[MET-12] is what Kaplan and Meier say, whatever the stays', () => {
    const stay = fc.record({ waitMs: fc.integer({ min: 0, max: 600_000 }), gaveUp: fc.boolean() });
    fc.assert(
      fc.property(fc.array(stay, { minLength: 60, maxLength: 300 }), (stays) => {
        const patience = new Patience();
        for (const { waitMs, gaveUp } of stays) patience.add(waitMs, gaveUp, nobody);
        // Drawn anew with every twentieth, so that the last of them may be missing; the same once more changes no share.
        for (const { waitMs, gaveUp } of stays) patience.add(waitMs, gaveUp, nobody);
        const twice = [...stays, ...stays];
        const survival = (ms: number) =>
          [...new Set(twice.filter(({ gaveUp }) => gaveUp).map(({ waitMs }) => waitMs))]
            .filter((moment) => moment <= ms)
            .reduce((share, moment) => {
              const atRisk = twice.filter(({ waitMs }) => waitMs >= moment).length;
              const left = twice.filter(({ waitMs, gaveUp }) => gaveUp && waitMs === moment).length;
              return share * (1 - left / atRisk);
            }, 1);
        const { riskByMinute = [] } = patience.figures(nobody) ?? {};
        riskByMinute.forEach((risk, minute) => {
          const still = survival(minute * 60_000);
          if (still > 1e-9) expect(risk).toBeCloseTo(1 - survival((minute + 1) * 60_000) / still, 1);
        });
      }),
      { numRuns: 30, seed: 5 },
    );
  });

  test('[MET-12] of exponential patience that answers cut short is found again', () => {
    const patience = new Patience();
    measured(patience, 1_000, 180_000, 90_000);
    const figures = patience.figures(nobody);
    expect(figures?.riskByMinute[0]).toBeCloseTo(1 - Math.exp(-60 / 180), 1);
    expect(figures?.riskByMinute[2]).toBeCloseTo(1 - Math.exp(-60 / 180), 1);
    expect(Math.abs((figures?.medianSeconds ?? 0) - 180 * Math.LN2)).toBeLessThan(20);
  });

  test('[MET-13] the prediction is usable while it agrees with what happens, and not when callers have changed', () => {
    const patience = new Patience();
    measured(patience, 1_000, 180_000, 90_000);
    const { expectedAbandons = 0, observedAbandons = 0, usable } = patience.figures(nobody) ?? {};
    expect(usable).toBe(true);
    expect(Math.abs(expectedAbandons - observedAbandons)).toBeLessThan(2 * Math.sqrt(expectedAbandons));
    measured(patience, 100, 20_000, 90_000);
    expect(patience.figures(nobody)?.usable).toBe(false);
    // What they do now is learnt in time.
    measured(patience, 2_000, 20_000, 90_000, 11);
    expect(patience.figures(nobody)?.usable).toBe(true);
  });

  test('[MET-12] only the latest thousand stays count', () => {
    const patience = new Patience();
    for (let nth = 0; nth < 500; nth++) patience.add(30_000, true, nobody);
    for (let nth = 0; nth < 980; nth++) patience.add(90_000, false, nobody);
    expect(patience.figures(nobody)).toMatchObject({ abandons: 20 });
    patience.add(90_000, false, nobody);
    expect(patience.figures(nobody)).toBeNull();
  });

  test('[MET-12] who still waits counts as long as that has lasted: the impatient are not taken for everybody', () => {
    const patience = new Patience();
    const waiting = () => Array.from({ length: 80 }, () => 30_000);
    for (let nth = 0; nth < 20; nth++) patience.add(3_000, true, waiting);
    expect(patience.figures(waiting)?.riskByMinute[0]).toBeCloseTo(0.2);
    expect(patience.figures(waiting)?.medianSeconds).toBeNull();
  });
});
