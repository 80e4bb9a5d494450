import { ConfigurationDocument, QueueSettings, type QueueSettingsInput } from '@crosspoint/contracts';
import { addsUp, erlangA, erlangC, figure } from '@crosspoint/core';
import { describe, expect, test } from 'vitest';
import {
  centreOf,
  compare,
  estimate,
  runWhatIf,
  summarise,
  usualAssumptions,
  type WhatIfCentre,
} from './index.ts';

/** One queue whose agents answer at once and whose times are exponential, as the closed forms assume. */
function centre(
  agents: number,
  callsPerHour: number,
  patienceSeconds: number,
  talkSeconds = 180,
): WhatIfCentre {
  const settings = QueueSettings.parse({
    name: 'q',
    maxSize: 10_000,
    shortAbandonSeconds: 5,
  } satisfies QueueSettingsInput);
  return {
    queues: [
      {
        name: 'q',
        settings,
        arrivalsPerHour: callsPerHour,
        patience: { meanSeconds: patienceSeconds, spread: 'exponential' },
        talk: { meanSeconds: talkSeconds, spread: 'exponential' },
        wrapUp: { meanSeconds: 0, spread: 'fixed' },
      },
    ],
    agents: Array.from({ length: agents }, (_, index) => ({
      name: `a${index}`,
      capacity: 1,
      skills: {},
      languages: [],
      queues: [{ name: 'q', priority: 1, delaySeconds: 0, weight: 1 }],
      answer: { meanSeconds: 0, spread: 'fixed' as const },
      doesNotAnswer: 0,
    })),
    numbers: new Map(),
  };
}
const work = { callsPerHour: 200, handleSeconds: 180 };
/** Enough contacts that chance stays below the two per cent that are allowed. */
const hours = 2_500;
const target = { seconds: 20, shortAbandonSeconds: 5 };
const isNear = (value: number | null, expected: number) =>
  Math.abs((value ?? Infinity) / expected - 1) < 0.02;

describe('against the closed forms', () => {
  test('[WIF-3] Erlang A within two per cent', () => {
    const { queues, occupancy } = runWhatIf({ centre: centre(11, 200, 120), seed: 1, hours, warmUpHours: 2 });
    const counts = queues[0]?.counts;
    if (counts === undefined) throw new Error('The queue has no result.');
    const expected = erlangA(11, work, 120, target);
    const measured = {
      serviceLevel: figure('serviceLevel', counts),
      asa: figure('averageSpeedOfAnswerSeconds', counts),
      abandonRate: figure('abandonRate', counts),
      occupancy,
    };
    const words = JSON.stringify({ measured, expected, contacts: counts.offered });
    expect(isNear(measured.serviceLevel, expected.serviceLevel), words).toBe(true);
    expect(isNear(measured.asa, expected.averageSpeedOfAnswerSeconds), words).toBe(true);
    expect(isNear(measured.abandonRate, expected.abandonRate), words).toBe(true);
    expect(isNear(measured.occupancy, expected.occupancy), words).toBe(true);
  }, 120_000);

  test('[WIF-3] Erlang C within two per cent, when nobody gives up', () => {
    // A small system forgets its past soon: of so many contacts its mean wait is known to about one per cent.
    const load = { callsPerHour: 200, handleSeconds: 18 };
    const { queues, occupancy } = runWhatIf({
      centre: centre(2, 200, 1e9, 18),
      seed: 2,
      hours,
      warmUpHours: 2,
    });
    const counts = queues[0]?.counts;
    if (counts === undefined) throw new Error('The queue has no result.');
    const expected = erlangC(2, load, target);
    const asa = figure('averageSpeedOfAnswerSeconds', counts);
    const words = JSON.stringify({ asa, level: figure('serviceLevel', counts), occupancy, expected });
    expect(isNear(figure('serviceLevel', counts), expected.serviceLevel), words).toBe(true);
    expect(isNear(asa, expected.averageSpeedOfAnswerSeconds), words).toBe(true);
    expect(isNear(occupancy, expected.occupancy), words).toBe(true);
  }, 120_000);
});

describe('a document', () => {
  const document = ConfigurationDocument.parse({
    agents: ['ann', 'Bob', 'eve'].map((username) => ({ username, skills: { billing: 3 } })),
    queues: [
      {
        name: 'first',
        maxSize: 5,
        wrapUp: { mode: 'timed', seconds: 20 },
        requirementSteps: [{ requirement: { skill: 'billing', level: 3 }, agents: [], seconds: 20 }],
        overflow: [
          { condition: { when: 'waited', afterSeconds: 30 }, target: { queue: 'second' } },
          { condition: { when: 'full' }, target: { number: '800' } },
        ],
        agents: ['ann', { username: 'bob', priority: 2 }],
      },
      { name: 'second', strategy: 'ring-all', wrapUp: { mode: 'mandatory' }, agents: ['eve', 'bob'] },
    ],
    numbers: [{ number: '800', target: { queue: 'second' } }],
  });
  const assumptions = { ...usualAssumptions, callsPerHour: { first: [40, 90], '*': 15 } };
  const run = (seed: number) => runWhatIf({ centre: centreOf(document, assumptions), seed, hours: 8 });

  test('[WIF-2] a seed is the whole of a run', () => {
    expect(run(7)).toEqual(run(7));
    expect(run(7).queues).not.toEqual(run(8).queues);
  });

  test('[WIF-1 WIF-4] contacts overflow from queue to queue, and every interval adds up', () => {
    const { queues, occupancy, occupancyByInterval, contacts } = run(3);
    const [first, second] = queues;
    expect(first?.counts.overflowed).toBeGreaterThan(0);
    expect(second?.counts.offered).toBeGreaterThan(first?.counts.overflowed ?? 0);
    expect(second?.counts.handled).toBe(second?.counts.answered);
    for (const { intervals } of queues) {
      expect(intervals).toHaveLength(32);
      for (const { counts } of intervals) {
        expect(counts.waiting).toBe(0);
        expect(addsUp(counts)).toBe(true);
      }
    }
    expect(contacts).toBeGreaterThan(400);
    const mean = occupancyByInterval.reduce((sum, each) => sum + each, 0) / occupancyByInterval.length;
    expect(mean).toBeCloseTo(occupancy, 8);
  });

  test('[WIF-5] one more agent is seen as better, although each run alone varies more', () => {
    const seeds = [1, 2, 3, 4, 5, 6];
    const better = ConfigurationDocument.parse({
      ...document,
      queues: document.queues.map((queue) =>
        queue.name === 'first' ? { ...queue, agents: ['ann', 'bob', 'eve'] } : queue,
      ),
    });
    const runs = (of: ConfigurationDocument) =>
      seeds.map((seed) => runWhatIf({ centre: centreOf(of, assumptions), seed, hours: 8 }));
    const [before, after] = [runs(document), runs(better)];
    const [change] = compare(before, after);
    const level = change?.figures['serviceLevel'];
    expect(level?.mean).toBeGreaterThan(0);
    expect((level?.mean ?? 0) - (level?.halfWidth ?? 0)).toBeGreaterThan(0);
    const summary = summarise(before);
    expect(summary.queues[0]?.figures['serviceLevel']?.halfWidth).toBeGreaterThan(0);
    expect(summary.contacts).toBe(before.reduce((sum, { contacts }) => sum + contacts, 0));
  });

  test('[WIF-1] a recorded day is played as it was', () => {
    const recorded = [0, 10, 20].map((atSeconds) => ({ atSeconds, queue: 'second', talkSeconds: 60 }));
    const { contacts, queues } = runWhatIf({
      centre: centreOf(document, usualAssumptions),
      seed: 1,
      hours: 1,
      recorded,
    });
    expect(contacts).toBe(3);
    expect(queues[1]?.counts).toMatchObject({ offered: 3, answered: 3, talkMs: 180_000 });
  });

  test('[WIF-5] a range that is known: 1, 2 and 3', () => {
    const { mean, halfWidth } = estimate([1, 2, 3]);
    expect(mean).toBe(2);
    expect(halfWidth).toBeCloseTo((4.303 * 1) / Math.sqrt(3), 10);
    expect(estimate([5])).toEqual({ mean: 5, halfWidth: null });
  });
});
