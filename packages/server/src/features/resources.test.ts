import type { AgentId, QueueId } from '@crosspoint/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agentLive, type Caller, createTestApi, queueStats, type TestApi } from '../../test/api.ts';
import { newId } from '../platform/index.ts';
import { sipCredentials } from './agents/index.ts';

let api: TestApi;
let admin: Caller;
beforeAll(async () => {
  api = await createTestApi();
  ({ admin } = api.as);
});
afterAll(() => api.close());

const create = async (path: string, body: object) => {
  const answer = await admin.send('POST', path, { body });
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
};
const tagOf = async (path: string) => String((await admin.get(path)).headers['etag']);
const newestAudit = async () => (await admin.get('/audit?limit=1')).body.items[0];

describe('every editor', () => {
  test('[API-01] holds a change back that was made on an older state', async () => {
    const queue = await create('/queues', { name: 'race' });
    const agent = await create('/agents', { username: 'race', name: 'Race' });
    const user = await create('/users', { username: 'race-user', name: 'Race', role: 'analyst' });
    const team = await create('/teams', { name: 'race' });
    const number = await create('/numbers', { number: '7001', target: { kind: 'queue', queueId: queue.id } });
    await create('/reason-codes', { code: 'race', name: { en: 'Race' } });
    const editors: [string, object, object][] = [
      [`/agents/${agent.id}`, { capacity: 2 }, { capacity: 3 }],
      [`/users/${user.id}`, { ...userFields(user), name: 'A' }, { ...userFields(user), name: 'B' }],
      [`/teams/${team.id}`, { name: 'race a' }, { name: 'race b' }],
      [
        `/numbers/${number.id}`,
        { number: '7002', target: { kind: 'queue', queueId: queue.id } },
        { number: '7003', target: { kind: 'queue', queueId: queue.id } },
      ],
      ['/reason-codes/race', { name: { en: 'A' } }, { name: { en: 'B' } }],
      [`/queues/${queue.id}`, { name: 'race', maxSize: 5 }, { name: 'race', maxSize: 6 }],
    ];
    for (const [path, first, second] of editors) {
      const headers = { 'if-match': await tagOf(path) };
      const mine = await admin.send('PUT', path, { body: first, headers });
      expect(mine.status, `${path} ${mine.text}`).toBe(200);
      expect(mine.headers['etag']).not.toBe(headers['if-match']);
      const yours = await admin.send('PUT', path, { body: second, headers });
      expect(yours, path).toMatchObject({ status: 412, body: { code: 'version-outdated' } });
      const gone = await admin.send('DELETE', path, { headers });
      expect(gone.status, path).toBe(412);
      const again = await admin.send('PUT', path, {
        body: second,
        headers: { 'if-match': String(mine.headers['etag']) },
      });
      expect(again.status, path).toBe(200);
    }
  });

  test('[API-04] writes each change to the audit log, with before and after and without secrets', async () => {
    const agent = await create('/agents', {
      username: 'logged',
      name: 'Logged',
      password: 'logged-password',
    });
    expect(await newestAudit()).toMatchObject({
      action: 'agent.created',
      subjectType: 'agent',
      subjectId: agent.id,
      actor: { kind: 'api-key', userId: admin.userId, name: 'the-admin by name' },
      before: null,
      after: { name: 'Logged' },
      ip: '127.0.0.1',
    });
    await admin.send('PUT', `/agents/${agent.id}`, {
      body: { capacity: 2, sipPassword: 'logged-sip-password' },
    });
    const entry = await newestAudit();
    expect(entry).toMatchObject({
      action: 'agent.updated',
      before: { capacity: 1 },
      after: { capacity: 2, sipPasswordChanged: true },
    });
    await admin.send('DELETE', `/users/${agent.id}`);
    expect(await newestAudit()).toMatchObject({
      action: 'user.deleted',
      before: { username: 'logged' },
      after: null,
    });
    expect((await admin.get('/audit?limit=100')).text).not.toMatch(
      /logged-password|logged-sip-password|argon2/,
    );
  });

  test('[API-01] an audit log can be searched and filtered', async () => {
    const queue = await create('/queues', { name: 'needle in the log' });
    const found = await admin.get('/audit?search=needle in the log&subjectType=queue');
    expect(found.body.items.map((entry: { subjectId: string }) => entry.subjectId)).toEqual([queue.id]);
    expect((await admin.get('/audit?search=100%25')).body.items).toEqual([]);
  });
});

function userFields({ username, name, role, language, timeZone, disabled }: Record<string, unknown>) {
  return { username, name, role, language, timeZone, disabled };
}

describe('agents', () => {
  test('[TEAM-01] carry profile, queues with their place, teams and what is true now', async () => {
    const queue = await create('/queues', { name: 'of agents' });
    const team = await create('/teams', { name: 'of agents' });
    const agent = await create('/agents', {
      username: 'olga',
      name: 'Olga',
      extension: '201',
      skills: { billing: 4 },
      languages: ['en', 'cs'],
      capacity: 2,
      queues: [{ queueId: queue.id, priority: 3, delaySeconds: 5 }],
      teamIds: [team.id],
      sipPassword: 'olga-sip-password',
    });
    api.centre.agentsById.set(
      agent.id,
      agentLive(agent.id as AgentId, { activity: 'on-contact', status: 'available' }),
    );
    const { body } = await admin.get(`/agents/${agent.id}`);
    expect(body).toMatchObject({
      username: 'olga',
      extension: '201',
      skills: { billing: 4 },
      queues: [{ queueId: queue.id, name: 'of agents', priority: 3, delaySeconds: 5 }],
      teams: [{ id: team.id, name: 'of agents' }],
      sip: { username: 'olga', hasPassword: true },
      status: 'available',
      activity: 'on-contact',
    });
    const row = await api.database.asSystem((transaction) =>
      transaction.selectFrom('agents').selectAll().where('user_id', '=', agent.id).executeTakeFirstOrThrow(),
    );
    expect(row.sip_ha1_sha256).toBe(sipCredentials('olga', 'olga-sip-password').ha1Sha256);
    const filters = [
      'search=olg',
      'activity=on-contact',
      `queueId=${queue.id}`,
      `teamId=${team.id}`,
      'skill=billing',
    ];
    for (const filter of filters) {
      const { items } = (await admin.get(`/agents?${filter}`)).body;
      expect(
        items.map((each: { username: string }) => each.username),
        filter,
      ).toEqual(['olga']);
    }
    expect((await admin.get('/agents?activity=wrap-up')).body.items).toEqual([]);
  });

  test('[TEAM-01] an extension belongs to one', async () => {
    await create('/agents', { username: 'pavel', name: 'Pavel', extension: '202' });
    const answer = await admin.send('POST', '/agents', {
      body: { username: 'petra', name: 'Petra', extension: '202' },
    });
    expect(answer).toMatchObject({
      status: 409,
      body: { code: 'name-taken', errors: [{ path: 'extension', value: '202' }] },
    });
    expect((await admin.get('/users?search=petra')).body.items).toEqual([]);
  });

  test('[TEAM-01] a user becomes an agent, and stops being one', async () => {
    const user = await create('/users', { username: 'sven', name: 'Sven', role: 'supervisor' });
    expect((await admin.send('PUT', `/agents/${user.id}`, { body: { extension: '203' } })).status).toBe(200);
    expect((await admin.get(`/users/${user.id}`)).body.isAgent).toBe(true);
    expect((await admin.send('DELETE', `/agents/${user.id}`)).status).toBe(204);
    expect((await admin.get(`/users/${user.id}`)).body.isAgent).toBe(false);
  });

  test('[AVL-06] an agent sets the own status, a supervisor anybody’s, with a known reason', async () => {
    const { agent, supervisor } = api.as;
    const agentId = agent.userId as AgentId;
    api.centre.agentsById.set(agentId, agentLive(agentId));
    const mine = await agent.send('PUT', '/agents/me/status', {
      body: { status: 'break', reasonCode: 'lunch' },
    });
    expect(mine.status, mine.text).toBe(200);
    expect(api.centre.commands.at(-1)).toEqual({
      command: 'chooseStatus',
      arguments: [agentId, 'break', 'lunch', { kind: 'agent', userId: agentId }],
    });
    const theirs = await supervisor.send('PUT', `/agents/${agentId}/status`, {
      body: { status: 'available' },
    });
    expect(theirs.status).toBe(200);
    expect(api.centre.commands.at(-1)?.arguments).toEqual([
      agentId,
      'available',
      null,
      { kind: 'supervisor', userId: supervisor.userId },
    ]);
    expect(await newestAudit()).toMatchObject({ action: 'agent.status-set', subjectId: agentId });
    const unknown = await agent.send('PUT', '/agents/me/status', {
      body: { status: 'break', reasonCode: 'nap' },
    });
    expect(unknown.body).toMatchObject({ code: 'reference-unknown', errors: [{ path: 'reasonCode' }] });
    const wrong = await agent.send('PUT', '/agents/me/status', {
      body: { status: 'available', reasonCode: 'lunch' },
    });
    expect(wrong.status).toBe(400);
    const other = await agent.send('PUT', `/agents/${newId()}/status`, { body: { status: 'offline' } });
    expect(other.status).toBe(404);
  });

  test('[TEAM-03] an agent sees only oneself', async () => {
    const { body } = await api.as.agent.get('/agents');
    expect(body.items.map((agent: { id: string }) => agent.id)).toEqual([api.as.agent.userId]);
    const live = await api.as.agent.get('/agents/live-status');
    expect(live.body.items.map((agent: { id: string }) => agent.id)).toEqual([api.as.agent.userId]);
  });
});

test('[API-01] what was made says where it is', async () => {
  const answer = await admin.send('POST', '/teams', { body: { name: `located ${Date.now()}` } });
  const { location } = answer.headers;
  expect(location).toBe(`/api/v1/teams/${answer.body.id}`);
  expect((await admin.get(String(location).replace('/api/v1', ''))).body).toEqual(answer.body);
  const code = { code: `located-${Date.now()}`, name: { en: 'Located' } };
  expect((await admin.send('POST', '/reason-codes', { body: code })).headers).not.toHaveProperty('location');
});

describe('users', () => {
  test('[TEAM-03] an administrator cannot shut oneself out, nor take the last one away', async () => {
    const me = (await admin.get(`/users/${admin.userId}`)).body;
    const demoted = await admin.send('PUT', `/users/${me.id}`, {
      body: { ...userFields(me), role: 'analyst' },
    });
    expect(demoted.body.code).toBe('last-administrator');
    const second = await api.addCaller({ username: 'second-admin', role: 'admin' });
    const own = await admin.send('PUT', `/users/${me.id}`, { body: { ...userFields(me), role: 'analyst' } });
    expect(own.body.code).toBe('own-account');
    expect((await admin.send('DELETE', `/users/${me.id}`)).body.code).toBe('own-account');
    expect((await admin.send('DELETE', `/users/${second.userId}`)).status).toBe(204);
  });

  test('[TEAM-03] names differ not only by case', async () => {
    const answer = await admin.send('POST', '/users', {
      body: { username: 'THE-ADMIN', name: 'x', role: 'admin' },
    });
    expect(answer).toMatchObject({
      status: 409,
      body: { code: 'name-taken', errors: [{ path: 'username' }] },
    });
  });
});

describe('queues', () => {
  test('[QUE-01] carry settings with their defaults, agents by name, numbers and figures', async () => {
    const agent = await create('/agents', { username: 'quido', name: 'Quido' });
    const queue = await create('/queues', { name: 'sales', agents: [{ agentId: agent.id, priority: 2 }] });
    await create('/numbers', { number: '+420 555 123 456', target: { kind: 'queue', queueId: queue.id } });
    api.centre.queues.set(queue.id as QueueId, queueStats(queue.id as QueueId, { waiting: 3 }));
    expect((await admin.get(`/queues/${queue.id}`)).body).toMatchObject({
      name: 'sales',
      ringTimeoutSeconds: 15,
      agents: [{ username: 'quido', name: 'Quido', priority: 2, delaySeconds: 0 }],
      numbers: ['+420555123456'],
      stats: { waiting: 3 },
    });
    expect((await admin.get(`/queues/${queue.id}/stats`)).body).toMatchObject({
      waiting: 3,
      serviceLevel: null,
    });
    const inUse = await admin.send('DELETE', `/queues/${queue.id}`);
    expect(inUse).toMatchObject({ status: 409, body: { code: 'in-use' } });
    expect(inUse.body.detail).toContain('+420555123456');
  });

  test('[CAR-05] a number of the house and an extension are never the same', async () => {
    const queue = await create('/queues', { name: 'either' });
    const target = { kind: 'queue', queueId: queue.id };
    const number = await create('/numbers', { number: '4711', target });
    const agent = await create('/agents', { username: 'either', name: 'Either', extension: '4712' });
    const taken = { status: 409, body: { code: 'name-taken', errors: [{ message: 'is taken' }] } };
    const { admin } = api.as;
    const [ofAgent, ofNumber] = [`/agents/${agent.id}`, `/numbers/${number.id}`];
    const put = (path: string, body: object) => admin.send('PUT', path, { body });
    expect(await put(ofAgent, { name: 'Either', extension: '4711' })).toMatchObject(taken);
    expect(await put(ofNumber, { number: '4712', target })).toMatchObject(taken);
    const body = { number: '4712', target };
    expect(await admin.send('POST', '/numbers', { body })).toMatchObject(taken);
    const second = { username: 'second-either', name: 'Second', extension: '4711' };
    expect(await admin.send('POST', '/agents', { body: second })).toMatchObject(taken);
    expect((await put(ofAgent, { name: 'Either', extension: '4712' })).status).toBe(200);
    expect((await put(ofNumber, { number: '4711', target })).status).toBe(200);
  });

  test('[QUE-01] take agents and teams in and out in one step', async () => {
    const [anna, boris] = [
      await create('/agents', { username: 'anna', name: 'Anna' }),
      await create('/agents', { username: 'boris', name: 'Boris' }),
    ];
    const team = await create('/teams', { name: 'both', memberIds: [anna.id, boris.id] });
    const queue = await create('/queues', { name: 'assigned', agents: [{ agentId: anna.id, priority: 7 }] });
    const assign = (body: object) => admin.send('POST', `/queues/${queue.id}/assign`, { body });
    const added = await assign({ addTeamIds: [team.id] });
    expect(added.body.agents).toMatchObject([
      { username: 'boris', priority: 1 },
      { username: 'anna', priority: 7 },
    ]);
    expect(added.body.version).toBe(2);
    const removed = await assign({ remove: [anna.id] });
    expect(removed.body.agents).toMatchObject([{ username: 'boris' }]);
    expect((await assign({})).status).toBe(400);
    expect((await assign({ add: [{ agentId: newId() }] })).body).toMatchObject({
      code: 'reference-unknown',
      errors: [{ path: 'add.0.agentId' }],
    });
  });

  test('[QUE-01] their version counts up when an agent’s editor changes who serves them', async () => {
    const queue = await create('/queues', { name: 'versioned' });
    const agent = await create('/agents', { username: 'vera', name: 'Vera' });
    await admin.send('PUT', `/agents/${agent.id}`, { body: { queues: [{ queueId: queue.id }] } });
    expect((await admin.get(`/queues/${queue.id}`)).body).toMatchObject({
      version: 2,
      agents: [{ username: 'vera' }],
    });
    await admin.send('PUT', `/agents/${agent.id}`, {
      body: { queues: [{ queueId: queue.id }], capacity: 2 },
    });
    expect((await admin.get(`/queues/${queue.id}`)).body.version).toBe(2);
  });

  test('[TEAM-03] an agent sees the queues that the agent serves', async () => {
    await create('/queues', { name: 'not mine' });
    const mine = await create('/queues', { name: 'mine', agents: [{ agentId: api.as.agent.userId }] });
    const { body } = await api.as.agent.get('/queues');
    expect(body.items.map((queue: { id: string }) => queue.id)).toEqual([mine.id]);
  });

  test('[QUE-01] the living centre is told of each change', async () => {
    const before = api.centre.configurationChanges;
    const queue = await create('/queues', { name: 'told' });
    await admin.send('PUT', `/queues/${queue.id}`, { body: { name: 'told', maxSize: 9 } });
    await admin.send('DELETE', `/queues/${queue.id}`);
    expect(api.centre.configurationChanges).toBe(before + 3);
  });
});

describe('the dashboard', () => {
  test('[SUP-05] sums what the queues count, by the same formulas', async () => {
    const [a, b] = [newId() as QueueId, newId() as QueueId];
    api.centre.queues.clear();
    api.centre.queues.set(
      a,
      queueStats(a, {
        offered: 10,
        answered: 6,
        abandoned: 2,
        shortAbandons: 1,
        answeredWithin: 5,
        waiting: 2,
        averageSpeedOfAnswerSeconds: 10,
        longestWaitSince: '2026-11-21T08:00:00.000Z',
      }),
    );
    api.centre.queues.set(
      b,
      queueStats(b, {
        offered: 4,
        answered: 2,
        abandoned: 2,
        answeredWithin: 1,
        averageSpeedOfAnswerSeconds: 30,
        longestWaitSince: '2026-11-21T07:00:00.000Z',
      }),
    );
    const { body } = await admin.get('/dashboard/stats');
    expect(body.totals).toMatchObject({
      offered: 14,
      answered: 8,
      waiting: 2,
      serviceLevel: 6 / (8 + 4 - 1),
      abandonRate: 4 / 12,
      averageSpeedOfAnswerSeconds: 15,
      averageHandleSeconds: null,
      longestWaitSince: '2026-11-21T07:00:00.000Z',
    });
    expect(body.agents.byActivity).toHaveProperty('not-responding');
  });
});
