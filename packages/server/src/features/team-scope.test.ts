import {
  type AgentId,
  type ContactId,
  Permission,
  type ConferenceId,
  type LegId,
  type LiveCall,
  type QueueId,
  reachesOf,
} from '@crosspoint/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agentLive, type Caller, createTestApi, queueStats, type TestApi } from '../../test/api.ts';
import { attemptsOn, type Ids, shapesOf, shapesOfRoutes } from '../../test/attempts.ts';
import { alertRule, conference, createEverything } from '../../test/everything.ts';
import { DEFAULT_TENANT_ID, newId } from '../platform/index.ts';

/**
 * Two teams of one centre. Team B has everything there is; in team A is somebody with every permission but the one to reach
 * beyond teams, so that nothing else than team scope refuses.
 */
let api: TestApi;
let ids: Ids;
let bounded: Caller;
let ofB: Caller;
const team = { a: '', b: '' };

const sent = async (method: string, path: string, body: object, status: number) => {
  const answer = await api.as.admin.send(method, path, { body });
  expect(answer.status, `${method} ${path} ${answer.text}`).toBe(status);
  return answer.body;
};

/** What the two have in their hands, so that the same test asks for both. */
async function callerWithRole(username: string, teamId: string): Promise<Caller> {
  const caller = await api.addCaller({ username, role: 'supervisor' });
  const permissions = Object.fromEntries(
    Permission.options
      .filter((permission) => permission !== 'teams.beyond')
      .map((permission) => [permission, reachesOf(permission).at(-1)]),
  );
  const role = await sent('POST', '/roles', { name: `all but ${username}`, permissions }, 201);
  await api.database.inTenant(DEFAULT_TENANT_ID, async (transaction) => {
    await transaction
      .updateTable('users')
      .set({ role: 'custom', custom_role_id: role.id })
      .where('id', '=', caller.userId)
      .execute();
    await transaction
      .insertInto('team_members')
      .values({ tenant_id: DEFAULT_TENANT_ID, team_id: teamId, user_id: caller.userId })
      .execute();
  });
  return caller;
}

function callOf(id: string, contactId: string, agentId: string, queueId: string): LiveCall {
  const at = '2026-11-21T08:00:00.000Z';
  return {
    ...{ id: id as LegId, contactId: contactId as ContactId, party: 'agent', agentId: agentId as AgentId },
    ...{ queueId: queueId as QueueId, carrier: 'sip', carrierId: id, address: 'sip:x', number: '700' },
    ...{ state: 'talking', role: 'agent', muted: false, supervision: null, locked: false, recorded: true },
    ...{ recordingPaused: false, waitingSince: null, since: at, startedAt: at, quality: null },
  };
}

beforeAll(async () => {
  api = await createTestApi();
  ids = await createEverything(api, api.as.admin, DEFAULT_TENANT_ID);
  team.b = ids.team;
  team.a = (await sent('POST', '/teams', { name: 'team A' }, 201)).id;
  // A contact that only stood in the queue, and boxes and conferences of nobody, are of the team as well.
  await sent('PUT', `/queues/${ids.queue}`, { name: 'foreign-queue', teamId: team.b }, 200);
  await sent('PUT', `/voicemail-boxes/${ids.box}`, { name: 'foreign-box', agents: ['foreign-agent'] }, 200);
  await sent('PUT', `/conferences/${ids.conference}`, { ...conference, moderators: ['foreign-agent'] }, 200);
  await sent('PUT', `/alert-rules/${ids.alertRule}`, { ...alertRule, teamIds: [team.b] }, 200);
  [bounded, ofB] = [await callerWithRole('bounded', team.a), await callerWithRole('of-b', team.b)];
  api.centre.agentsById.set(ids.agent as AgentId, agentLive(ids.agent as AgentId, { name: 'foreign' }));
  api.centre.queues.set(ids.queue as QueueId, queueStats(ids.queue as QueueId, { waiting: 7, offered: 7 }));
  api.centre.legs.push(callOf(ids.call, ids.contact, ids.agent, ids.queue));
  api.centre.meetings = [
    { id: ids.conference as ConferenceId, agentIds: [ids.agent as AgentId], parties: [] } as never,
  ];
});
afterAll(() => api.close());

/** What the centre is made of, which all teams share, and what is somebody's own. */
const everybodys =
  /^\/(reason-codes|alert-targets|wallboards|numbers|calendars|segments|scorecards|trunks|ivr|prompts|routing|roles|security|auth\/single-sign-on)\b/;
/** Of this only the own is reached, in whatever team. */
const personal = /^\/auth\/sessions/;

describe('somebody of team A', () => {
  test('[TEAM-03] is tried on every route that takes an id', async () => {
    expect(shapesOf(attemptsOn(ids), ids)).toEqual(await shapesOfRoutes(api));
  });

  test('[TEAM-03] finds nothing of team B by its id, and changes nothing', async () => {
    const before = await snapshot();
    const commands = api.centre.commands.length;
    const asked = attemptsOn(ids).filter(([, path]) => !everybodys.test(path));
    expect(asked.length).toBeGreaterThan(60);
    for (const [method, path, body] of asked) {
      const answer = await bounded.send(method, path, { body });
      expect(answer.status, `${method} ${path} ${answer.text}`).toBe(404);
    }
    expect(await snapshot()).toEqual(before);
    expect(api.centre.commands).toHaveLength(commands);
  });

  test('[TEAM-03] finds nothing of team B in a list, in figures or in a log', async () => {
    const { body } = await api.anonymous.get('/openapi.json');
    const lists = Object.entries(body.paths as Record<string, { get?: { parameters?: Parameter[] } }>)
      .filter(([path, { get }]) => get !== undefined && !path.includes('{'))
      .map(([path, { get }]) => [path.replace('/api/v1', ''), get?.parameters ?? []] as const);
    const hidden = [ids.agent, ids.team, ids.contact, ids.recording, ids.call, ids.callback, ids.box].concat(
      ...[ids.voicemail, ids.evaluation, ids.note, ids.alert, ids.alertRule, ids.delivery, ids.conference],
    );
    const tried: string[] = [];
    for (const [path, parameters] of lists) {
      // Whom one can call, and where a message can be sent on to, is everybody's (ADR 11); who changed what is nobody's of one team.
      if (/^\/(directory|voicemail-boxes\/directory|stream)$/.test(path) || everybodys.test(path)) continue;
      const answer = await bounded.get(path + required(parameters));
      if (/^\/(audit|configuration)$/.test(path)) {
        expect(answer.body, path).toMatchObject({ status: 403, permission: 'teams.beyond' });
        continue;
      }
      if (answer.status !== 200) expect([404, 422], `${path} ${answer.text}`).toContain(answer.status);
      for (const id of hidden) expect(answer.text, path).not.toContain(id);
      expect(answer.text, path).not.toContain(ids.queue);
      if (answer.status === 200) tried.push(path);
    }
    for (const path of [
      '/agents',
      '/agents/live-status',
      '/contacts',
      '/calls',
      '/recordings',
      '/voicemails',
    ])
      expect(tried).toContain(path);
    for (const path of ['/callbacks', '/alerts', '/queues', '/dashboard/stats', '/users', '/teams'])
      expect(tried).toContain(path);
    expect((await bounded.get('/dashboard/stats')).body).toMatchObject({
      ...{ queues: [], totals: { waiting: 0 }, agents: { total: 0 } },
    });
  });

  test('[TEAM-03] somebody of team B finds it all', async () => {
    const reads = attemptsOn(ids).filter(
      ([method, path]) => method === 'GET' && !everybodys.test(path) && !personal.test(path),
    );
    for (const [method, path] of reads) {
      const answer = await ofB.send(method, path);
      // There is no file beneath this recording, and no wait to explain; both are told otherwise.
      expect(answer.body?.code, `${path} ${answer.text}`).not.toBe('not-found');
    }
    const stats = (await ofB.get('/dashboard/stats')).body;
    expect(stats).toMatchObject({
      queues: [{ id: ids.queue }],
      totals: { waiting: 7 },
      agents: { total: 1 },
    });
  });
});

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
}

/** A query with what has to be in it. */
function required(parameters: readonly Parameter[]): string {
  const values: Record<string, string> = { from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z' };
  const wanted = parameters.filter((parameter) => parameter.in === 'query' && parameter.required === true);
  if (wanted.length === 0) return '';
  return `?${wanted.map(({ name }) => `${name}=${values[name] ?? newId()}`).join('&')}`;
}

const snapshot = () =>
  api.database.inTenant(DEFAULT_TENANT_ID, async (transaction) => {
    const tables = [
      ...(['agents', 'teams', 'team_members', 'queues', 'queue_agents', 'callbacks', 'schedules'] as const),
      ...([
        'voicemail_boxes',
        'voicemails',
        'evaluations',
        'coaching_notes',
        'alerts',
        'alert_rules',
      ] as const),
      ...(['conferences', 'conference_pins', 'alert_deliveries', 'contacts', 'recordings'] as const),
    ];
    // In no order: the database may give the same rows in another one.
    const sorted = (rows: object[]) => rows.map((row) => JSON.stringify(row)).sort();
    const rows = await Promise.all(
      tables.map(async (table) => [table, sorted(await transaction.selectFrom(table).selectAll().execute())]),
    );
    const users = await transaction.selectFrom('users').select(['id', 'name', 'role']).execute();
    return { ...Object.fromEntries(rows), users: sorted(users) };
  });

describe('what belongs to whom', () => {
  const put = (path: string, body: object) => bounded.send('PUT', path, { body });
  const post = (path: string, body: object) => bounded.send('POST', path, { body });
  const agent = { username: 'hired', name: 'Hired' };

  test('[TEAM-03] a queue of no team is everybody’s, with what came through it', async () => {
    const queue = await sent('POST', '/queues', { name: 'shared' }, 201);
    const contact = await storeContact({ queueId: queue.id });
    const unclaimed = await storeContact({});
    const dialled = await storeContact({ direction: 'outbound' });
    const earlier = await storeContact({
      queueId: ids.queue,
      segments: [stayIn(queue.id)],
    });
    for (const id of [contact, unclaimed, earlier])
      expect(await bounded.get(`/contacts/${id}`)).toMatchObject({ status: 200, body: { id } });
    expect((await bounded.get(`/contacts/${dialled}`)).status).toBe(404);
    const listed = (await bounded.get('/contacts')).body.items.map(({ id }: { id: string }) => id);
    expect(listed.toSorted()).toEqual([contact, unclaimed, earlier].toSorted());
    expect((await bounded.get('/queues')).body.items).toMatchObject([{ id: queue.id }]);
  });

  test('[TEAM-03] nobody takes what is of other teams, gives it away, or leaves the own team for no team', async () => {
    const own = { ...agent, teamIds: [team.a] };
    const hired = (await post('/agents', own)).body;
    expect(hired).toMatchObject({ teamIds: [team.a] });
    expect((await bounded.get(`/agents/${hired.id}`)).status).toBe(200);
    const field = (path: string, status = 422) => ({ status, body: { errors: [{ path }] } });
    const beyond = { status: 403, body: { code: 'forbidden', permission: 'teams.beyond' } };
    const { username, name } = { username: 'b', name: 'B' };
    expect(await post('/agents', { username, name })).toMatchObject(field('teamIds', 400));
    expect(await post('/agents', { username, name, teamIds: [team.b] })).toMatchObject(field('teamIds.0'));
    const queues = [{ queueId: ids.queue }];
    expect(await put(`/agents/${hired.id}`, { teamIds: [team.a], queues })).toMatchObject(
      field('queues.0.queueId'),
    );
    expect(await put(`/agents/${hired.id}`, { teamIds: [] })).toMatchObject(field('teamIds', 400));
    const teamA = { name: 'team A', memberIds: [bounded.userId, hired.id] };
    expect(await put(`/teams/${team.a}`, { ...teamA, memberIds: [ids.agent] })).toMatchObject(
      field('memberIds.0'),
    );
    expect(await put(`/teams/${team.a}`, { ...teamA, memberIds: [hired.id] })).toMatchObject(beyond);
    expect(await put(`/teams/${team.a}`, { ...teamA, parentId: team.b })).toMatchObject(beyond);
    expect(await bounded.send('DELETE', `/teams/${team.a}`)).toMatchObject(beyond);
    expect(await post('/teams', { name: 'top' })).toMatchObject(field('parentId', 400));
    expect(await post('/teams', { name: 'within B', parentId: team.b })).toMatchObject(field('parentId'));
    expect(await post('/queues', { name: 'x', teamId: team.b })).toMatchObject(field('teamId'));
    expect(await post('/queues', { name: 'x', agents: [{ agentId: ids.agent }] })).toMatchObject(
      field('agents.0.agentId'),
    );
    expect(await post('/voicemail-boxes', { name: 'x', agents: ['foreign-agent'] })).toMatchObject(beyond);
    expect(await post('/users', { username: 'x', name: 'X', role: 'agent' })).toMatchObject(beyond);
    expect(await post('/alert-rules', { ...alertRule, name: 'for all', teamIds: [] })).toMatchObject(beyond);
    expect((await bounded.get('/agents')).body.items).toHaveLength(1);
  });

  test('[TEAM-03] teams within a team are reached with it, at once and without a new login', async () => {
    const path = `/contacts/${ids.contact}`;
    expect((await bounded.get(path)).status).toBe(404);
    await sent(
      'PUT',
      `/teams/${team.b}`,
      { name: 'foreign-team', parentId: team.a, memberIds: [ids.agent] },
      200,
    );
    expect((await bounded.get(path)).status).toBe(200);
    expect((await bounded.get('/auth/me')).body.teams).toEqual([
      { id: team.b, name: 'foreign-team' },
      { id: team.a, name: 'team A' },
    ]);
    await sent('PUT', `/teams/${team.b}`, { name: 'foreign-team', memberIds: [ids.agent, ofB.userId] }, 200);
    expect((await bounded.get(path)).status).toBe(404);
  });

  test('[TEAM-03] who is in no team, or reaches beyond them, sees everything', async () => {
    for (const who of [api.as.admin, api.as.supervisor]) {
      expect((await who.get('/auth/me')).body.teams).toBeNull();
      expect((await who.get(`/contacts/${ids.contact}`)).status).toBe(200);
    }
    const members = [bounded.userId, api.as.admin.userId];
    const hired = (await api.as.admin.get('/agents?search=hired')).body.items[0].id;
    await sent('PUT', `/teams/${team.a}`, { name: 'team A', memberIds: [...members, hired] }, 200);
    expect((await api.as.admin.get(`/contacts/${ids.contact}`)).status).toBe(200);
  });
});

/** That a contact stood in a queue and was sent on. */
const stayIn = (queueId: string) => ({
  ...{ number: 1, kind: 'queue', queueId, agentId: null, startedAt: 1, endedAt: 2, result: 'overflowed' },
  ...{ reason: 'max-wait', waitMs: 1, talkMs: null, holdMs: null, wrapUpMs: null, recordingIds: [] },
});

/** A call that is over. */
async function storeContact({
  queueId = null,
  direction = 'inbound',
  segments = [],
}: {
  queueId?: string | null;
  direction?: 'inbound' | 'outbound';
  segments?: object[];
}): Promise<string> {
  const id = newId();
  await api.database.inTenant(DEFAULT_TENANT_ID, (transaction) =>
    transaction
      .insertInto('contacts')
      .values({
        ...{
          id,
          tenant_id: DEFAULT_TENANT_ID,
          number: '700',
          direction,
          caller_phone: '+1',
          queue_id: queueId,
        },
        ...{ started_at: new Date(), closed_at: new Date(), state: 'closed', last_seq: 1 },
        segments: JSON.stringify(segments),
      })
      .execute(),
  );
  return id;
}
