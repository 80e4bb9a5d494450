import { randomUUID } from 'node:crypto';
import type { ContactFactType } from '@crosspoint/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Caller, createTestApi, type TestApi } from '../../../test/api.ts';
import { DEFAULT_TENANT_ID } from '../../platform/index.ts';

let api: TestApi;
let agent: Caller;
let supervisor: Caller;
let contactId: string;
const start = Date.parse('2026-03-02T09:00:00Z');

beforeAll(async () => {
  api = await createTestApi();
  ({ agent, supervisor } = api.as);
  contactId = await contact();
});
afterAll(() => api.close());

/** A conversation of the agent from nine o'clock on. */
async function contact(): Promise<string> {
  const id = randomUUID();
  const segments = [
    { kind: 'queue', number: 1, queueId: randomUUID(), agentId: null, startedAt: start - 10_000 },
    { kind: 'conversation', number: 2, queueId: null, agentId: agent.userId, startedAt: start },
  ];
  await api.database.inTenant(DEFAULT_TENANT_ID, (transaction) =>
    transaction
      .insertInto('contacts')
      .values({
        ...{ id, tenant_id: DEFAULT_TENANT_ID, number: '700', direction: 'inbound', caller_phone: '+420600' },
        ...{ agent_id: agent.userId, state: 'closed', started_at: new Date(start), last_seq: 9 },
        segments: JSON.stringify(segments),
      })
      .execute(),
  );
  return id;
}

async function supervise(
  id: string,
  facts: readonly [afterMs: number, type: ContactFactType, data: object][],
) {
  const legId = randomUUID();
  const userId = supervisor.userId;
  await api.database.inTenant(DEFAULT_TENANT_ID, (transaction) =>
    transaction
      .insertInto('contact_events')
      .values(
        facts.map(([afterMs, type, data], index) => ({
          ...{
            tenant_id: DEFAULT_TENANT_ID,
            contact_id: id,
            seq: index + 1,
            at: new Date(start + afterMs),
            type,
          },
          data: JSON.stringify({ legId, userId, ...data }),
        })),
      )
      .execute(),
  );
  return legId;
}

async function write(body: object, by: Caller = supervisor) {
  const answer = await by.send('POST', '/coaching-notes', { body: { agentId: agent.userId, ...body } });
  expect(answer.status, answer.text).toBe(201);
  return answer;
}
const idsOf = async (by: Caller, query: string): Promise<string[]> => {
  const { body, text } = await by.get(`/coaching?${query}`);
  expect(body?.items, text).toBeDefined();
  return body.items.map((item: { id: string }) => item.id);
};

test('[SUP-03] a note is private to those who coach until it is shared with the agent', async () => {
  const { body: note, headers } = await write({ text: 'Speaks too fast', contactId });
  expect(note).toMatchObject({
    kind: 'note',
    shared: false,
    contactId,
    callerPhone: '+420600',
    doneAt: null,
  });
  expect((await agent.get(`/coaching-notes/${note.id}`)).status).toBe(404);
  expect(await idsOf(agent, 'show=all')).not.toContain(note.id);
  const change = { text: 'Speaks fast; practise', shared: true };
  const path = `/coaching-notes/${note.id}`;
  const shared = await supervisor.send('PUT', path, {
    body: change,
    headers: { 'if-match': String(headers['etag']) },
  });
  expect(shared.body).toMatchObject(change);
  const outdated = { body: change, headers: { 'if-match': String(headers['etag']) } };
  expect((await supervisor.send('PUT', path, outdated)).status).toBe(412);
  expect((await agent.get(path)).body).toMatchObject(change);
  expect(await idsOf(agent, 'show=all')).toContain(note.id);
  expect((await agent.send('PUT', path, { body: change })).status).toBe(403);
  expect(
    (await agent.send('POST', '/coaching-notes', { body: { agentId: agent.userId, text: 'x' } })).status,
  ).toBe(403);
  expect((await api.as.analyst.get('/coaching')).status).toBe(403);
});

test('[SUP-03] a follow-up is listed by its day until it is done', async () => {
  const later = (await write({ text: 'Later', followUpOn: '2026-05-02' })).body.id;
  const sooner = (await write({ text: 'Sooner', followUpOn: '2026-04-01' })).body.id;
  const without = (await write({ text: 'Without' })).body.id;
  const open = await idsOf(supervisor, 'show=follow-up&sort=followUpOn');
  expect(open.indexOf(sooner)).toBeLessThan(open.indexOf(later));
  expect(open).not.toContain(without);
  const body = { text: 'Sooner', followUpOn: '2026-04-01', done: true };
  const done = await supervisor.send('PUT', `/coaching-notes/${sooner}`, { body });
  expect(done.body.doneAt).not.toBeNull();
  expect(await idsOf(supervisor, 'show=follow-up')).not.toContain(sooner);
  expect((await supervisor.send('DELETE', `/coaching-notes/${later}`)).status).toBe(204);
  expect(await idsOf(supervisor, 'show=note')).not.toContain(later);
});

test('[SUP-03] interventions appear by themselves, with the agent who was coached', async () => {
  const id = await contact();
  const whispered = await supervise(id, [
    [5_000, 'supervision.started', { mode: 'listen' }],
    [15_000, 'supervision.changed', { mode: 'whisper' }],
    [65_000, 'supervision.ended', { reason: 'supervisor-left', presentMs: 60_000 }],
  ]);
  const { body } = await supervisor.get(`/coaching?contactId=${id}`);
  expect(body.items).toEqual([
    {
      ...{ kind: 'intervention', id: whispered, contactId: id, callerPhone: '+420600', tookOver: false },
      ...{ agentId: agent.userId, agent: 'the-agent by name', authorId: supervisor.userId },
      ...{ author: 'the-supervisor by name', modes: ['listen', 'whisper'], durationSeconds: 60 },
      at: new Date(start + 5_000).toISOString(),
    },
  ]);
  const over = await contact();
  const taken = await supervise(over, [[9_000, 'supervision.ended', { reason: 'take-over', presentMs: 0 }]]);
  const going = await contact();
  await supervise(going, [[1_000, 'supervision.started', { mode: 'barge' }]]);
  const lists = await supervisor.get(`/coaching?show=intervention&agentId=${agent.userId}&sort=at`);
  const found = new Map(lists.body.items.map((each: { id: string }) => [each.id, each]));
  expect(found.get(taken)).toMatchObject({ tookOver: true, modes: [], agentId: agent.userId });
  expect(lists.body.items.find((each: { contactId: string }) => each.contactId === going)).toMatchObject({
    ...{ durationSeconds: null, modes: ['barge'] },
  });
  expect(await idsOf(agent, 'show=intervention')).toEqual([]);
});

test('[SUP-03] notes and interventions are one list, searched and read in pages', async () => {
  const query = `agentId=${agent.userId}&limit=2`;
  const seen: string[] = [];
  let cursor = '';
  do {
    const { body } = await supervisor.get(`/coaching?${query}${cursor && `&cursor=${cursor}`}`);
    seen.push(...body.items.map((item: { id: string }) => item.id));
    cursor = body.nextCursor ?? '';
  } while (cursor !== '');
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.toSorted()).toEqual((await idsOf(supervisor, `agentId=${agent.userId}&limit=100`)).toSorted());
  const { id } = (await write({ text: 'Mind the 100% promise' })).body;
  expect(await idsOf(supervisor, `search=${encodeURIComponent('100% prom')}`)).toEqual([id]);
});

test('[TEAM-03] supervisors coach within their teams', async () => {
  const stranger = await api.addCaller({ username: 'stranger', role: 'supervisor' });
  await api.as.admin.send('POST', '/teams', { body: { name: 'elsewhere', memberIds: [stranger.userId] } });
  const { id } = (await write({ text: 'Not for strangers' })).body;
  expect((await stranger.get(`/coaching-notes/${id}`)).status).toBe(404);
  expect(await idsOf(stranger, 'show=all')).toEqual([]);
  const body = { agentId: agent.userId, text: 'x' };
  expect((await stranger.send('POST', '/coaching-notes', { body })).status).toBe(422);
});

test('[OPS-05] the audit log tells who wrote, changed and deleted a note; nobody can be noted who is no agent', async () => {
  const { id } = (await write({ text: 'One' })).body;
  await supervisor.send('PUT', `/coaching-notes/${id}`, { body: { text: 'Two' } });
  await supervisor.send('DELETE', `/coaching-notes/${id}`);
  const { body } = await api.as.admin.get(`/audit?subjectId=${id}&sort=at`);
  const actions = body.items.map((entry: { action: string }) => entry.action);
  expect(actions).toEqual(['coaching-note.created', 'coaching-note.updated', 'coaching-note.deleted']);
  const wrong = { agentId: randomUUID(), text: 'x' };
  expect((await supervisor.send('POST', '/coaching-notes', { body: wrong })).status).toBe(422);
  const elsewhere = { agentId: agent.userId, contactId: randomUUID(), text: 'x' };
  expect((await supervisor.send('POST', '/coaching-notes', { body: elsewhere })).status).toBe(422);
});
