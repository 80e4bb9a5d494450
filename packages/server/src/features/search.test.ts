import type { CallbackId, QueueId } from '@crosspoint/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Caller, createTestApi, queueStats, type TestApi } from '../../test/api.ts';
import { newId } from '../platform/index.ts';
import { saveCallback } from './callbacks/repo.ts';

/** Lists that are searched on the server: what is found comes in pages, and what nobody may see is not found either. */

let api: TestApi;
let admin: Caller;
let agent: Caller;
let supervisor: Caller;

let dashboard: { prefix: string };
beforeAll(async () => {
  api = await createTestApi();
  ({ admin, agent, supervisor } = api.as);
  const make = async (caller: Caller, name: string) => {
    const made = await caller.send('POST', '/api-keys', { body: { name, scopes: ['queues.read'] } });
    expect(made.status, made.text).toBe(201);
    return made.body;
  };
  dashboard = await make(admin, 'Dashboard 100%');
  await make(admin, 'Dashboard of the hall');
  await make(supervisor, 'Dashboard of the desk');
});
afterAll(() => api.close());

const found = async (path: string, caller = admin): Promise<Record<string, unknown>[]> => {
  const answer = await caller.get(path);
  expect(answer.status, answer.text).toBe(200);
  return answer.body.items;
};
const names = async (path: string, caller = admin) => (await found(path, caller)).map(({ name }) => name);

/** Every page of one, one after the other. */
async function paged(path: string, field: string): Promise<unknown[]> {
  const seen: unknown[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { body } = await admin.get(`${path}&limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`);
    seen.push(...body.items.map((item: Record<string, unknown>) => item[field]));
    cursor = body.nextCursor;
  }
  return seen;
}

test('[API-04] keys are found by name, beginning and owner, and a supervisor finds only the own ones', async () => {
  expect(await names('/api-keys?search=HALL')).toEqual(['Dashboard of the hall']);
  expect(await names('/api-keys?search=100%25')).toEqual(['Dashboard 100%']);
  expect(await names(`/api-keys?search=${dashboard.prefix}`)).toEqual(['Dashboard 100%']);
  const ofSupervisor = await names('/api-keys?search=the-supervisor');
  expect(ofSupervisor).toContain('Dashboard of the desk');
  expect(ofSupervisor).not.toContain('Dashboard of the hall');
  expect(await names('/api-keys?search=dashboard', supervisor)).toEqual(['Dashboard of the desk']);
  expect(await paged('/api-keys?search=dashboard', 'name')).toEqual([
    'Dashboard of the desk',
    'Dashboard of the hall',
    'Dashboard 100%',
  ]);
});

test('[AVL-06] reasons are found by code and by their name in any language, and by kind', async () => {
  const body = { code: 'dentist', name: { en: 'At the doctor’s', cs: 'U zubaře' }, kind: 'offline' };
  expect((await admin.send('POST', '/reason-codes', { body })).status).toBe(201);
  const codes = async (query: string) => (await found(`/reason-codes?${query}`)).map(({ code }) => code);
  expect(await codes('search=DENT')).toEqual(['dentist']);
  expect(await codes(`search=${encodeURIComponent('zubaře')}`)).toEqual(['dentist']);
  expect(await codes('search=cs')).toEqual([]);
  expect(await codes('kind=offline')).toContain('dentist');
  expect(await codes('kind=break')).not.toContain('dentist');
  expect(await paged('/reason-codes?kind=break', 'code')).toEqual(await codes('kind=break'));
});

test('[QUE-10] callbacks are found by number, caller and note', async () => {
  const made = await admin.send('POST', '/queues', { body: { name: 'Called back' } });
  const at = api.clock.nowMs;
  const promise = (number: string, callerName: string, note: string) => ({
    ...{ id: newId() as CallbackId, queueId: made.body.id as QueueId, number, callerName, note },
    ...({
      origin: 'queue',
      state: 'resting',
      createdAt: at,
      agedSince: at,
      promisedAt: at,
      dueAt: at,
    } as const),
    ...{ attempts: 0, attemptsMax: 3, gapSeconds: 600, contactId: null, fromContactId: null },
    ...{ reason: '', endedAt: null },
  });
  await api.database.inTenant(api.centre.tenantId, async (transaction) => {
    await saveCallback(transaction, api.centre.tenantId, promise('+420777000111', 'Jan Dvořák', ''));
    await saveCallback(transaction, api.centre.tenantId, promise('+34911000222', '', 'About invoice 17'));
  });
  const numbers = async (search: string) =>
    (await found(`/callbacks?search=${encodeURIComponent(search)}`)).map(({ number }) => number);
  expect(await numbers('777000')).toEqual(['+420777000111']);
  expect(await numbers('dvořák')).toEqual(['+420777000111']);
  expect(await numbers('Invoice 17')).toEqual(['+34911000222']);
  expect(await numbers('nobody')).toEqual([]);
  expect(await numbers(' ')).toHaveLength(2);
  expect(new Set(await paged('/callbacks?search=000', 'number'))).toEqual(
    new Set(['+34911000222', '+420777000111']),
  );
});

test('[SUP-04] alerts are found by queue, note and who has seen them', async () => {
  for (const name of ['Searched north', 'Searched south']) {
    const made = await admin.send('POST', '/queues', { body: { name, alerts: { waitingCount: 1 } } });
    api.centre.queues.set(made.body.id, queueStats(made.body.id, { waiting: 5 }));
  }
  await api.alerts.look();
  await api.alerts.look();
  const queues = async (search: string) =>
    (await found(`/alerts?search=${encodeURIComponent(search)}`)).map(({ queueName }) => queueName);
  expect(await queues('NORTH')).toEqual(['Searched north']);
  const [alert] = await found('/alerts?search=south');
  await admin.send('POST', `/alerts/${String(alert?.['id'])}/acknowledge`, { body: { note: 'Petra helps' } });
  expect(await queues('petra')).toEqual(['Searched south']);
  expect(await queues('the-admin')).toEqual(['Searched south']);
  expect(new Set(await paged('/alerts?search=searched', 'queueName'))).toEqual(
    new Set(['Searched north', 'Searched south']),
  );
});

test('[TEAM-02] schedules are found by the name of the agent', async () => {
  const agents = async (search: string, caller = admin) =>
    (await found(`/schedules?search=${search}`, caller)).map((one) => (one['agent'] as { id: string }).id);
  expect(await agents('THE-AGENT')).toEqual([agent.userId]);
  expect(await agents('nobody-at-all')).toEqual([]);
  expect(await agents('the-', agent)).toEqual([agent.userId]);
});
