import type { CallbackId, ContactFact, ContactId, QueueId } from '@crosspoint/contracts';
import type { CallbackRecord } from '@crosspoint/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Caller, createTestApi, type TestApi } from '../../../test/api.ts';
import { newId } from '../../platform/index.ts';
import { loadOpenCallbacks, saveCallback } from './repo.ts';
import { EntryPoints } from '../numbers/index.ts';
import { CallbackService, newCallback } from './service.ts';

let api: TestApi;
let admin: Caller;
let queueId: QueueId;
const id = newId() as CallbackId;
const at = Date.parse('2026-11-21T08:00:00.000Z');
const record: Omit<CallbackRecord, 'queueId'> = {
  ...{ id, number: '+420777000111', callerName: 'Jan', note: '', origin: 'queue', state: 'resting' },
  ...{ createdAt: at, agedSince: at - 60_000, promisedAt: at, dueAt: at + 600_000, attempts: 1 },
  ...{
    attemptsMax: 3,
    gapSeconds: 600,
    contactId: null,
    fromContactId: null,
    reason: 'sip-486',
    endedAt: null,
  },
};

beforeAll(async () => {
  api = await createTestApi();
  admin = await api.addCaller({ username: 'admin-of-callbacks', role: 'admin' });
  const queue = await admin.send('POST', '/queues', { body: { name: 'callbacks' } });
  queueId = queue.body.id;
  await api.database.inTenant(api.centre.tenantId, (transaction) =>
    saveCallback(transaction, api.centre.tenantId, { ...record, queueId }),
  );
});
afterAll(() => api.close());

test('[QUE-10] what was open is found again at the next start, as it was left', async () => {
  const open = await api.database.inTenant(api.centre.tenantId, loadOpenCallbacks);
  expect(open).toEqual([{ ...record, queueId }]);
});

test('[QUE-10] callbacks are listed by whether they are open, and read one by one', async () => {
  const { body } = await admin.send('GET', '/callbacks');
  expect(body.items).toMatchObject([
    { id, queueName: 'callbacks', state: 'resting', attempts: 1, dueAt: '2026-11-21T08:10:00.000Z' },
  ]);
  expect((await admin.send('GET', '/callbacks?state=ended')).body.items).toEqual([]);
  expect((await admin.send('GET', `/callbacks/${id}`)).body).toEqual(body.items[0]);
});

test('[QUE-10] nobody loses a promised callback by the deletion of its queue', async () => {
  const refused = await admin.send('DELETE', `/queues/${queueId}`);
  expect(refused).toMatchObject({ status: 409, body: { reason: 'callbacks-promised' } });
  expect((await admin.send('GET', `/callbacks/${id}`)).status).toBe(200);
});

test('[QUE-10] agents see those of the queues they serve, and of no others', async () => {
  const agent = await api.addCaller({ username: 'agent-elsewhere', role: 'agent' });
  expect((await agent.send('GET', '/callbacks')).body.items).toEqual([]);
  expect((await agent.send('GET', `/callbacks/${id}`)).status).toBe(404);
  expect((await agent.send('POST', `/callbacks/${id}`, { body: { action: 'cancel' } })).status).toBe(404);
});

test('[QUE-10] a command that does not fit is refused with the reason, one that does is audited', async () => {
  api.centre.callback = { ok: false, reason: 'in-progress' };
  const refused = await admin.send('POST', `/callbacks/${id}`, { body: { action: 'call-now' } });
  expect(refused).toMatchObject({ status: 409, body: { code: 'command-refused', reason: 'in-progress' } });
  api.centre.callback = { ok: true, id };
  expect((await admin.send('POST', `/callbacks/${id}`, { body: { action: 'cancel' } })).status).toBe(200);
  const { body } = await admin.send('GET', '/audit');
  expect(body.items[0]).toMatchObject({ action: 'callback.cancel', subjectId: id });
});

test('[QUE-10] a new one needs a queue that there is, a number and a time', async () => {
  const body = { queueId, number: '+420777000222', at: new Date(api.clock.nowMs + 60_000).toISOString() };
  const offset = { ...body, at: '2000-03-28T02:30:00+02:00' };
  expect(
    (await admin.send('POST', '/callbacks', { body: offset })).body.errors,
    'an offset is read',
  ).toMatchObject([{ path: 'at', message: 'lies in the past' }]);
  const unknown = await admin.send('POST', '/callbacks', { body: { ...body, queueId: newId() } });
  expect(unknown.status).toBe(422);
  expect((await admin.send('POST', '/callbacks', { body: { ...body, number: 'me' } })).status).toBe(400);
  expect((await admin.send('POST', '/callbacks', { body: { ...body, at: 'soon' } })).status).toBe(400);
  const past = { at: new Date(api.clock.nowMs - 3_600_000).toISOString() };
  const errors = [
    { path: 'at', value: past.at, message: 'lies in the past', remedy: 'Choose a later moment.' },
  ];
  const late = await admin.send('POST', '/callbacks', { body: { ...body, ...past } });
  expect(late).toMatchObject({ status: 400, body: { errors } });
  const putOff = await admin.send('POST', `/callbacks/${id}`, { body: { action: 'reschedule', ...past } });
  expect(putOff).toMatchObject({ status: 400, body: { errors } });
  api.centre.callback = { ok: false, reason: 'no-route' };
  const detail = 'No trunk takes calls to +420777000222. Look at the prefixes of the trunks.';
  const nowhere = await admin.send('POST', '/callbacks', { body });
  expect(nowhere).toMatchObject({ status: 409, body: { reason: 'no-route', detail } });
  api.centre.callback = { ok: true, id };
  const made = await admin.send('POST', '/callbacks', { body });
  expect(made.status).toBe(201);
  expect(api.centre.commands.at(-1)).toMatchObject({ command: 'scheduleCallback' });
});

test('[QUE-10] [OPS-03] an attempt that lives on after a kill is not made again, though its record could not name it yet', async () => {
  const contactId = newId() as ContactId;
  const begun: string[] = [];
  const saved: CallbackRecord[] = [];
  const service = new CallbackService({
    ...{ now: () => at, newId, cancel: () => undefined, log: { error: () => undefined } },
    internationalForm: (number) => number,
    save: async (stored) => void saved.push(stored),
    begin: (waiting) => {
      begun.push(waiting.id);
      return newId() as ContactId;
    },
    liveAttempt: () => contactId,
  });
  service.restore([{ ...record, queueId, state: 'waiting', dueAt: null }]);
  expect(begun).toEqual([]);
  const data = { outcome: 'answered', reason: 'customer-hung-up' } as const;
  service.fact({ contactId, seq: 9, at, type: 'contact.ended', data } satisfies ContactFact);
  await service.close();
  expect(saved).toMatchObject([{ id, state: 'done', contactId }]);
});

test('[QUE-10] a customer has one callback, in whatever way the number is written', async () => {
  const saved: CallbackRecord[] = [];
  const house = new EntryPoints([['+420555000111', 'sales']]);
  const service = new CallbackService({
    ...{ now: () => at, newId, cancel: () => undefined, log: { error: () => undefined } },
    internationalForm: (number) => house.internationalForm(number),
    save: async (stored) => void saved.push(stored),
    begin: () => newId() as ContactId,
    liveAttempt: () => null,
  });
  const asked = (number: string) =>
    newCallback({ queueId, number, callerName: '', note: '' }, { attemptsMax: 3, gapSeconds: 60 }, null);
  expect(await service.schedule(asked('777 000 333'), at + 60_000)).toMatchObject({ ok: true });
  for (const number of ['+420777000333', '00420 777 000 333', '777000333'])
    expect(await service.schedule(asked(number), at + 60_000)).toEqual({ ok: false, reason: 'duplicate' });
  await service.close();
  expect(saved.map(({ number }) => number)).toEqual(['+420777000333']);
});
