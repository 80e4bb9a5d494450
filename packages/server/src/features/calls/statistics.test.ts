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
});
