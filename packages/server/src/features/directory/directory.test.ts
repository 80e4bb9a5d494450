import type { AgentId, QueueId } from '@crosspoint/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { agentLive, createTestApi, queueStats, type TestApi } from '../../../test/api.ts';

let api: TestApi;
const ids: Record<string, string> = {};

beforeAll(async () => {
  api = await createTestApi();
  const make = async (path: string, body: object): Promise<string> => {
    const made = await api.as.admin.send('POST', path, { body });
    expect(made.status, made.text).toBe(201);
    return made.body.id;
  };
  for (const [username, extension] of [
    ['dana', '201'],
    ['bob', '202'],
    ['adam', '303'],
  ] as const) {
    ids[username] = await make('/agents', { username, name: username.toUpperCase(), extension });
  }
  ids['support'] = await make('/queues', { name: 'Support' });
  const device = {
    ...{ kind: 'sip' as const, address: 'sip:x', reachable: true, reason: 'registered' },
    lastHeartbeatAt: '2026-11-21T08:00:00.000Z',
  };
  const live = (username: string, more: object) => {
    const id = ids[username] as AgentId;
    api.centre.agentsById.set(id, agentLive(id, { devices: [device], ...more }));
  };
  live('dana', { activity: 'idle' });
  live('adam', { activity: 'on-contact' });
  live('bob', { activity: 'idle', devices: [{ ...device, reachable: false }] });
  const queueId = ids['support'] as QueueId;
  api.centre.queues.set(queueId, queueStats(queueId, { waiting: 3, agentsReady: 1 }));
});
afterAll(() => api.close());

test('[CTL-02] an agent finds colleagues by presence and queues with what waits there, but not herself', async () => {
  const { body, status } = await api.as.agent.get('/directory');
  expect(status).toBe(200);
  expect(body.items.map(({ name, presence }: Record<string, unknown>) => [name, presence])).toEqual([
    ['DANA', 'free'],
    ['ADAM', 'busy'],
    ['BOB', 'unreachable'],
    ['Support', undefined],
  ]);
  expect(body.items.at(-1)).toMatchObject({ kind: 'queue', waiting: 3, agentsReady: 1, open: true });
});

test('[CTL-02] the directory is searched by name and extension, and paged', async () => {
  const names = async (query: string) =>
    (await api.as.agent.get(`/directory?${query}`)).body.items.map(({ name }: { name: string }) => name);
  expect(await names('search=20')).toEqual(['DANA', 'BOB']);
  expect(await names('search=supp')).toEqual(['Support']);
  expect(await names('search=%25')).toEqual([]);
  expect(await names('kind=queue')).toEqual(['Support']);
  const first = (await api.as.agent.get('/directory?limit=2')).body;
  expect(first.items).toHaveLength(2);
  expect(await names(`limit=2&cursor=${first.nextCursor}`)).toEqual(['BOB', 'Support']);
});
