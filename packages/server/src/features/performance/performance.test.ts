import { randomUUID } from 'node:crypto';
import type { AgentId, ContactFactType } from '@crosspoint/contracts';
import { createAgentStatistics } from '@crosspoint/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Caller, createTestApi, type TestApi } from '../../../test/api.ts';
import { DEFAULT_TENANT_ID, newId } from '../../platform/index.ts';
import { replayFacts } from '../calls/index.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Midnight of a day that is long over. */
const from = Date.parse('2026-03-02T00:00:00Z');

let api: TestApi;
let ann: Caller;
let ben: Caller;

beforeAll(async () => {
  api = await createTestApi();
  api.clock.nowMs = from + 20 * dayMs;
  ann = api.as.agent;
  ben = await api.addCaller({ username: 'ben', role: 'agent' });
});
afterAll(() => api.close());

async function store(
  contactId: string,
  facts: readonly [at: number, type: ContactFactType, data: object][],
): Promise<void> {
  await api.database.inTenant(DEFAULT_TENANT_ID, (transaction) =>
    transaction
      .insertInto('contact_events')
      .values(
        facts.map(([at, type, data], index) => ({
          ...{ tenant_id: DEFAULT_TENANT_ID, contact_id: contactId, seq: index + 1 },
          ...{ at: new Date(at), type, data: JSON.stringify(data) },
        })),
      )
      .execute(),
  );
}

/** A conversation that a queue gave, of some minutes, with half a minute of hold and one of wrap-up. */
function conversation(agentId: string, at: number, minutes: number): Promise<void> {
  const queueId = randomUUID();
  const end = at + minutes * minuteMs;
  return store(randomUUID(), [
    [at, 'segment.started', { segment: 1, agentId, queueId, legId: randomUUID() }],
    [
      end,
      'segment.ended',
      { segment: 1, agentId, talkMs: minutes * minuteMs - 30_000, holdMs: 30_000, reason: '' },
    ],
    [end + minuteMs, 'wrapup.ended', { agentId, queueId, durationMs: minuteMs, by: 'agent' }],
    [end + minuteMs, 'contact.closed', {}],
  ]);
}

async function activity(agentId: string, at: number, name: string, previous: string, previousMs: number) {
  await api.database.inTenant(DEFAULT_TENANT_ID, (transaction) =>
    transaction
      .insertInto('agent_events')
      .values({
        ...{ tenant_id: DEFAULT_TENANT_ID, agent_id: agentId, at: new Date(at), id: newId() },
        ...{ type: 'activity.changed' },
        data: JSON.stringify({ activity: name, previous, previousMs, contactId: null }),
      })
      .execute(),
  );
}

const period = (start: number, end: number): string =>
  `from=${new Date(start).toISOString()}&to=${new Date(end).toISOString()}`;
const rowOf = (body: { agents: { agentId: string }[] }, { userId }: Caller) =>
  body.agents.find(({ agentId }) => agentId === userId);

test('[TEAM-04] tells of a period what the agents did in it, and of a team what follows from the sum', async () => {
  await conversation(ann.userId, from + minuteMs, 5);
  await conversation(ann.userId, from + 2 * dayMs, 3);
  await conversation(ben.userId, from + dayMs, 10);
  await conversation(ann.userId, from - dayMs, 60);
  const contactId = randomUUID();
  await store(contactId, [
    [
      from + 10 * minuteMs,
      'offer.ended',
      {
        offerId: 'o',
        queueId: randomUUID(),
        agentId: ann.userId,
        result: 'timed-out',
        reason: '',
        ringMs: 1,
      },
    ],
    [from + 11 * minuteMs, 'transfer.started', { kind: 'blind', byAgentId: ann.userId, number: '1' }],
  ]);
  const team = { name: 'Measured', memberIds: [ann.userId, ben.userId] };
  expect((await api.as.admin.send('POST', '/teams', { body: team })).status).toBe(201);

  const { body, text } = await api.as.supervisor.get(`/performance?${period(from, from + 3 * dayMs)}`);
  expect(rowOf(body, ann), text).toMatchObject({
    ...{ answered: 2, handled: 2, missed: 1, rejected: 0, transfers: 1, teams: ['Measured'] },
    ...{ handleSecondsMean: 300, talkSecondsMean: 210, holdSecondsMean: 30, wrapUpSecondsMean: 60 },
    ...{ evaluations: 0, scoreMean: null, occupancy: null },
  });
  const together = { handled: 3, handleSecondsMean: (300 * 2 + 660) / 3, missed: 1 };
  expect(body.teams).toMatchObject([{ team: 'Measured', agents: 2, ...together }]);
  expect(body.total).toMatchObject(together);
  const oneDay = await api.as.supervisor.get(`/performance?${period(from + dayMs, from + 2 * dayMs)}`);
  expect(rowOf(oneDay.body, ann)).toMatchObject({ handled: 0, handleSecondsMean: null });
  expect(rowOf(oneDay.body, ben)).toMatchObject({ handled: 1, handleSecondsMean: 660 });
});

test('[TEAM-04] counts the part of an activity that lies in the period, and days that are remembered the same', async () => {
  const start = from + 5 * dayMs;
  await activity(ann.userId, start - 60 * minuteMs, 'idle', 'offline', 5 * minuteMs);
  await activity(ann.userId, start + 30 * minuteMs, 'on-contact', 'idle', 90 * minuteMs);
  await activity(ann.userId, start + 40 * minuteMs, 'break', 'on-contact', 10 * minuteMs);
  for (let attempt = 0; attempt < 2; attempt++) {
    const { body } = await api.as.supervisor.get(`/performance?${period(start, start + dayMs)}`);
    expect(rowOf(body, ann)).toMatchObject({ occupancy: 10 / 40 });
    const whole = await api.as.supervisor.get(`/performance?${period(start - dayMs, start + dayMs)}`);
    expect(rowOf(whole.body, ann)).toMatchObject({ occupancy: 10 / 100 });
  }
});

test('[TEAM-04] agrees with the fold of the live board over the same facts', async () => {
  const live = createAgentStatistics();
  const id = ann.userId as AgentId;
  live.startPeriod(id, from);
  const take = { contactFact: live.applyContactFact, agentFact: live.applyAgentFact };
  const until = from + 3 * dayMs;
  await replayFacts(api.database, DEFAULT_TENANT_ID as never, { since: from, until }, take);
  const { handleSecondsMean, answered } = live.day(id, until);
  const { body } = await api.as.supervisor.get(`/performance?${period(from, until)}`);
  expect(rowOf(body, ann)).toMatchObject({ answered, handleSecondsMean });
});

test('[TEAM-04] an own call that began before the period is no handled contact of it', async () => {
  const start = from + 8 * dayMs;
  const agentId = ben.userId;
  await store(randomUUID(), [
    [start - 5 * minuteMs, 'segment.started', { segment: 1, agentId, legId: randomUUID() }],
    [start + minuteMs, 'segment.ended', { segment: 1, agentId, talkMs: 6 * minuteMs, holdMs: 0, reason: '' }],
    [start + minuteMs, 'contact.closed', {}],
  ]);
  const { body } = await api.as.supervisor.get(`/performance?${period(start, start + dayMs)}`);
  expect(rowOf(body, ben)).toMatchObject({ handled: 0 });
});

test('[TEAM-04] an agent sees only oneself, and a supervisor the own teams', async () => {
  const own = (await ann.get(`/performance?${period(from, from + 3 * dayMs)}`)).body;
  expect(own.agents.map(({ agentId }: { agentId: string }) => agentId)).toEqual([ann.userId]);
  expect(own.teams).toEqual([]);
  const lead = await api.addCaller({ username: 'lead', role: 'supervisor' });
  await api.as.admin.send('POST', '/teams', {
    body: { name: 'Ben’s', memberIds: [lead.userId, ben.userId] },
  });
  const scoped = (await lead.get(`/performance?${period(from, from + 3 * dayMs)}`)).body;
  expect(scoped.agents.map(({ agentId }: { agentId: string }) => agentId)).toEqual([ben.userId]);
  expect(scoped.teams.map(({ team }: { team: string }) => team)).toEqual(['Ben’s']);
});

test('[TEAM-04] is a table for spreadsheets too', async () => {
  const { headers, text } = await api.as.analyst.get(`/performance/export?${period(from, from + 3 * dayMs)}`);
  expect(headers['content-type']).toBe('text/csv; charset=utf-8');
  const [head, ...rows] = text.trim().split('\r\n');
  expect(head).toMatch(/^\uFEFF?from,to,agent,teams,answered,handled,/);
  expect(rows.find((row) => row.includes('ben by name'))).toMatch(/,1,1,660,570,30,60,,0,0,0,0,$/);
});

test('[TEAM-04] refuses a period that is none, or too long', async () => {
  for (const [start, end] of [
    [from, from],
    [from + 21 * dayMs, from + 22 * dayMs],
    [from - 200 * dayMs, from],
  ] as const) {
    expect((await api.as.admin.get(`/performance?${period(start, end)}`)).status).toBe(400);
  }
});
