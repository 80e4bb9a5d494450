import type { AgentId, ChosenBy, QueueId, QueuePrediction } from '@crosspoint/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApi, type TestApi } from '../../../test/api.ts';
import { DEFAULT_TENANT_ID, newId } from '../../platform/index.ts';

let api: TestApi;
let queueId: QueueId;
const agents = new Map<string, AgentId>();
const dayMs = 86_400_000;

beforeAll(async () => {
  api = await createTestApi();
  for (const name of ['ann', 'bob', 'eve']) {
    const { body } = await api.as.admin.send('POST', '/agents', { body: { username: name, name } });
    agents.set(name, body.id);
  }
  queueId = await addQueue('support', {
    dispositions: [
      { code: 'solved', label: 'Solved' },
      { code: 'open', label: 'Still open' },
    ],
    predictive: { controlShare: 0.25, goodDispositions: ['solved'] },
  });
});
afterAll(() => api.close());

async function addQueue(name: string, settings: object): Promise<QueueId> {
  const members = [...agents.values()].map((agentId) => ({ agentId }));
  const { status, body } = await api.as.admin.send('POST', '/queues', {
    body: { name, agents: members, ...settings },
  });
  expect(status, JSON.stringify(body)).toBe(201);
  return body.id;
}

interface Past {
  agent: string;
  daysAgo: number;
  handleSeconds: number;
  caller?: string;
  by?: ChosenBy;
  language?: string;
  disposition?: string;
}
let callers = 0;

async function addContacts(count: number, past: Past): Promise<void> {
  const { agent, daysAgo, handleSeconds, by, language, disposition } = past;
  const agentId = agents.get(agent);
  const startedAt = api.clock.nowMs - daysAgo * dayMs;
  const at = (seconds: number) => new Date(startedAt + seconds * 1_000);
  const rows = Array.from({ length: count }, (_, index) => {
    // Times differ about their mean, as those of real contacts do.
    const talkMs = (handleSeconds + (index % 2 === 0 ? 20 : -20)) * 1_000 - 30_000;
    const stay = { number: 1, kind: 'queue', queueId, agentId, result: 'answered', language, by };
    const talk = {
      number: 2,
      kind: 'conversation',
      queueId,
      agentId,
      talkMs,
      holdMs: 10_000,
      wrapUpMs: 20_000,
    };
    callers += 1;
    return {
      ...{ id: newId(), tenant_id: DEFAULT_TENANT_ID, number: '700', direction: 'inbound' },
      ...{ caller_phone: past.caller ?? `+4207770${callers}`, queue_id: queueId, agent_id: agentId ?? null },
      ...{ started_at: at(0), answered_at: at(5), ended_at: at(400), closed_at: at(420) },
      ...{ state: 'closed', last_seq: 9, outcome: 'answered', segments: JSON.stringify([stay, talk]) },
    };
  });
  await api.database.inTenant(DEFAULT_TENANT_ID, async (transaction) => {
    await transaction.insertInto('contacts').values(rows).execute();
    if (disposition === undefined) return;
    const data = JSON.stringify({ code: disposition, label: disposition, byUserId: agentId });
    await transaction
      .insertInto('contact_events')
      .values(
        rows.map(({ id, tenant_id }) => ({
          ...{ tenant_id, contact_id: id, seq: 9, at: at(410), type: 'disposition.set', data },
        })),
      )
      .execute();
  });
}

async function predicted(caller = api.as.supervisor): Promise<QueuePrediction> {
  const { status, body } = await caller.get(`/queues/${queueId}/prediction`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

describe('predictive routing', () => {
  test('[RTE-08] a queue of which nothing was measured says so, and tells the centre nothing', async () => {
    expect(await predicted()).toMatchObject({
      measuredAt: null,
      kinds: [],
      handleTime: { verdict: 'too-few' },
    });
    await api.prediction.look();
    expect(await predicted()).toMatchObject({
      measuredAt: new Date(api.clock.nowMs).toISOString(),
      kinds: [],
    });
    expect(api.centre.predictions.get(queueId)).toEqual([]);
  });

  test('[RTE-08 PRE-1] scores come from handle time, repeats and dispositions of the last 28 days', async () => {
    await addContacts(40, {
      agent: 'ann',
      daysAgo: 10,
      handleSeconds: 200,
      disposition: 'solved',
      by: 'predicted',
    });
    await addContacts(40, { agent: 'bob', daysAgo: 10, handleSeconds: 300, by: 'control', language: 'cs' });
    await addContacts(30, {
      agent: 'bob',
      daysAgo: 3,
      handleSeconds: 300,
      disposition: 'open',
      by: 'standard',
    });
    await addContacts(30, { agent: 'eve', daysAgo: 29, handleSeconds: 50 });
    // One caller of ann called again within the week, one of bob after it.
    await addContacts(1, { agent: 'ann', daysAgo: 12, handleSeconds: 200, caller: '+1' });
    await addContacts(1, { agent: 'ann', daysAgo: 6, handleSeconds: 200, caller: '+1' });
    await addContacts(1, { agent: 'bob', daysAgo: 20, handleSeconds: 300, caller: '+2' });
    await addContacts(1, { agent: 'bob', daysAgo: 12, handleSeconds: 300, caller: '+2' });
    api.clock.nowMs += 3_600_000;
    await api.prediction.look();
    const { kinds, handleTime, repeats } = await predicted();
    expect(kinds.map(({ language, contacts }) => [language, contacts])).toEqual([[null, 114]]);
    const [ann, bob] = kinds[0]?.agents ?? [];
    expect([ann?.agent, bob?.agent, kinds[0]?.agents.length]).toEqual(['ann', 'bob', 2]);
    expect(ann).toMatchObject({ contacts: 42, agentId: agents.get('ann') });
    expect(ann?.handleSeconds).toBeCloseTo(200, -1);
    expect(bob?.handleSeconds).toBeCloseTo(300, -1);
    expect(ann?.unsuccessfulRate).toBeCloseTo(0, 3);
    expect(bob?.unsuccessfulRate).toBeCloseTo(1, 3);
    expect(ann?.repeatRate).toBeGreaterThan(0);
    expect(ann?.costFrom).toBeLessThanOrEqual(ann?.costSeconds ?? 0);
    expect(handleTime.predicted).toEqual({ contacts: 40, meanSeconds: 200 });
    expect(handleTime.control).toEqual({ contacts: 40, meanSeconds: 300 });
    expect(handleTime).toMatchObject({ verdict: 'better', difference: { difference: -100 } });
    expect(repeats).toMatchObject({ verdict: 'too-few', predicted: { contacts: 40, rate: 0 } });
    const [told] = api.centre.predictions.get(queueId) ?? [];
    expect([...(told?.costs.keys() ?? [])]).toEqual([agents.get('ann'), agents.get('bob')]);
  });

  test('[RTE-08] a supervisor of a team sees its agents alone, an agent oneself, others nothing', async () => {
    const bob = agents.get('bob');
    const leader = await api.addCaller({ username: 'leader', role: 'supervisor' });
    const team = { name: 'bobs', memberIds: [bob, leader.userId] };
    expect((await api.as.admin.send('POST', '/teams', { body: team })).status).toBe(201);
    expect((await predicted(leader)).kinds[0]?.agents.map(({ agent }) => agent)).toEqual(['bob']);
    expect((await api.as.agent.get(`/queues/${queueId}/prediction`)).status).toBe(404);
    expect((await api.as.admin.get(`/queues/${newId()}/prediction`)).status).toBe(404);
  });

  test('[RTE-08] switched off, nothing is predicted any more', async () => {
    const off = { name: 'support', predictive: null };
    expect((await api.as.admin.send('PUT', `/queues/${queueId}`, { body: off })).status).toBe(200);
    await api.prediction.look();
    expect(api.centre.predictions.get(queueId)).toEqual([]);
    expect(await predicted()).toMatchObject({ measuredAt: null, kinds: [] });
  });

  test.each<[string, object, string]>([
    ['a control share below a tenth', { controlShare: 0.09 }, 'predictive.controlShare'],
    ['a control share above a half', { controlShare: 0.51 }, 'predictive.controlShare'],
    [
      'a good disposition that the queue does not have',
      { controlShare: 0.1, goodDispositions: ['solved'] },
      'predictive.goodDispositions.0',
    ],
  ])('[RTE-08] %s is refused where it stands', async (_what, predictive, path) => {
    const { status, body } = await api.as.admin.send('POST', '/queues', {
      body: { name: 'wrong', predictive },
    });
    expect(status).toBe(400);
    expect(body.errors.map((error: { path: string }) => error.path)).toContain(path);
  });
});
