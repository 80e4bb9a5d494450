import { randomUUID } from 'node:crypto';
import {
  AgentActivity,
  type AgentFact,
  type AgentId,
  type ContactFact,
  type TenantId,
} from '@crosspoint/contracts';
import { type AgentCounts, createAgentStatistics } from '@crosspoint/core';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestApi, type TestApi } from '../../../test/api.ts';
import { DEFAULT_TENANT_ID, newId } from '../../platform/index.ts';
import { AgentHistory, dayMs } from './history.ts';

const minuteMs = 60_000;
const tenantId = DEFAULT_TENANT_ID as TenantId;
/** The first of the days that have facts; all are over. */
const start = Date.parse('2026-03-02T00:00:00Z');
const days = 4;
const end = start + days * dayMs;

let api: TestApi;
let agents: AgentId[];
beforeAll(async () => {
  api = await createTestApi();
  const ben = await api.addCaller({ username: 'ben', role: 'agent' });
  agents = [api.as.agent.userId, ben.userId] as AgentId[];
});
afterAll(() => api.close());

const instant = fc.integer({ min: 0, max: days * dayMs });
const conversation = fc.record({
  ...{ agent: fc.integer({ min: 0, max: 1 }), at: instant, minutes: fc.integer({ min: 1, max: 600 }) },
  ...{ own: fc.boolean(), wrapUpMs: fc.integer({ min: 0, max: 600_000 }), missed: fc.boolean() },
});
const change = fc.record({
  ...{ agent: fc.integer({ min: 0, max: 1 }), at: instant },
  activity: fc.constantFrom(...AgentActivity.options),
});
/** Begins and ends at any quarter of an hour, as days of any time zone do, or anywhere. */
const bound = fc.oneof(
  fc.integer({ min: 0, max: days * 96 }).map((quarters) => quarters * 15 * minuteMs),
  instant,
);

/** What a conversation leaves behind, from its beginning. */
function contactFacts({
  agent,
  at,
  minutes,
  own,
  wrapUpMs,
  missed,
}: typeof conversation extends fc.Arbitrary<infer C> ? C : never) {
  const agentId = agents[agent];
  const contactId = randomUUID();
  const [began, over] = [start + at, start + at + minutes * minuteMs];
  const queueId = randomUUID();
  const facts: [number, string, object][] = [
    [began, 'segment.started', { segment: 1, agentId, legId: randomUUID(), ...(own ? {} : { queueId }) }],
    [over, 'segment.ended', { segment: 1, agentId, talkMs: minutes * minuteMs, holdMs: 1_000, reason: '' }],
    [over + wrapUpMs, 'wrapup.ended', { agentId, queueId, durationMs: wrapUpMs, by: 'agent' }],
    [over + wrapUpMs, 'contact.closed', {}],
  ];
  const offer = {
    offerId: 'o',
    queueId,
    agentId,
    result: missed ? 'timed-out' : 'accepted',
    reason: '',
    ringMs: 1,
  };
  if (!own) facts.unshift([began, 'offer.ended', offer]);
  return facts.map(
    ([when, type, data], index) => ({ contactId, seq: index + 1, at: when, type, data }) as ContactFact,
  );
}

/** What changes of activity leave behind, each with the one before. */
function agentFacts(changes: readonly { agent: number; at: number; activity: AgentActivity }[]): AgentFact[] {
  const last = new Map<number, { activity: AgentActivity; at: number }>();
  return changes
    .toSorted((a, b) => a.at - b.at)
    .flatMap(({ agent, at, activity }) => {
      const before = last.get(agent) ?? { activity: 'offline', at };
      last.set(agent, { activity, at });
      const data = { activity, previous: before.activity, previousMs: at - before.at, contactId: null };
      return [{ agentId: agents[agent], at: start + at, type: 'activity.changed', data } as AgentFact];
    });
}

async function store(contacts: readonly ContactFact[], changes: readonly AgentFact[]): Promise<void> {
  await api.database.inTenant(tenantId, async (transaction) => {
    for (const table of ['contact_events', 'agent_events', 'agent_days', 'summed_days'] as const)
      await transaction.deleteFrom(table).execute();
    const row = { tenant_id: tenantId };
    for (const { contactId, seq, at, type, data } of contacts) {
      const fact = { contact_id: contactId, seq, at: new Date(at), type, data: JSON.stringify(data) };
      await transaction
        .insertInto('contact_events')
        .values({ ...row, ...fact })
        .execute();
    }
    for (const { agentId, at, type, data } of changes) {
      const fact = { agent_id: agentId, id: newId(), at: new Date(at), type, data: JSON.stringify(data) };
      await transaction
        .insertInto('agent_events')
        .values({ ...row, ...fact })
        .execute();
    }
  });
}

/** The whole of the facts folded once, without any cut before the period. */
function fullCount(
  contacts: readonly ContactFact[],
  changes: readonly AgentFact[],
  from: number,
  to: number,
) {
  const statistics = createAgentStatistics();
  const apply = (within: (at: number) => boolean): void => {
    for (const fact of contacts.toSorted((a, b) => a.at - b.at || a.seq - b.seq))
      if (within(fact.at)) statistics.applyContactFact(fact);
    for (const fact of changes) if (within(fact.at)) statistics.applyAgentFact(fact);
  };
  apply((at) => at < from);
  for (const id of agents) statistics.startPeriod(id, from);
  apply((at) => at >= from && at < to);
  return new Map<AgentId, AgentCounts>(agents.map((id) => [id, statistics.counts(id, to)]));
}

const historyAt = (nowMs: number) =>
  new AgentHistory({ database: api.database, now: () => nowMs, allStored: async () => true });
const summedCount = async () =>
  (
    await api.database.inTenant(tenantId, (transaction) =>
      transaction.selectFrom('summed_days').selectAll().execute(),
    )
  ).length;

test('[TEAM-04] stored sums, remembered hours and a count of all facts agree on any period', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(conversation, { maxLength: 12 }),
      fc.array(change, { maxLength: 20 }),
      fc.array(fc.tuple(bound, bound), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 0, max: days }),
      async (conversations, changes, periods, beats) => {
        const contacts = conversations.flatMap(contactFacts);
        const activities = agentFacts(changes);
        await store(contacts, activities);
        api.clock.nowMs = end + 2 * dayMs;
        api.agentSums.wake();
        for (let beat = 0; beat < beats; beat++) await api.agentSums.beat();
        const history = historyAt(api.clock.nowMs);
        for (const [one, other] of periods) {
          const [from, to] = [start + Math.min(one, other), start + Math.max(one, other) + 1];
          const expected = fullCount(contacts, activities, from, to);
          // Twice: the second time from what is remembered.
          for (let time = 0; time < 2; time++)
            expect(await history.counts(tenantId, { from, to }, agents)).toEqual(expected);
        }
      },
    ),
    { numRuns: 25 },
  );
});

test('[TEAM-04] days are added up once they are over, the latest first, and anew on demand', async () => {
  const talk = { agent: 0, at: dayMs, minutes: 5, own: false, wrapUpMs: 0, missed: false };
  const late = contactFacts({ ...talk, at: minuteMs });
  await store([...contactFacts({ ...talk, at: 0 }), ...late, ...contactFacts(talk)], []);
  api.clock.nowMs = start + 2 * dayMs + 5 * 3_600_000;
  api.agentSums.wake();
  await api.agentSums.beat();
  await api.agentSums.beat();
  expect(await summedCount()).toBe(1);
  api.clock.nowMs += 3_600_000;
  api.agentSums.wake();
  for (let beat = 0; beat < 4; beat++) await api.agentSums.beat();
  expect(await summedCount()).toBe(2);
  const period = { from: start, to: start + 2 * dayMs };
  const answered = async () =>
    (await historyAt(api.clock.nowMs).counts(tenantId, period, agents)).get(agents[0] as AgentId)?.answered;
  expect(await answered()).toBe(3);
  // What has changed in the facts is seen when the day is added up anew.
  await api.database.inTenant(tenantId, (transaction) =>
    transaction
      .deleteFrom('contact_events')
      .where('contact_id', '=', late[0]?.contactId ?? '')
      .execute(),
  );
  expect(await answered()).toBe(3);
  const body = { from: '2026-03-02', to: '2026-03-02' };
  expect((await api.as.supervisor.send('POST', '/performance/rebuild', { body })).status).toBe(403);
  expect((await api.as.admin.send('POST', '/performance/rebuild', { body })).body).toEqual({ days: 1 });
  expect(await answered()).toBe(2);
  await api.agentSums.beat();
  expect([await summedCount(), await answered()]).toEqual([2, 2]);
});
