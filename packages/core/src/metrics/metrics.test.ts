import type { AgentFact, AgentId, QueueId } from '@crosspoint/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Story } from '../../test/facts-kit.ts';
import {
  addsUp,
  agentFigure,
  agentMetrics,
  createAgentStatistics,
  createQueueStatistics,
  figure,
  type QueueStatistics,
  queueMetrics,
  sumAgentCounts,
  sumCounts,
} from './index.ts';

const q = 'q' as QueueId;
const ann = 'ann' as AgentId;
const staffing = {
  agentsReady: 1,
  agentsStaffed: 2,
  agentsWorking: 2,
  estimatedWaitMs: 30_000,
  open: true,
  openUntil: 60_000,
  occupancy: 0.5,
  adherence: null,
};

function statistics(...stories: Story[]): QueueStatistics {
  const made = createQueueStatistics();
  made.configure(q, { serviceLevel: { seconds: 20, target: 0.8 }, shortAbandonSeconds: 5 });
  made.startPeriod(q, 0);
  for (const story of stories) for (const fact of story.facts) made.apply(fact);
  return made;
}

/** Two answered in time, one late, one abandoned at once, one in time, one late, one overflowed, one waiting. */
function day(): Story[] {
  return [
    new Story('1')
      .started(0)
      .entered(0)
      .left(10_000, 'answered', 10_000)
      .talk(10_000, 70_000, { holdMs: 15_000 }),
    new Story('2')
      .started(0)
      .entered(0)
      .left(20_000, 'answered', 20_000)
      .talk(20_000, 60_000)
      .wrapUp(60_000, 80_000),
    new Story('3').started(0).entered(0).left(20_001, 'answered', 20_001).talk(20_001, 40_001),
    new Story('4').started(0).entered(0).left(4_999, 'abandoned', 4_999),
    new Story('5').started(0).entered(0).left(5_000, 'abandoned', 5_000),
    new Story('6').started(0).entered(0).left(30_000, 'abandoned', 30_000),
    new Story('7').started(0).entered(0).left(60_000, 'overflowed', 60_000),
    new Story('8').started(0).entered(0),
    new Story('9').started(0).at(0, 'contact.deflected', { reason: 'queue-full', queueId: 'q' }),
  ];
}

describe('queues', () => {
  test('[MET-1] the four service levels, at the limit and one above', () => {
    const counts = statistics(...day()).counts(q);
    expect(counts).toMatchObject({
      answeredWithin: 2,
      abandonedWithin: 2,
      shortAbandons: 1,
      removedWithin: 4,
    });
    expect(figure('serviceLevel', counts)).toBeCloseTo(2 / (3 + 3 - 1));
    expect(figure('serviceLevelOfAnswered', counts)).toBeCloseTo(2 / 3);
    expect(figure('serviceLevelWithAbandons', counts)).toBeCloseTo(4 / 6);
    expect(figure('serviceLevelOfOffered', counts)).toBeCloseTo(4 / 8);
  });

  test('[MET-2] ASA, AHT, talk and abandon rate', () => {
    const stats = statistics(...day()).stats(q, 100_000, staffing);
    expect(stats.averageSpeedOfAnswerSeconds).toBeCloseTo((10 + 20 + 20.001) / 3);
    expect(stats.averageHandleSeconds).toBeCloseTo((60 + 40 + 20 + 20) / 3);
    expect(stats.averageTalkSeconds).toBeCloseTo((45 + 40 + 20) / 3);
    expect(stats.abandonRate).toBeCloseTo(3 / 6);
    expect(stats).toMatchObject({ agentsReady: 1, agentsStaffed: 2, serviceLevelTarget: 0.8 });
  });

  test('[MET-3] every contact counts once, and the refused are not offered', () => {
    const counts = statistics(...day()).counts(q);
    expect(counts).toMatchObject({
      offered: 8,
      answered: 3,
      abandoned: 3,
      overflowed: 1,
      waiting: 1,
      deflected: 1,
    });
    expect(addsUp(counts)).toBe(true);
  });

  test('[MET-3] a new period begins with those who wait; what is unknown does not count', () => {
    const made = statistics(...day());
    made.startPeriod(q, 90_000);
    expect(made.counts(q)).toMatchObject({ offered: 1, waiting: 1, answered: 0 });
    for (const fact of new Story('8').left(95_000, 'answered', 95_000).facts) made.apply(fact);
    for (const fact of new Story('older').left(95_000, 'abandoned', 500_000).facts) made.apply(fact);
    expect(made.counts(q)).toMatchObject({ offered: 1, waiting: 0, answered: 1, abandoned: 0 });
    expect(made.stats(q, 95_000, staffing).since).toBe('1970-01-01T00:01:30.000Z');
  });

  test('[MET-3] whatever the order of periods, entries and results, it adds up', () => {
    const act = fc.record({
      what: fc.constantFrom('enter', 'leave', 'leave-unknown', 'period'),
      contact: fc.integer({ min: 1, max: 6 }),
      result: fc.constantFrom('answered', 'abandoned', 'overflowed', 'callback'),
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const made = statistics();
        acts.forEach(({ what, contact, result }, at) => {
          const story = new Story(what === 'leave-unknown' ? 'unknown' : String(contact));
          if (what === 'period') made.startPeriod(q, at);
          else if (what === 'enter') story.entered(at);
          else story.left(at, result, at);
          for (const fact of story.facts) made.apply(fact);
          expect(addsUp(made.counts(q))).toBe(true);
        });
      }),
    );
  });

  test('[MET-5] an empty queue has no rates', () => {
    const stats = statistics().stats(q, 0, staffing);
    expect(stats).toMatchObject({ serviceLevel: null, averageHandleSeconds: null, abandonRate: null });
    expect(stats.longestWaitSince).toBeNull();
  });

  test('[MET-6] the trend has the depth at the end of each minute, the last hour of it', () => {
    const made = statistics(new Story('1').entered(10_000), new Story('2').entered(70_000));
    for (const fact of new Story('1').left(130_000, 'answered', 120_000).facts) made.apply(fact);
    expect(made.stats(q, 185_000, staffing).depth).toEqual([1, 2, 1]);
    expect(made.stats(q, 185_000 + 3_600_000 * 5, staffing).depth).toEqual(Array(60).fill(1));
  });

  test('[MET-8] the median error of what was estimated on entering', () => {
    const made = statistics();
    const story = (name: string, estimatedWaitMs: number | null, waitMs: number) => {
      const one = new Story(name).at(0, 'queue.entered', {
        entryId: `${name}/q1`,
        queueId: 'q',
        priority: 0,
        position: 1,
        estimatedWaitMs,
      });
      for (const fact of one.left(waitMs, 'answered', waitMs).facts) made.apply(fact);
    };
    expect(made.stats(q, 0, staffing).estimateErrorSecondsMedian).toBeNull();
    story('1', 10_000, 12_000);
    story('2', 30_000, 21_000);
    story('3', null, 60_000);
    story('4', 20_000, 60_000);
    expect(made.stats(q, 100_000, staffing)).toMatchObject({
      estimateErrorSecondsMedian: 9,
      estimatedWaitSeconds: 30,
      agentsWorking: 2,
      openUntil: '1970-01-01T00:01:00.000Z',
    });
  });

  test('[MET-9] the staffing hint follows the arrivals of the half hour, and says nothing without data', () => {
    const made = statistics(...day());
    expect(made.stats(q, 100_000, staffing).staffing).toBeNull();
    const busy = statistics();
    for (let index = 0; index < 100; index++) {
      const at = index * 18_000;
      const story = new Story(String(index))
        .started(at)
        .entered(at)
        .left(at, 'answered', 0)
        .talk(at, at + 180_000);
      for (const fact of story.facts) busy.apply(fact);
    }
    const { staffing: hint } = busy.stats(q, 1_800_000, staffing);
    // Full minutes count: 96 calls of three minutes in 29 minutes are a little less than 10 erlangs.
    expect(hint?.callsPerHour).toBeGreaterThan(195);
    expect(hint?.callsPerHour).toBeLessThan(210);
    expect(hint?.agentsNeeded).toBe(13);
    expect(hint?.serviceLevelExpected).toBeGreaterThan(0.8);
  });

  test('[MET-7] figures of two queues come from their summed counts', () => {
    const one = statistics(new Story('1').entered(0).left(1, 'answered', 1)).counts(q);
    const other = statistics(
      new Story('2').entered(0).left(1, 'abandoned', 9_000),
      new Story('3').entered(0).left(1, 'abandoned', 9_000),
    ).counts(q);
    expect(figure('abandonRate', sumCounts([one, other]))).toBeCloseTo(2 / 3);
  });

  test('[MET-1] the catalogue names each figure once, with version, formula and words', () => {
    const names = queueMetrics.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const metric of [...queueMetrics, ...agentMetrics]) {
      expect(metric.version).toBeGreaterThan(0);
      expect(Math.min(metric.formula.length, metric.words.length)).toBeGreaterThan(0);
    }
  });
});

describe('agents', () => {
  const changed = (at: number, activity: string, previous: string, previousMs: number) =>
    ({
      agentId: ann,
      at,
      type: 'activity.changed',
      data: { activity, previous, previousMs, contactId: null },
    }) as AgentFact;

  test('[MET-2 MET-4] handle time and occupancy; ringing and breaks are neither work nor idleness', () => {
    const made = createAgentStatistics();
    made.startPeriod(ann, 0);
    made.applyAgentFact(changed(0, 'idle', 'offline', 0));
    made.applyAgentFact(changed(40_000, 'offered', 'idle', 40_000));
    made.applyAgentFact(changed(50_000, 'on-contact', 'offered', 10_000));
    made.applyAgentFact(changed(100_000, 'wrap-up', 'on-contact', 50_000));
    made.applyAgentFact(changed(110_000, 'break', 'wrap-up', 10_000));
    for (const fact of new Story('1').talk(50_000, 100_000).wrapUp(100_000, 110_000).facts) {
      made.applyContactFact(fact);
    }
    expect(made.day(ann, 500_000)).toMatchObject({
      answered: 1,
      handleSecondsMean: 60,
      occupancy: 60 / 100,
      activityMs: { idle: 40_000, offered: 10_000, break: 390_000 },
    });
  });

  test('[MET-4] what runs over midnight counts from midnight', () => {
    const made = createAgentStatistics();
    made.applyAgentFact(changed(0, 'on-contact', 'offered', 0));
    made.startPeriod(ann, 60_000);
    expect(made.day(ann, 70_000).activityMs['on-contact']).toBe(10_000);
    made.applyAgentFact(changed(80_000, 'idle', 'on-contact', 80_000));
    expect(made.day(ann, 100_000)).toMatchObject({ occupancy: 0.5, answered: 0 });
  });

  test('[MET-10] offers that ran out and that were turned down, transfers, and the mean parts of handling', () => {
    const made = createAgentStatistics();
    made.startPeriod(ann, 0);
    const story = new Story('1').talk(0, 60_000, { holdMs: 20_000 }).wrapUp(60_000, 70_000);
    for (const result of ['timed-out', 'timed-out', 'rejected', 'busy', 'cancelled', 'rescinded', 'failed']) {
      story.at(70_000, 'offer.ended', {
        offerId: 'o',
        queueId: q,
        agentId: ann,
        result,
        reason: '',
        ringMs: 1,
      });
    }
    story.at(70_000, 'transfer.started', { kind: 'blind', byAgentId: ann, queueId: q });
    for (const fact of story.facts) made.applyContactFact(fact);
    const counts = made.counts(ann, 80_000);
    const figures = agentMetrics.map((each) => [each.name, each.compute(counts)]);
    expect(Object.fromEntries(figures)).toEqual({
      ...{ answered: 1, handled: 1, missed: 2, rejected: 2, transfers: 1, occupancy: null },
      ...{ handleSecondsMean: 70, talkSecondsMean: 40, holdSecondsMean: 20, wrapUpSecondsMean: 10 },
    });
  });

  test('[MET-7] a team’s figures follow from the sum of its members’ counts', () => {
    const made = createAgentStatistics();
    const ben = 'ben' as AgentId;
    const stories = [new Story('1').talk(0, 10_000), new Story('2').talk(0, 20_000), new Story('3')];
    stories[2]?.talk(0, 90_000, { agentId: ben });
    for (const { facts } of stories) for (const fact of facts) made.applyContactFact(fact);
    const sum = sumAgentCounts([made.counts(ann, 90_000), made.counts(ben, 90_000)]);
    expect(agentFigure('handleSecondsMean', sum)).toBe(40);
    expect(sumAgentCounts([])).toEqual(made.counts('nobody' as AgentId, 0));
  });

  test('[MET-5] a day without work has no rates', () => {
    expect(createAgentStatistics().day(ann, 0)).toMatchObject({ occupancy: null, handleSecondsMean: null });
  });
});
