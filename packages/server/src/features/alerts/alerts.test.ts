import type { AgentId, Alert, QueueId } from '@crosspoint/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { agentLive, createTestApi, queueStats, type TestApi } from '../../../test/api.ts';
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

async function made(path: string, body: object): Promise<string> {
  const answer = await api.as.admin.send('POST', path, { body });
  expect(answer.status, answer.text).toBe(201);
  return answer.body.id;
}

test('[SUP-04] [TEAM-03] a rule raises alerts of the agents of its teams, whom only those see who answer for them', async () => {
  const [north, south] = [await api.addCaller({ username: 'north', role: 'agent' }), api.as.agent];
  const chief = await api.addCaller({ username: 'chief', role: 'supervisor' });
  const parent = await made('/teams', { name: 'all of the north' });
  const within = { name: 'north', parentId: parent, memberIds: [north.userId, chief.userId] };
  await made('/teams', within);
  await made('/teams', { name: 'south', memberIds: [south.userId] });
  const condition = { kind: 'missed-offers', count: 3 };
  await made('/alert-rules', { name: 'Missed everywhere', condition });
  await made('/alert-rules', { name: 'Missed in the north', condition, teamIds: [parent] });
  for (const { userId } of [north, south]) {
    const id = userId as AgentId;
    api.centre.agentsById.set(
      id,
      agentLive(id, { name: `agent ${userId === north.userId}`, missedInRow: 3 }),
    );
  }
  api.clock.nowMs += 60_000;
  await api.alerts.look();
  const kind = 'kind=missed-offers';
  const rules = (list: Alert[]) =>
    list.map(({ agentId, ruleName }) => `${agentId} ${ruleName}`).toSorted((a, b) => a.localeCompare(b));
  const ofNorth = ['Missed everywhere', 'Missed in the north'].map((name) => `${north.userId} ${name}`);
  const ofSouth = `${south.userId} Missed everywhere`;
  expect(rules(await listed(kind))).toEqual([...ofNorth, ofSouth].toSorted((a, b) => a.localeCompare(b)));
  const seenByChief = (await chief.get(`/alerts?${kind}`)).body.items as Alert[];
  expect(rules(seenByChief)).toEqual(ofNorth);
  expect(seenByChief[0]).toMatchObject({ queueId: null, queueName: null, value: 3, threshold: 3 });
  const elsewhere = (await listed(`${kind}&agentId=${south.userId}`))[0];
  const path = `/alerts/${elsewhere?.id}/acknowledge`;
  expect((await chief.send('POST', path, { body: {} })).status).toBe(404);
  expect((await api.as.supervisor.send('POST', path, { body: {} })).status).toBe(200);
  const own = `/alerts/${seenByChief[0]?.id}/acknowledge`;
  expect((await chief.send('POST', own, { body: {} })).body.acknowledgedBy.name).toBe('chief by name');
});

test('[SUP-04] [TEAM-02] whoever does not what is scheduled makes an alert, and one whose rule is switched off is over', async () => {
  const id = api.as.agent.userId as AgentId;
  const whole = { from: '00:00', to: '00:00' };
  const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
  const week = Object.fromEntries(days.map((day) => [day, [whole]]));
  const put = await api.as.admin.send('PUT', `/schedules/${id}`, {
    body: { timeZone: 'Europe/Prague', week },
  });
  expect(put.status, put.text).toBe(200);
  const rule = { name: 'Not there', condition: { kind: 'not-adherent', seconds: 60 } };
  const ruleId = await made('/alert-rules', rule);
  const away = (awaySeconds: number) => {
    const activitySince = new Date(api.clock.nowMs - awaySeconds * 1000).toISOString();
    api.centre.agentsById.set(id, agentLive(id, { activity: 'break', status: 'break', activitySince }));
  };
  const found = async (state: string) =>
    (await listed(`kind=not-adherent&state=${state}`)).map(({ ruleName, clearedAt }) => [
      ruleName,
      clearedAt !== null,
    ]);
  away(59);
  await api.alerts.look();
  expect(await found('all')).toEqual([]);
  api.clock.nowMs += 1_000;
  await api.alerts.look();
  expect(await found('all')).toEqual([['Not there', false]]);
  const off = await api.as.supervisor.send('PUT', `/alert-rules/${ruleId}`, {
    body: { ...rule, enabled: false },
  });
  expect(off.status, off.text).toBe(200);
  await api.alerts.look();
  expect(await found('all')).toEqual([['Not there', true]]);
});

test('[TEAM-03] supervisors write rules, analysts read them, and a team that does not exist is refused', async () => {
  const body = { name: 'Long talk', condition: { kind: 'talk-time', seconds: 600 } };
  expect((await api.as.analyst.send('POST', '/alert-rules', { body })).status).toBe(403);
  expect((await api.as.agent.get('/alert-rules')).status).toBe(403);
  expect((await api.as.supervisor.send('POST', '/alert-rules', { body })).status).toBe(201);
  expect((await api.as.analyst.get('/alert-rules?search=Long')).body.items).toMatchObject([
    { ...body, enabled: true, teamIds: [] },
  ]);
  const teamIds = [queueId];
  const refused = await api.as.admin.send('POST', '/alert-rules', { body: { ...body, name: 'x', teamIds } });
  expect(refused).toMatchObject({ status: 422, body: { code: 'reference-unknown' } });
  expect(refused.body.errors).toMatchObject([{ path: 'teamIds.0', value: queueId }]);
});
