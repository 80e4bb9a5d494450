import type {
  ContactFact,
  ContactId,
  FlowAnalytics,
  FlowLogEntry,
  QueueId,
  RoutingAnalytics,
} from '@crosspoint/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApi, type Caller, type TestApi } from '../../../test/api.ts';
import { factsOf, storeContact } from '../../../test/contacts.ts';
import { DEFAULT_TENANT_ID, newId } from '../../platform/index.ts';

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

type Fact = [type: string, data: object];
const step = (flow: string, node: string, exit: string, more: object = {}): Fact => [
  'flow.passed',
  { flow, node, kind: 'say', exit, input: '', durationMs: 1_000, ...more },
];
const began = (flow: string): Fact => ['flow.started', { flow, version: 1 }];

/** A contact with these facts. */
async function contact(...facts: Fact[]): Promise<string> {
  const contactId = newId();
  const at = new Date(api.clock.nowMs - 60_000);
  const shared = { tenant_id: DEFAULT_TENANT_ID, contact_id: contactId, at };
  const rows = facts.map(([type, data], index) => ({
    ...shared,
    ...{ seq: index + 1, type, data: JSON.stringify(data) },
  }));
  await api.database.inTenant(DEFAULT_TENANT_ID, (transaction) =>
    transaction.insertInto('contact_events').values(rows).execute(),
  );
  return contactId;
}

async function flowNamed(name: string): Promise<string> {
  const nodes = { bye: { kind: 'end' } };
  const { body } = await api.as.admin.send('POST', '/ivr/flows', { body: { name, start: 'bye', nodes } });
  return String(body.id);
}

async function figuresOf(id: string, reader = api.as.admin): Promise<FlowAnalytics> {
  const { status, body } = await reader.get(`/ivr/flows/${id}/analytics`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body as FlowAnalytics;
}

/** A contact that rules and a flow sent to a queue, where it was given up. */
async function contactIn(queueId: QueueId, flow: string, exit: string): Promise<void> {
  const contactId = newId() as ContactId;
  const facts = factsOf(queueId, contactId, api.clock.nowMs - 60_000, null);
  const decided = { rule: 'Everybody', ruleId: null, version: 1, target: 'a flow', reason: 'any' };
  const more: Fact[] = [
    ['routing.decided', decided],
    began(flow),
    step(flow, 'ask', exit),
    ['survey.answered', { flow, question: 'Content?', score: 5 }],
  ];
  const behind = more.map(([type, data], index) => {
    const seq = facts.length + index + 1;
    return { contactId, seq, at: api.clock.nowMs - 50_000, type, data } as unknown as ContactFact;
  });
  await storeContact(api, queueId, [...facts, ...behind]);
}

/** A queue of a team of its own, and an analyst who answers for that team alone. */
async function teamNamed(name: string): Promise<{ queueId: QueueId; analyst: Caller }> {
  const analyst = await api.addCaller({ username: `analyst-${name}`, role: 'analyst' });
  const team = await api.as.admin.send('POST', '/teams', { body: { name, memberIds: [analyst.userId] } });
  const queue = await api.as.admin.send('POST', '/queues', { body: { name, teamId: team.body.id } });
  expect([team.status, queue.status]).toEqual([201, 201]);
  return { queueId: queue.body.id, analyst };
}

describe('figures and logs of flows', () => {
  test('[IVR-07] whoever hangs up in a sub-flow has not gone through the flow that called it', async () => {
    const [outer, inner] = [await flowNamed('outer'), await flowNamed('inner')];
    await contact(began('outer'), step('outer', 'hello', 'next'), step('inner', 'ask', 'customer-hung-up'));
    await contact(began('outer'), step('inner', 'ask', 'next'), step('outer', 'bye', 'end'));
    // Another flow behind it, as that of an overflow, has a figure of its own.
    await contact(
      ...[began('outer'), step('outer', 'bye', 'end')],
      ...[began('other'), step('other', 'hello', 'customer-hung-up')],
    );
    await contact(began('outer'), step('outer', 'hello', 'customer-hung-up'));
    expect(await figuresOf(outer)).toMatchObject({ started: 4, completionRate: 0.5 });
    const called = await figuresOf(inner);
    expect(called).toMatchObject({ started: 0, completionRate: null });
    expect(called.nodes).toMatchObject([{ node: 'ask', entries: 2, dropOffs: 1 }]);
  });

  test('[IVR-03] a step that failed or was refused is logged with its reason, others without one', async () => {
    const id = await contact(
      began('outer'),
      step('outer', 'crm', 'failed', { kind: 'http', reason: 'status-503' }),
      step('outer', 'bye', 'end'),
    );
    const { body } = await api.as.admin.get(`/ivr/logs?contactId=${id}`);
    expect((body.items as FlowLogEntry[]).map(({ node, reason }) => [node, reason])).toEqual([
      ['bye', ''],
      ['crm', 'status-503'],
    ]);
  });

  test('[TEAM-03] [IVR-07] [RTE-02] sums of flows and rules count the contacts that the reader may see', async () => {
    const flow = await flowNamed('shared');
    const [north, south] = [await teamNamed('north'), await teamNamed('south')];
    await contactIn(north.queueId, 'shared', 'next');
    await contactIn(north.queueId, 'shared', 'customer-hung-up');
    await contactIn(south.queueId, 'shared', 'next');
    const seenBy = async (reader: Caller) => {
      const { started, completionRate, nodes, surveys } = await figuresOf(flow, reader);
      const { status, body } = await reader.get('/routing/analytics');
      expect(status).toBe(200);
      const { decisions, rules } = body as RoutingAnalytics;
      const [node] = nodes;
      return {
        ...{ started, completionRate, entries: node?.entries, gone: node?.dropOffs },
        ...{ answers: surveys[0]?.answers, decisions, hits: rules[0]?.hits },
      };
    };
    expect(await seenBy(north.analyst)).toEqual({
      ...{ started: 2, completionRate: 0.5, entries: 2, gone: 1, answers: 2, decisions: 2, hits: 2 },
    });
    expect(await seenBy(south.analyst)).toEqual({
      ...{ started: 1, completionRate: 1, entries: 1, gone: 0, answers: 1, decisions: 1, hits: 1 },
    });
    const all = await seenBy(api.as.admin);
    expect(all).toMatchObject({ started: 3, entries: 3, gone: 1, answers: 3, decisions: 3, hits: 3 });
  });
});
