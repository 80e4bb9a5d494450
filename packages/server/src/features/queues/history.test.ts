import type { ContactFact, QueueHistory } from '@crosspoint/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestApi, type TestApi } from '../../../test/api.ts';
import { silentLog } from '../../../test/database.ts';
import { DEFAULT_TENANT_ID, FactsWriter, newId } from '../../platform/index.ts';

let api: TestApi;
let queueId = '';
let foreignId = '';
beforeAll(async () => {
  api = await createTestApi();
  for (const name of ['history', 'foreign']) {
    const hours = { timeZone: 'Asia/Kathmandu', week: { monday: [{ from: '08:00', to: '17:00' }] } };
    const body = name === 'history' ? { name, hours } : { name };
    const { body: made } = await api.as.admin.send('POST', '/queues', { body });
    if (name === 'history') queueId = made.id;
    else foreignId = made.id;
  }
  await store();
});
afterAll(() => api.close());

/** Midnight in Kathmandu, which is 5 h 45 min before UTC's. */
const midnight = Date.parse('2026-03-01T18:15:00.000Z');
const minutes = (count: number) => midnight + count * 60_000;

/** Two contacts around midnight: one is answered after it and talks into the next hour, one gives up in another queue. */
async function store(): Promise<void> {
  const writer = new FactsWriter({ connection: api.database.connection, log: silentLog });
  const facts = (contactId: string, ...bodies: [at: number, type: string, data: object][]) =>
    bodies.map(([at, type, data], index) => ({ contactId, seq: index + 1, at, type, data }) as ContactFact);
  const [one, other] = [newId(), newId()];
  const entry = (id: string, queue: string) => ({ entryId: `${id}/q1`, queueId: queue });
  const agentId = newId();
  await writer.append({
    tenantId: DEFAULT_TENANT_ID,
    contactEvents: [
      ...facts(
        one,
        [minutes(-1), 'queue.entered', { ...entry(one, queueId), priority: 0, position: 1 }],
        [
          minutes(2),
          'queue.left',
          { ...entry(one, queueId), result: 'answered', reason: '', waitMs: 180_000, agentId },
        ],
        [minutes(2), 'segment.started', { segment: 1, agentId, queueId, legId: 'l' }],
        [
          minutes(61),
          'segment.ended',
          { segment: 1, agentId, talkMs: 3_000_000, holdMs: 540_000, reason: '' },
        ],
        [minutes(62), 'wrapup.ended', { agentId, queueId, durationMs: 60_000, by: 'agent' }],
      ),
      ...facts(
        other,
        [minutes(3), 'queue.entered', { ...entry(other, foreignId), priority: 0, position: 1 }],
        [
          minutes(4),
          'queue.left',
          { ...entry(other, foreignId), result: 'abandoned', reason: '', waitMs: 60_000 },
        ],
      ),
    ],
  });
  await writer.close();
}

const ask = (query: string, who = api.as.supervisor) => who.get(`/queues/${queueId}/history?${query}`);
const period = `from=${new Date(minutes(-60)).toISOString()}&to=${new Date(minutes(120)).toISOString()}`;

test('[QUE-12] by hours of the zone of the queue, counted when it happened, without what belongs to other queues', async () => {
  const { status, body } = await ask(`${period}&interval=hour`);
  expect(status, JSON.stringify(body)).toBe(200);
  const { items, total, timeZone } = body as QueueHistory;
  expect(timeZone).toBe('Asia/Kathmandu');
  expect(
    items.map(({ from, waitingBefore, offered, answered, handled, waiting }) => [
      (Date.parse(from) - midnight) / 3_600_000,
      ...[waitingBefore, offered, answered, handled, waiting],
    ]),
  ).toEqual([
    [-1, 0, 1, 0, 0, 1],
    [0, 1, 0, 1, 0, 0],
    [1, 0, 0, 0, 1, 0],
  ]);
  expect(total).toMatchObject({
    offered: 1,
    answered: 1,
    abandoned: 0,
    handled: 1,
    averageHandleSeconds: 3_600,
  });
  expect(total).toMatchObject({ averageSpeedOfAnswerSeconds: 180, serviceLevel: 0, abandonRate: 0 });
});

test('[QUE-12] by days and quarters of an hour, in a zone that is asked for', async () => {
  const days = (await ask(`${period}&interval=day`)).body as QueueHistory;
  expect(days.items.map(({ from, offered, answered }) => [from, offered, answered])).toEqual([
    [new Date(minutes(-24 * 60)).toISOString(), 1, 0],
    [new Date(midnight).toISOString(), 0, 1],
  ]);
  const quarters = (await ask(`${period}&interval=15m&timeZone=UTC`)).body as QueueHistory;
  expect(quarters.items).toHaveLength(12);
  expect(quarters.timeZone).toBe('UTC');
  expect(
    quarters.items.every((each, index) => each.from === (quarters.items[index - 1]?.to ?? each.from)),
  ).toBe(true);
});

test.each([
  ['an end before the start', 'from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z', 'query.from'],
  ['a period that has not begun', 'from=2126-03-01T00:00:00Z&to=2126-03-02T00:00:00Z', 'query.from'],
  ['more than 31 days', 'from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z', 'query.to'],
  ['too many intervals', 'from=2026-03-01T00:00:00Z&to=2026-03-31T00:00:00Z&interval=15m', 'query.interval'],
  ['an unknown zone', `${period}&timeZone=Mars/Olympus`, 'query.timeZone'],
])('[QUE-12] %s is refused where it stands', async (_what, query, path) => {
  const { status, body } = await ask(query);
  expect([status, body.errors?.[0]?.path]).toEqual([400, path]);
});

test('[QUE-12] [ANA-03] as CSV, with the local time of the queue', async () => {
  const { headers, text } = await api.as.supervisor.get(
    `/queues/${queueId}/history/export?${period}&interval=hour`,
  );
  expect(headers['content-type']).toBe('text/csv; charset=utf-8');
  expect(headers['content-disposition']).toBe('attachment; filename="queue-2026-03-01.csv"');
  const [head, ...rows] = text.split('\r\n').map((line) => line.split(','));
  const [zone, offered, handled] = ['timeZone', 'offered', 'handled'].map(
    (name) => head?.indexOf(name) ?? -1,
  );
  expect(
    rows.slice(0, 3).map((row) => [row[2], row[zone ?? 0], row[offered ?? 0], row[handled ?? 0]]),
  ).toEqual([
    ['2026-03-01 23:00', 'Asia/Kathmandu', '1', '0'],
    ['2026-03-02 00:00', 'Asia/Kathmandu', '0', '0'],
    ['2026-03-02 01:00', 'Asia/Kathmandu', '0', '1'],
  ]);
});

test('[QUE-12] [QUE-08] hours shared by a calendar say the zone of the queue', async () => {
  const hours = { timeZone: 'Asia/Tokyo', week: { monday: [{ from: '08:00', to: '17:00' }] } };
  await api.as.admin.send('POST', '/calendars', { body: { name: 'tokyo', hours } });
  const { body: queue } = await api.as.admin.send('POST', '/queues', {
    body: { name: 'shared', calendar: 'tokyo' },
  });
  const { body } = await api.as.supervisor.get(`/queues/${queue.id}/history?${period}`);
  expect((body as QueueHistory).timeZone).toBe('Asia/Tokyo');
});

test('[TEAM-03] the past of a queue is shown to those who may see how it stands', async () => {
  expect((await ask(period, api.as.analyst)).status).toBe(200);
  expect((await ask(period, api.as.agent)).status).toBe(404);
  expect((await api.as.agent.get(`/queues/${queueId}/history/export?${period}`)).status).toBe(404);
  expect((await api.as.admin.get(`/queues/${newId()}/history?${period}`)).status).toBe(404);
});
