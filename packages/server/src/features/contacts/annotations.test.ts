import { randomUUID } from 'node:crypto';
import type { AgentId, ContactId } from '@crosspoint/contracts';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { agentLive, type Caller, createTestApi, type TestApi } from '../../../test/api.ts';
import { DEFAULT_TENANT_ID } from '../../platform/index.ts';

let api: TestApi;
let agent: Caller;
let supervisor: Caller;
let queueId: string;
let contactId: ContactId;
const startedAt = new Date(Date.now() - 60_000);

beforeAll(async () => {
  api = await createTestApi();
  ({ agent, supervisor } = api.as);
  const dispositions = [
    { code: 'sold', label: 'Sold' },
    { code: 'no-interest', label: 'No interest' },
  ];
  const made = await api.as.admin.send('POST', '/queues', { body: { name: 'noted', dispositions } });
  expect(made.status, made.text).toBe(201);
  queueId = made.body.id;
});
afterAll(() => api.close());

/** A contact of the agent that is over, of which one fact is stored. */
beforeEach(async () => {
  contactId = randomUUID() as ContactId;
  api.centre.annotates = false;
  api.centre.commands.length = 0;
  await api.database.inTenant(DEFAULT_TENANT_ID, async (transaction) => {
    await transaction
      .insertInto('contacts')
      .values({
        ...{ id: contactId, tenant_id: DEFAULT_TENANT_ID, number: '700', direction: 'inbound' },
        ...{ caller_phone: '+420600', queue_id: queueId, agent_id: agent.userId, state: 'closed' },
        ...{ started_at: startedAt, closed_at: new Date(), last_seq: 1 },
      })
      .execute();
    const data = {
      ...{ direction: 'inbound', number: '700', callerPhone: '+420600', callerName: '' },
      ...{ carrier: 'sip', legId: randomUUID() },
    };
    await transaction
      .insertInto('contact_events')
      .values({
        ...{ tenant_id: DEFAULT_TENANT_ID, contact_id: contactId, seq: 1, at: startedAt },
        ...{ type: 'contact.started', data: JSON.stringify(data) },
      })
      .execute();
  });
});

const path = (rest: string): string => `/contacts/${contactId}/${rest}`;
const dispose = (caller: Caller, code: string) => caller.send('PUT', path('disposition'), { body: { code } });
const note = (caller: Caller, text: string) => caller.send('POST', path('notes'), { body: { text } });

test('[CTL-04] what came of a contact and what was noted are facts of it, in the detail, the list and the search', async () => {
  expect((await dispose(agent, 'no-interest')).status).toBe(204);
  expect((await dispose(agent, 'sold')).status).toBe(204);
  expect((await note(agent, 'Wants the blue one with 100% wool')).status).toBe(204);
  const { body } = await agent.get(`/contacts/${contactId}`);
  expect(body.disposition).toEqual({ code: 'sold', label: 'Sold' });
  expect(body.timeline.map(({ seq, type }: { seq: number; type: string }) => [seq, type])).toEqual([
    [1, 'contact.started'],
    [2, 'disposition.set'],
    [3, 'disposition.set'],
    [4, 'note.added'],
  ]);
  expect(body.names[agent.userId]).toBe('the-agent by name');
  const ids = async (query: string) =>
    (await supervisor.get(`/contacts?${query}`)).body.items.map(({ id }: { id: string }) => id);
  expect(await ids('disposition=sold')).toContain(contactId);
  expect(await ids('disposition=no-interest')).not.toContain(contactId);
  expect(await ids('search=100%25%20wool')).toEqual([contactId]);
  expect(await ids('search=1000%25')).toEqual([]);
  const [listed] = (await supervisor.get('/contacts?disposition=sold&limit=1')).body.items;
  expect(listed.disposition.label).toBe('Sold');
});

test('[CTL-04] a contact that is open takes notes through its machine, and nothing is written twice', async () => {
  api.centre.annotates = true;
  await note(agent, 'calls back');
  const data = { text: 'calls back', byUserId: agent.userId };
  expect(api.centre.commands).toEqual([
    { command: 'annotate', arguments: [contactId, { type: 'note.added', data }] },
  ]);
  expect((await agent.get(`/contacts/${contactId}`)).body.timeline).toHaveLength(1);
});

test('[TEAM-03] an agent notes about the own contacts, a supervisor about all, which is audited', async () => {
  const colleague = await api.addCaller({ username: `colleague-${contactId}`, role: 'agent' });
  expect((await note(colleague, 'not mine')).status).toBe(404);
  expect((await dispose(colleague, 'sold')).status).toBe(404);
  expect((await note(api.as.analyst, 'read only')).status).toBe(403);
  expect((await note(supervisor, 'Please call back')).status).toBe(204);
  const [entry] = (await api.as.admin.get('/audit?limit=1')).body.items;
  expect(entry).toMatchObject({ action: 'contact.noted', subjectId: contactId });
});

test('[TEAM-03] a contact that is offered to an agent may be read with what was before it, whoever had that', async () => {
  const newer = await api.addCaller({ username: `offered-${contactId}`, role: 'agent' });
  const agentId = newer.userId as AgentId;
  expect((await newer.get(`/contacts/${contactId}/earlier`)).status).toBe(404);
  const inHand = { contactId, queueId: null, callerPhone: '+420600', callerName: '', state: 'offered' };
  const contacts = [{ ...inHand, startedAt: startedAt.toISOString() }];
  api.centre.agentsById.set(agentId, agentLive(agentId, { contacts }));
  const { body, status } = await newer.get(`/contacts/${contactId}/earlier`);
  expect(status).toBe(200);
  expect(body.items.length).toBeGreaterThan(2);
  for (const item of body.items)
    expect(item).toMatchObject({ callerPhone: '+420600', agent: 'the-agent by name' });
  expect(body.items.map(({ id }: { id: string }) => id)).not.toContain(contactId);
  expect((await newer.get(`/contacts/${body.items[0].id}`)).status).toBe(404);
});

test('[CTL-04] a disposition that the queue has not is refused with those it has', async () => {
  const refused = await dispose(agent, 'bought');
  expect(refused.status).toBe(400);
  expect(refused.body.errors[0]).toMatchObject({ path: 'code', remedy: 'Choose one of sold, no-interest.' });
  expect((await note(agent, '   ')).status).toBe(400);
  expect((await note(agent, 'x'.repeat(2001))).status).toBe(400);
});
