import type { Alert, QueueId } from '@crosspoint/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestApi, queueStats, type TestApi } from '../../../test/api.ts';
import { DEFAULT_TENANT_ID } from '../../platform/index.ts';

let api: TestApi;
let queueId: QueueId;
const told: Alert[] = [];

beforeAll(async () => {
  api = await createTestApi();
  const alerts = { waitingCount: 3, longestWaitSeconds: 60 };
  const made = await api.as.admin.send('POST', '/queues', { body: { name: 'watched', alerts } });
  expect(made.status, made.text).toBe(201);
  queueId = made.body.id;
  api.alerts.listen(DEFAULT_TENANT_ID as never, (alert) => told.push(alert));
});
afterAll(() => api.close());

/** What the queue shows, and a look at it that saw this and nothing older. */
async function waiting(count: number): Promise<void> {
  api.centre.queues.set(queueId, queueStats(queueId, { waiting: count }));
  await api.alerts.look();
  await api.alerts.look();
}
const listed = async (query = '') => (await api.as.supervisor.get(`/alerts?${query}`)).body.items as Alert[];

test('[SUP-04] an alert is raised, acknowledged once, and over; its history stays', async () => {
  await waiting(2);
  expect(await listed()).toEqual([]);
  await waiting(4);
  const [alert] = await listed();
  expect(alert).toMatchObject({
    queueName: 'watched',
    kind: 'waiting',
    value: 4,
    threshold: 3,
    clearedAt: null,
  });
  expect(api.alerts.lasting(DEFAULT_TENANT_ID as never)).toMatchObject([{ id: alert?.id }]);
  await waiting(6);
  const path = `/alerts/${alert?.id}/acknowledge`;
  const seen = await api.as.supervisor.send('POST', path, { body: { note: 'Called Petra in' } });
  expect(seen.body).toMatchObject({
    acknowledgedBy: { name: 'the-supervisor by name' },
    note: 'Called Petra in',
  });
  const again = await api.as.admin.send('POST', path, { body: { note: 'Me too' } });
  expect(again.body.note).toBe('Called Petra in');
  expect((await api.as.admin.get('/audit?limit=1')).body.items[0]).toMatchObject({
    action: 'alert.acknowledged',
  });
  await waiting(0);
  api.clock.nowMs += 10_000;
  await waiting(0);
  expect(await listed()).toEqual([]);
  const [past] = await listed('state=ended');
  expect(past).toMatchObject({ id: alert?.id, worst: 6, note: 'Called Petra in' });
  expect(past?.clearedAt).not.toBeNull();
  expect(told.map(({ clearedAt, acknowledgedAt }) => [clearedAt !== null, acknowledgedAt !== null])).toEqual([
    [false, false],
    [false, true],
    [true, true],
  ]);
});

test('[SUP-04] an alert that nobody has seen stays in the list although it is over', async () => {
  await waiting(3);
  await waiting(0);
  api.clock.nowMs += 10_000;
  await waiting(0);
  const [alert] = await listed();
  expect(alert).toMatchObject({ kind: 'waiting', acknowledgedAt: null });
  expect(alert?.clearedAt).not.toBeNull();
});

test('[TEAM-03] agents know nothing of alerts, analysts read them, supervisors acknowledge', async () => {
  const [alert] = await listed();
  expect((await api.as.agent.get('/alerts')).status).toBe(403);
  expect((await api.as.analyst.get('/alerts')).status).toBe(200);
  const path = `/alerts/${alert?.id}/acknowledge`;
  expect((await api.as.analyst.send('POST', path, { body: {} })).status).toBe(403);
  expect((await api.as.supervisor.send('POST', path, { body: {} })).status).toBe(200);
});
