import type { AgentFact, AgentId, ContactFact, ContactId, QueueId } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import type { FactsTaker } from './history.ts';
import { LiveStatistics } from './statistics.ts';

const queueId = 'queue' as QueueId;
const agentId = 'agent' as AgentId;
const noon = Date.UTC(2026, 10, 22, 12);
const view = {
  ...{ agentsReady: 0, agentsStaffed: 0, agentsWorking: 0 },
  ...{ open: true, openUntil: null, estimatedWaitMs: null },
};

/** A caller enters the queue and gives up a second later. */
function abandoned(contact: string, at: number): ContactFact[] {
  const contactId = contact as ContactId;
  const stay = { entryId: contact, queueId };
  return [
    { contactId, seq: 1, at, type: 'queue.entered', data: stay },
    {
      ...{ contactId, seq: 2, at: at + 1_000, type: 'queue.left' },
      data: { ...stay, result: 'abandoned', reason: 'caller', waitMs: 1_000 },
    },
  ] as ContactFact[];
}

function becomesIdle(at: number): AgentFact {
  const data = { activity: 'idle', previous: 'break', previousMs: 60_000 };
  return { agentId, at, type: 'activity.changed', data } as AgentFact;
}

describe('the day so far', () => {
  test('[OPS-03] is counted while calls go on: what happens meanwhile counts once, though it is read as well', async () => {
    const statistics = new LiveStatistics({ timeZone: 'UTC', now: noon });
    const former = abandoned('former', noon - 60_000);
    const [entered, left] = abandoned('of now', noon) as [ContactFact, ContactFact];
    const idle = becomesIdle(noon);
    statistics.contactFact(entered);
    await statistics.catchUp(async (take: FactsTaker) => {
      statistics.contactFact(left);
      statistics.agentFact(idle, 'id');
      for (const fact of [...former, entered, left]) take.contactFact(fact);
      take.agentFact(idle, 'id');
    });
    expect(statistics.queueDay(queueId, noon, view)).toMatchObject({
      ...{ offered: 2, abandoned: 2, waiting: 0 },
    });
    expect(statistics.agentDay(agentId, noon + 60_000).occupancy).toBe(0);
  });

  test('[OPS-03] shows nothing until it is counted, and each fact at once from then on', async () => {
    const statistics = new LiveStatistics({ timeZone: 'UTC', now: noon });
    const [entered, left] = abandoned('of now', noon) as [ContactFact, ContactFact];
    statistics.contactFact(entered);
    expect(statistics.queueDay(queueId, noon, view).offered).toBe(0);
    await statistics.catchUp(async () => undefined);
    expect(statistics.queueDay(queueId, noon, view)).toMatchObject({ offered: 1, waiting: 1 });
    statistics.contactFact(left);
    expect(statistics.queueDay(queueId, noon, view)).toMatchObject({ offered: 1, abandoned: 1, waiting: 0 });
  });

  test('[QUE-12] [MET-11] a queue is as busy, and keeps its schedule as well, as those who serve it', async () => {
    const statistics = new LiveStatistics({ timeZone: 'UTC', now: noon });
    const week = { sunday: [{ from: '10:00', to: '18:00', breaks: [] }] };
    const queues = [{ queueId, priority: 1, delaySeconds: 0, weight: 1 }];
    const schedule = { timeZone: 'UTC', week, weeks: [], dates: [] };
    statistics.configureAgents([{ id: agentId, queues, schedule }]);
    await statistics.catchUp(async () => undefined);
    expect(statistics.queueDay(queueId, noon, view)).toMatchObject({ occupancy: null, adherence: 0 });
    const activity = (at: number, previous: string, previousMs: number, next: string): void =>
      statistics.agentFact(
        {
          agentId,
          at,
          type: 'activity.changed',
          data: { activity: next, previous, previousMs },
        } as AgentFact,
        `${at}`,
      );
    const minute = 60_000;
    activity(noon, 'offline', 12 * 60 * minute, 'idle');
    activity(noon + 30 * minute, 'idle', 30 * minute, 'on-contact');
    const stats = statistics.queueDay(queueId, noon + 60 * minute, view);
    expect(stats.occupancy).toBeCloseTo(0.5);
    expect(stats.adherence).toBeCloseTo(1 / 3);
    statistics.configureAgents([{ id: agentId, queues, schedule: null }]);
    expect(statistics.queueDay(queueId, noon + 60 * minute, view)).toMatchObject({ adherence: null });
  });

  test('[QUE-13] patience is known from stays of former days, which count for nothing else', async () => {
    const statistics = new LiveStatistics({ timeZone: 'UTC', now: noon });
    await statistics.catchUp(async (take: FactsTaker) => {
      for (let nth = 0; nth < 20; nth++) {
        const [, left] = abandoned(`${nth}`, noon - 86_400_000) as [ContactFact, ContactFact];
        take.contactFact(left);
      }
    });
    const { patience, offered, abandoned: today } = statistics.queueDay(queueId, noon, view);
    expect({ offered, today }).toEqual({ offered: 0, today: 0 });
    expect(patience).toMatchObject({ abandons: 20, medianSeconds: 1, usable: false });
  });

  test('[QUE-12] who waited when the day began is offered today, and a talk of before midnight counts where it ends', async () => {
    const midnight = Date.UTC(2026, 10, 22);
    const [entered, left] = abandoned('waits', midnight - 500) as [ContactFact, ContactFact];
    const talk = { contactId: 'talks' as ContactId, type: 'segment.started' as const };
    const started = { ...talk, seq: 1, at: midnight - 60_000, data: { segment: 1, queueId, agentId } };
    const ended = {
      ...{ contactId: talk.contactId, seq: 2, at: midnight + 1_000, type: 'segment.ended' },
      data: { segment: 1, agentId, talkMs: 61_000, holdMs: 0 },
    };
    const statistics = new LiveStatistics({ timeZone: 'UTC', now: noon });
    await statistics.catchUp(
      async (take: FactsTaker) => {
        for (const fact of [left, ended] as ContactFact[]) take.contactFact(fact);
      },
      [started, entered] as ContactFact[],
    );
    expect(statistics.queueDay(queueId, noon, view)).toMatchObject({
      ...{ offered: 1, answered: 0, abandoned: 1, waiting: 0, averageTalkSeconds: 61 },
    });
    expect(statistics.agentDay(agentId, noon)).toMatchObject({ answered: 0, handleSecondsMean: 61 });
  });

  test('[QUE-12] a conversation that is the first to end after midnight counts on the new day', async () => {
    const midnight = Date.UTC(2026, 10, 23);
    const talk = { contactId: 'talks' as ContactId };
    const statistics = new LiveStatistics({ timeZone: 'UTC', now: noon });
    await statistics.catchUp(async () => undefined);
    const data = { segment: 1, queueId, agentId };
    const started = { ...talk, seq: 1, at: midnight - 60_000, type: 'segment.started', data };
    statistics.contactFact(started as ContactFact);
    const ended = { segment: 1, agentId, talkMs: 61_000, holdMs: 0 };
    statistics.contactFact({
      ...{ ...talk, seq: 2, at: midnight + 1_000, type: 'segment.ended', data: ended },
    } as ContactFact);
    expect(statistics.queueDay(queueId, midnight + 2_000, view).averageTalkSeconds).toBe(61);
  });

  test('[QUE-12] in another time zone the day is another one, and nothing of the former counts in it', async () => {
    const statistics = new LiveStatistics({ timeZone: 'UTC', now: noon });
    await statistics.catchUp(async (take: FactsTaker) => {
      for (const fact of abandoned('in the night', Date.UTC(2026, 10, 22, 3))) take.contactFact(fact);
    });
    expect(statistics.setTimeZone('UTC', noon)).toBe(false);
    expect(statistics.setTimeZone('America/New_York', noon)).toBe(true);
    expect(statistics.dayStart(noon)).toBe(Date.UTC(2026, 10, 22, 5));
    expect(statistics.queueDay(queueId, noon, view)).toMatchObject({ offered: 0, abandoned: 0 });
    await statistics.catchUp(async (take: FactsTaker) => {
      for (const fact of abandoned('in the morning', noon - 3_000)) take.contactFact(fact);
    });
    expect(statistics.queueDay(queueId, noon, view)).toMatchObject({
      ...{ offered: 1, abandoned: 1, since: '2026-11-22T05:00:00.000Z' },
    });
  });
});
