import { heldBy, type TenantId } from '@crosspoint/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApi, type TestApi } from '../../../test/api.ts';
import { createEverything } from '../../../test/everything.ts';
import { DEFAULT_TENANT_ID } from '../../platform/index.ts';
import { applyConfiguration, exportConfiguration, toYaml } from './index.ts';

let api: TestApi;
let ids: Awaited<ReturnType<typeof createEverything>>;
beforeAll(async () => {
  api = await createTestApi();
  const { admin } = api.as;
  const put = async (path: string, body: object) => {
    const answer = await admin.send('PUT', path, { body });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.text}`);
  };
  ids = await createEverything(api, admin, DEFAULT_TENANT_ID);
  await admin.send('POST', `/ivr/flows/${ids.flow}/publish`);
  await put(`/ivr/flows/${ids.flow}/tests`, { tests: [{ name: 'ends', expect: { ends: true } }] });
  await admin.send('POST', '/routing/rules/publish', { body: {} });
  const target = { kind: 'conferences', language: 'cs' };
  await admin.send('POST', '/numbers', { body: { number: '900', target } });
  const { body: conference } = await admin.get(`/conferences/${ids.conference}`);
  const days = { days: ['monday'], until: null };
  const schedule = { ...conference.schedule, weekly: days };
  await put(`/conferences/${ids.conference}`, {
    ...{ ...conference, extension: '900', schedule, moderators: ['foreign-agent'] },
  });
  const { body: rule } = await admin.get(`/alert-rules/${ids.alertRule}`);
  await put(`/alert-rules/${ids.alertRule}`, { ...rule, teamIds: [ids.team] });
  await put('/auth/single-sign-on', {
    ...{ enabled: false, name: 'Acme', issuer: 'https://id.example', clientId: 'centre' },
    ...{ consoleUrl: 'https://centre.example', clientSecret: 'a-secret-of-the-client' },
    groups: [{ group: 'leads', role: 'custom', customRoleId: ids.role }],
  });
  const { body: queue } = await admin.get(`/queues/${ids.queue}`);
  await put(`/queues/${ids.queue}`, { ...queue, teamId: ids.team });
});
afterAll(() => api.close());

const apply = async (tenantId: TenantId, text: string) => {
  const actor = { kind: 'cli', userId: null, ip: null } as const;
  const { dataDir } = api.settings;
  const options = { database: api.database, tenantId, dataDir, actor, held: heldBy('admin') };
  const outcome = await applyConfiguration({ ...options, text, dryRun: false });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.errors));
  return outcome.result;
};
const exported = (tenantId: TenantId) => exportConfiguration({ database: api.database, tenantId });

describe('the configuration document', () => {
  test('[API-01] of a whole centre makes another one the same', async () => {
    const document = await exported(DEFAULT_TENANT_ID as TenantId);
    const empty = Object.entries(document).filter(([, list]) => Object(list).length === 0);
    expect(empty.map(([name]) => name)).toEqual([]);
    const other = (await api.addTenant('copy')) as TenantId;
    await apply(other, toYaml(document));
    expect(await exported(other)).toEqual(document);
    expect((await apply(other, toYaml(document))).changes).toEqual([]);
    expect((await apply(DEFAULT_TENANT_ID as TenantId, toYaml(document))).changes).toEqual([]);
  });

  test('[IVR-06] keeps tests with their flow: others alone make no version, and a flow without any keeps its own', async () => {
    const { admin } = api.as;
    const nodes = 'start: bye, nodes: { bye: { kind: end } }';
    const kept = (tests: string) =>
      apply(DEFAULT_TENANT_ID as TenantId, `flows: [ { name: kept, ${nodes}${tests} } ]`);
    await kept(', tests: [ { name: ends, expect: { ends: true } } ]');
    const { id, draft } = (await admin.get('/ivr/flows?search=kept')).body.items[0];
    await admin.send('PUT', `/ivr/flows/${id}`, { body: { ...draft, description: 'worked on' } });
    const stays = await kept('');
    expect(stays).toMatchObject({ changes: [], unchanged: 1 });
    expect((await admin.get(`/ivr/flows/${id}/tests`)).body.tests).toMatchObject([{ name: 'ends' }]);

    const { changes } = await kept(', tests: [ { name: at the end, steps: [ { waits: true } ] } ]');
    expect(changes).toMatchObject([{ subject: 'flow', action: 'update', fields: [{ path: 'tests' }] }]);
    expect((await admin.get(`/ivr/flows/${id}/tests`)).body.tests).toMatchObject([{ name: 'at the end' }]);
    const after = (await admin.get(`/ivr/flows/${id}`)).body;
    expect(after).toMatchObject({ version: 1, draft: { description: 'worked on' } });
    expect((await kept(', tests: []')).changes).toHaveLength(1);
    expect((await admin.get(`/ivr/flows/${id}/tests`)).body).toEqual({ tests: [] });
  });

  test('[IVR-06] says where a test that is kept with a flow is none, with line and column', async () => {
    const text = `
flows:
  - { name: wrong, start: bye, nodes: { bye: { kind: end } }, tests: [ { name: x, steps: [ { keys: abc } ] } ] }
`;
    const wrong = apply(DEFAULT_TENANT_ID as TenantId, text).catch((error: Error) =>
      JSON.parse(error.message),
    );
    expect(await wrong).toMatchObject([
      { path: expect.stringContaining('flows.0.tests.0.steps.0'), line: 3 },
    ]);
  });

  test('[API-01] gives a new conference its PINs, and a changed scorecard its version', async () => {
    const { admin } = api.as;
    const name = `weekly ${Date.now()}`;
    const { version } = (await admin.get(`/scorecards/${ids.scorecard}`)).body;
    const text = `
conferences:
  - { name: ${name}, extension: "900", schedule: { timeZone: UTC, startsAt: 2026-12-01T10:00, endsAt: 2026-12-01T11:00 } }
scorecards:
  - { name: foreign-scorecard, groups: [ { name: group, questions: [ { id: b, text: Version ${version}?, kind: yes-no } ] } ] }
`;
    const { changes } = await apply(DEFAULT_TENANT_ID as TenantId, text);
    expect(changes.map(({ subject, action }) => `${action} ${subject}`)).toEqual([
      'create conference',
      'update scorecard',
    ]);
    const [weekly] = (await admin.get(`/conferences?search=${name}`)).body.items;
    const pins = (await admin.get(`/conferences/${weekly.id}/pins`)).body;
    expect(pins).toEqual({
      participant: expect.stringMatching(/^\d{9}$/),
      moderator: expect.stringMatching(/^\d{9}$/),
    });
    expect((await admin.get(`/scorecards/${ids.scorecard}`)).body.version).toBe(version + 1);
  });

  test('[API-01] is told what it names wrongly beside names that nobody knows, and applied not at all', async () => {
    const text = `
teams:
  - { name: never-made, membres: [a], members: [nobody] }
numbers: [ { number: "1", target: { queue: nowhere } } ]
queues: [ { name: never-made, team: nobodys } ]
colour: red
`;
    const wrong = apply(DEFAULT_TENANT_ID as TenantId, text).catch((error: Error) =>
      JSON.parse(error.message),
    );
    expect(await wrong).toMatchObject([
      { path: 'teams.0.membres', message: 'is not known here', line: 3, column: 25 },
      { path: 'colour', message: 'is not known here', line: 6, column: 1 },
      { path: 'teams.0.members.0', message: 'names nobody', line: 3 },
      { path: 'queues.0.team', message: 'names no team', line: 5 },
      { path: 'numbers.0.target.queue', message: 'names no queue', line: 4 },
    ]);
    expect((await api.as.admin.get('/teams?search=never-made')).body.items).toEqual([]);
  });

  test('[API-01] names whom and what conferences, rules and forms name wrongly, with line and column', async () => {
    const text = `
conferences:
  - { name: a, number: "999", schedule: { timeZone: Mars, startsAt: 2026-12-01T10:00, endsAt: 2026-12-01T11:00 } }
alertRules:
  - { name: b, condition: { kind: missed-offers, count: 3 }, teams: [nobody] }
`;
    const wrong = apply(DEFAULT_TENANT_ID as TenantId, text).catch((error: Error) =>
      JSON.parse(error.message),
    );
    expect(await wrong).toMatchObject([
      { path: 'conferences.0.schedule.timeZone', line: 3, column: 53 },
      { path: 'conferences.0.number', line: 3, column: 24 },
      { path: 'alertRules.0.teams.0', line: 5, column: 70 },
    ]);
  });
});
