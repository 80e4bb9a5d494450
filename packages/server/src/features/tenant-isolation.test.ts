import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, createTestApi, type TestApi } from '../../test/api.ts';
import { attemptsOn, shapesOf, shapesOfRoutes } from '../../test/attempts.ts';
import { alertRule, createEverything } from '../../test/everything.ts';

/** Two organisations; the other one has everything there is. */
let api: TestApi;
let other: Caller;
let tenantId: string;
let ids: Awaited<ReturnType<typeof createEverything>>;
beforeAll(async () => {
  api = await createTestApi();
  tenantId = await api.addTenant('other');
  other = await api.addCaller({ username: 'foreign-admin', role: 'admin', tenantId });
  ids = await createEverything(api, other, tenantId);
});
afterAll(() => api.close());

const snapshot = () =>
  api.database.inTenant(tenantId, async (transaction) => {
    const tables = [
      'users',
      'agents',
      'teams',
      'team_members',
      'queues',
      'queue_agents',
      'numbers',
      'reason_codes',
      'bans',
      'access_rules',
      'callbacks',
      'calendars',
      'segments',
      'conferences',
      'conference_pins',
      'roles',
      'schedules',
      'wallboards',
      'agent_days',
      'summed_days',
      'alert_rules',
      'alert_targets',
      'alert_deliveries',
      'voicemail_boxes',
      'prompt_codes',
      'voicemails',
      'scorecards',
      'scorecard_versions',
      'evaluations',
      'coaching_notes',
      'alerts',
      'trunks',
      'flows',
      'flow_versions',
      'routing_rules',
      'routing_versions',
    ] as const;
    const rows = await Promise.all(
      tables.map((table) => transaction.selectFrom(table).selectAll().execute()),
    );
    const keys = await transaction.selectFrom('api_keys').select(['id', 'revoked_at']).execute();
    return JSON.stringify([...rows, keys]);
  });

const attempts = () => attemptsOn(ids);

describe('another tenant', () => {
  test('[TEAM-03] is tried on every route that takes an id', async () => {
    expect(shapesOf(attempts(), ids)).toEqual(await shapesOfRoutes(api));
  });

  test('[TEAM-03] is not there: each request with an id of it finds nothing and changes nothing', async () => {
    const before = await snapshot();
    for (const [method, path, body] of attempts()) {
      const answer = await api.as.admin.send(method, path, { body });
      expect(answer.status, `${method} ${path} ${answer.text}`).toBe(404);
    }
    expect(await snapshot()).toBe(before);
  });

  test('[TEAM-03] is in no list', async () => {
    const lists = [
      'users',
      'agents',
      'agents/live-status',
      'teams',
      'reason-codes',
      'queues',
      'numbers',
      'contacts',
      'calendars',
      'segments',
      'conferences',
      'roles',
      'schedules',
      'wallboards',
      'alert-rules',
      'alert-targets',
      'alert-deliveries',
      'voicemail-boxes',
      'voicemails',
      'scorecards',
      'evaluations',
      'coaching',
      'evaluations/calibration',
      'performance?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z',
      'security/bans',
      'security/rules',
      'callbacks',
      'directory',
      'alerts?state=all',
      'trunks',
      'ivr/flows',
      'routing/rules',
      'prompts',
    ];
    for (const list of [
      ...lists,
      'calls',
      'recordings',
      'api-keys',
      'audit',
      'dashboard/stats',
      'configuration',
    ]) {
      const answer = await api.as.admin.get(`/${list}`);
      expect(answer.status, list).toBe(200);
      expect(answer.text, list).not.toMatch(/foreign/);
      for (const id of Object.values(ids)) expect(answer.text, list).not.toContain(id);
    }
  });

  test('[TEAM-03] cannot be referred to', async () => {
    const references: [string, object][] = [
      ['/queues', { name: 'mine', agents: [{ agentId: ids.agent }] }],
      ['/teams', { name: 'mine', memberIds: [ids.agent] }],
      ['/teams', { name: 'mine', parentId: ids.team }],
      ['/alert-rules', { ...alertRule, teamIds: [ids.team] }],
      ['/numbers', { number: '1', target: { kind: 'queue', queueId: ids.queue } }],
      ['/agents', { username: 'mine', name: 'Mine', queues: [{ queueId: ids.queue }] }],
      ['/agents', { username: 'mine', name: 'Mine', teamIds: [ids.team] }],
    ];
    for (const [path, body] of references) {
      const answer = await api.as.admin.send('POST', path, { body });
      expect(answer, `${path} ${answer.text}`).toMatchObject({
        status: 422,
        body: { code: 'reference-unknown' },
      });
    }
  });

  test('[TEAM-03] may use the same names', async () => {
    expect((await api.as.admin.send('POST', '/queues', { body: { name: 'foreign-queue' } })).status).toBe(
      201,
    );
    expect(
      (
        await api.as.admin.send('POST', '/users', {
          body: { username: 'foreign-admin', name: 'x', role: 'agent' },
        })
      ).status,
    ).toBe(201);
  });

  test('[TEAM-03] sees its own', async () => {
    expect((await other.get(`/contacts/${ids.contact}`)).status).toBe(200);
    expect((await other.get('/queues')).body.items).toHaveLength(1);
    expect((await other.get(`/queues/${ids.queue}/stats`)).body.code).toBe('unavailable');
  });
});
