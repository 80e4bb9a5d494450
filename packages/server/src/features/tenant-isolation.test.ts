import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, createTestApi, type TestApi } from '../../test/api.ts';
import {
  alertRule,
  code,
  conference,
  createEverything,
  flow,
  hours,
  mailTo,
  route,
  scorecard,
} from '../../test/everything.ts';

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

/** Requests that would do something if the id were of one's own tenant. */
const attempts = (): [string, string, object?][] => {
  const user = { username: 'x', name: 'x', role: 'agent' };
  const target = { kind: 'queue', queueId: ids.queue };
  return [
    ['GET', `/users/${ids.agent}`],
    ['PUT', `/users/${ids.agent}`, user],
    ['DELETE', `/users/${ids.agent}`],
    ['DELETE', `/users/${ids.agent}/second-factor`],
    ['GET', `/users/${ids.agent}/sessions`],
    ['DELETE', `/users/${ids.agent}/sessions`],
    ['DELETE', `/users/${ids.agent}/sessions/${ids.key}`],
    ['GET', `/alert-rules/${ids.alertRule}`],
    ['PUT', `/alert-rules/${ids.alertRule}`, { ...alertRule, name: 'x' }],
    ['DELETE', `/alert-rules/${ids.alertRule}`],
    ['GET', `/alert-targets/${ids.target}`],
    ['PUT', `/alert-targets/${ids.target}`, { name: 'x', to: mailTo }],
    ['DELETE', `/alert-targets/${ids.target}`],
    ['POST', `/alert-targets/${ids.target}/test`],
    ['POST', `/alert-targets/${ids.target}/secret`],
    ['POST', `/alert-deliveries/${ids.delivery}/retry`],
    ['GET', `/wallboards/${ids.wallboard}`],
    ['PUT', `/wallboards/${ids.wallboard}`, { name: 'x' }],
    ['DELETE', `/wallboards/${ids.wallboard}`],
    ['GET', `/schedules/${ids.agent}`],
    ['PUT', `/schedules/${ids.agent}`, { timeZone: 'UTC' }],
    ['DELETE', `/schedules/${ids.agent}`],
    ['GET', `/roles/${ids.role}`],
    ['PUT', `/roles/${ids.role}`, { name: 'x', permissions: {} }],
    ['DELETE', `/roles/${ids.role}`],
    ['GET', `/agents/${ids.agent}`],
    ['PUT', `/agents/${ids.agent}`, {}],
    ['DELETE', `/agents/${ids.agent}`],
    ['GET', `/agents/${ids.agent}/devices`],
    ['PUT', `/agents/${ids.agent}/status`, { status: 'offline' }],
    ['GET', `/teams/${ids.team}`],
    ['PUT', `/teams/${ids.team}`, { name: 'x' }],
    ['DELETE', `/teams/${ids.team}`],
    ['GET', `/reason-codes/${code}`],
    ['PUT', `/reason-codes/${code}`, { name: { en: 'x' } }],
    ['DELETE', `/reason-codes/${code}`],
    ['GET', `/queues/${ids.queue}`],
    ['PUT', `/queues/${ids.queue}`, { name: 'x' }],
    ['DELETE', `/queues/${ids.queue}`],
    ['POST', `/queues/${ids.queue}/assign`, { remove: [ids.agent] }],
    ['GET', `/queues/${ids.queue}/prediction`],
    ['GET', `/queues/${ids.queue}/stats`],
    ['GET', `/queues/${ids.queue}/entries`],
    ['GET', `/numbers/${ids.number}`],
    ['PUT', `/numbers/${ids.number}`, { number: '1', target }],
    ['DELETE', `/numbers/${ids.number}`],
    ['GET', `/callbacks/${ids.callback}`],
    ['POST', `/callbacks/${ids.callback}`, { action: 'cancel' }],
    ['POST', `/queues/${ids.queue}/entries/${ids.contact}`, { action: 'remove' }],
    ['POST', `/alerts/${ids.alert}/acknowledge`, {}],
    ['GET', `/calendars/${ids.calendar}`],
    ['PUT', `/calendars/${ids.calendar}`, { name: 'x', hours }],
    ['DELETE', `/calendars/${ids.calendar}`],
    ['GET', `/segments/${ids.segment}`],
    ['PUT', `/segments/${ids.segment}`, { name: 'x' }],
    ['DELETE', `/segments/${ids.segment}`],
    ['GET', `/conferences/${ids.conference}`],
    ['PUT', `/conferences/${ids.conference}`, conference],
    ['DELETE', `/conferences/${ids.conference}`],
    ['GET', `/conferences/${ids.conference}/pins`],
    ['POST', `/conferences/${ids.conference}/pins`, {}],
    ['POST', `/conferences/${ids.conference}/actions`, { action: 'lock' }],
    ['POST', `/conferences/${ids.conference}/parties/${ids.contact}`, { action: 'remove' }],
    ['POST', `/conferences/${ids.conference}/join`, {}],
    ['GET', `/voicemail-boxes/${ids.box}`],
    ['PUT', `/voicemail-boxes/${ids.box}`, { name: 'x' }],
    ['DELETE', `/voicemail-boxes/${ids.box}`],
    ['PUT', `/voicemail-boxes/${ids.box}/pin`, { pin: '2580' }],
    ['DELETE', `/voicemail-boxes/${ids.box}/pin`],
    ['GET', `/voicemails/${ids.voicemail}`],
    ['PUT', `/voicemails/${ids.voicemail}`, { heard: true }],
    ['DELETE', `/voicemails/${ids.voicemail}`],
    ['POST', `/voicemails/${ids.voicemail}/forward`, { boxId: ids.box }],
    ['GET', `/scorecards/${ids.scorecard}`],
    ['PUT', `/scorecards/${ids.scorecard}`, { ...scorecard, name: 'x' }],
    ['DELETE', `/scorecards/${ids.scorecard}`],
    ['GET', `/coaching-notes/${ids.note}`],
    ['PUT', `/coaching-notes/${ids.note}`, { text: 'x' }],
    ['DELETE', `/coaching-notes/${ids.note}`],
    ['GET', `/evaluations/${ids.evaluation}`],
    ['PUT', `/evaluations/${ids.evaluation}`, { answers: [] }],
    ['PUT', `/evaluations/${ids.evaluation}/acknowledgement`, {}],
    ['DELETE', `/evaluations/${ids.evaluation}`],
    ['GET', `/trunks/${ids.trunk}`],
    ['PUT', `/trunks/${ids.trunk}`, { name: 'x', host: '192.0.2.9' }],
    ['DELETE', `/trunks/${ids.trunk}`],
    ['POST', `/trunks/${ids.trunk}/test`],
    ['POST', `/calls/${ids.call}/transfer`, { kind: 'blind', target: { number: '100' } }],
    ['POST', `/calls/${ids.call}/consult`, { action: 'swap' }],
    ['POST', `/calls/${ids.call}/parties`, { target: { number: '100' } }],
    ['POST', `/calls/${ids.call}/lock`, { locked: true }],
    ['POST', `/calls/${ids.call}/leave`],
    ['PATCH', `/calls/${ids.call}`, { muted: true }],
    ['POST', `/calls/${ids.call}/digits`, { digits: '1' }],
    ['POST', `/calls/${ids.call}/recording`, { paused: false }],
    ['POST', `/calls/${ids.call}/recording/start`],
    ['POST', `/calls/${ids.call}/recording/stop`],
    ['POST', `/calls/${ids.call}/supervise`, { mode: 'listen' }],
    ['POST', `/calls/${ids.call}/mode`, { mode: 'listen' }],
    ['GET', `/ivr/flows/${ids.flow}`],
    ['GET', `/ivr/flows/${ids.flow}/versions`],
    ['PUT', `/ivr/flows/${ids.flow}`, flow],
    ['DELETE', `/ivr/flows/${ids.flow}`],
    ['POST', `/ivr/flows/${ids.flow}/publish`],
    ['POST', `/ivr/flows/${ids.flow}/archive`],
    ['POST', `/ivr/flows/${ids.flow}/restore`, { version: 1 }],
    ['POST', `/ivr/flows/${ids.flow}/test`, { inputs: [] }],
    ['GET', `/prompts/recording-codes/${ids.recordingCode}`],
    ['GET', `/prompts/${ids.prompt}`],
    ['PUT', `/prompts/${ids.prompt}`, { text: 'x' }],
    ['DELETE', `/prompts/${ids.prompt}`],
    ['GET', `/ivr/flows/${ids.flow}/export`],
    ['GET', `/ivr/flows/${ids.flow}/analytics`],
    ['POST', `/ivr/flows/${ids.flow}/start`, {}],
    ['POST', `/ivr/sessions/${ids.sampleCall}/input`, { inputs: [] }],
    ['GET', `/routing/rules/${ids.route}`],
    ['PUT', `/routing/rules/${ids.route}`, route],
    ['DELETE', `/routing/rules/${ids.route}`],
    ['GET', `/routing/replays/${ids.replay}`],
    ['GET', `/routing/replays/${ids.replay}/differences`],
    ['POST', `/routing/replays/${ids.replay}/cancel`],
    ['POST', `/routing/rules/${ids.route}/test`, { sample: {} }],
    ['GET', `/contacts/${ids.contact}`],
    ['GET', `/contacts/${ids.contact}/explain`],
    ['GET', `/contacts/${ids.contact}/earlier`],
    ['PUT', `/contacts/${ids.contact}/disposition`, { code: 'x' }],
    ['POST', `/contacts/${ids.contact}/notes`, { text: 'x' }],
    ['POST', `/contacts/${ids.contact}/wrapup`, { action: 'finish' }],
    ['GET', `/calls/${ids.call}`],
    ['GET', `/calls/by-carrier-id/${ids.call}`],
    ['POST', `/calls/${ids.call}/hangup`],
    ['POST', `/calls/${ids.call}/hold`],
    ['POST', `/calls/${ids.call}/resume`],
    ['GET', `/recordings/${ids.recording}`],
    ['GET', `/recordings/${ids.recording}/download`],
    ['GET', `/recordings/${ids.recording}/waveform`],
    ['DELETE', `/api-keys/${ids.key}`],
    ['DELETE', `/auth/sessions/${ids.key}`],
    ['DELETE', `/security/bans/${ids.ban}`],
    ['GET', `/security/rules/${ids.rule}`],
    ['PUT', `/security/rules/${ids.rule}`, { action: 'allow', network: '203.0.113.9' }],
    ['DELETE', `/security/rules/${ids.rule}`],
  ];
};

describe('another tenant', () => {
  test('[TEAM-03] is tried on every route that takes an id', async () => {
    const { body } = await api.anonymous.get('/openapi.json');
    const withId = Object.entries(body.paths as Record<string, object>)
      .filter(([path]) => path.includes('{'))
      .flatMap(([path, methods]) =>
        Object.keys(methods).map(
          (method) => `${method} ${path.replace('/api/v1', '').replaceAll(/\{\w+\}/g, 'X')}`,
        ),
      );
    const known = Object.values(ids).concat(code);
    const tried = attempts().map(
      ([method, path]) =>
        `${method.toLowerCase()} ${known.reduce((text, id) => text.replace(id, 'X'), path)}`,
    );
    expect(tried.toSorted()).toEqual(withId.toSorted());
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
