import { heldBy, type TenantId } from '@crosspoint/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestApi, type TestApi } from '../../../test/api.ts';
import { DEFAULT_TENANT_ID } from '../../platform/index.ts';
import { sipCredentials } from '../agents/index.ts';
import { applyConfiguration, exportConfiguration, toYaml } from './index.ts';

const DOCUMENT = `
agents:
  - { username: alice, name: Alice Novák, password: alice-password, sip: { password: alice-sip-pw }, extension: "101",
      skills: { billing: 4, sales: 2 }, languages: [en, cs], capacity: 1 }
  - { username: bob, name: Bob, sip: { password: bob-sip-password }, extension: "102" }
users:
  - { username: sam, name: Sam, role: supervisor, password: sam-password }
teams:
  - { name: support, members: [alice, bob] }
  - { name: night, parent: support, members: [sam] }
queues:
  - { name: support, strategy: longest-idle, ringTimeoutSeconds: 15, wrapUp: { mode: timed, seconds: 0 },
      serviceLevel: { seconds: 20, target: 0.8 }, maxSize: 100, recording: always, agents: [alice] }
  - { name: sales, agents: [ { username: bob, priority: 2, delaySeconds: 10 }, alice ] }
numbers: [ { number: "+420 555 000 111", target: { queue: support } }, { number: "700", target: { queue: sales } } ]
trunks:  [ { name: carrier-a, host: 192.0.2.10, match: [192.0.2.0/24], register: { username: u1, password: trunk-secret } } ]
`;

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

const tenantId = DEFAULT_TENANT_ID as TenantId;
const apply = (text: string, dryRun = false) =>
  applyConfiguration({
    database: api.database,
    tenantId,
    dataDir: api.settings.dataDir,
    actor: { kind: 'cli', userId: null, ip: null },
    held: heldBy('admin'),
    text,
    dryRun,
  });
const changesOf = async (text: string, dryRun = false) => {
  const outcome = await apply(text, dryRun);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.errors));
  return outcome.result.changes;
};
const errorsOf = async (text: string) => {
  const outcome = await apply(text);
  return outcome.ok ? [] : outcome.errors;
};
/** Everything that a document can change, for comparing before and after. */
const everything = () =>
  api.database.inTenant(tenantId, async (transaction) => {
    const tables = [
      'agents',
      'teams',
      'team_members',
      'queues',
      'queue_agents',
      'numbers',
      'trunks',
    ] as const;
    const users = await transaction
      .selectFrom('users')
      .select(['id', 'username', 'name', 'password_hash'])
      .execute();
    const rows = await Promise.all(
      tables.map((table) => transaction.selectFrom(table).selectAll().execute()),
    );
    return JSON.stringify([users, ...rows]);
  });

describe('applying a document', () => {
  test('[API-01] a dry run tells what would change and changes nothing', async () => {
    const before = await everything();
    const changes = await changesOf(DOCUMENT, true);
    expect(changes.map(({ action, subject, name }) => `${action} ${subject} ${name}`)).toEqual([
      'create user sam',
      'create agent alice',
      'create agent bob',
      'create team support',
      'create team night',
      'create queue support',
      'create queue sales',
      'create number +420555000111',
      'create number 700',
      'create trunk carrier-a',
    ]);
    expect(await everything()).toBe(before);
  });

  test('[API-01] brings everything to what it says; the second time changes nothing', async () => {
    expect(await changesOf(DOCUMENT)).toHaveLength(10);
    const after = await everything();
    expect(await changesOf(DOCUMENT)).toEqual([]);
    expect(await everything()).toBe(after);
  });

  test('[API-01] agents are users who can sign in, and register with what digest authentication needs', async () => {
    const login = await api.anonymous.send('POST', '/auth/login', {
      body: { username: 'alice', password: 'alice-password' },
    });
    expect(login).toMatchObject({ status: 200, body: { user: { role: 'agent', name: 'Alice Novák' } } });
    const row = await api.database.inTenant(tenantId, (transaction) =>
      transaction
        .selectFrom('agents')
        .selectAll()
        .where('sip_username', '=', 'alice')
        .executeTakeFirstOrThrow(),
    );
    const expected = sipCredentials('alice', 'alice-sip-pw');
    expect(row).toMatchObject({
      sip_ha1_md5: expected.ha1Md5,
      sip_ha1_sha256: expected.ha1Sha256,
      extension: '101',
    });
  });

  test('[OPS-05] no password is stored as it is, neither in the configuration nor in the audit log', async () => {
    const log = await api.database.inTenant(tenantId, (transaction) =>
      transaction.selectFrom('audit_log').selectAll().execute(),
    );
    const stored = `${await everything()}${JSON.stringify(log)}`;
    for (const secret of ['alice-password', 'alice-sip-pw', 'sam-password', 'trunk-secret']) {
      expect(stored).not.toContain(secret);
    }
  });

  test('[API-04] each change is in the audit log with before and after', async () => {
    await changesOf('queues: [ { name: support, ringTimeoutSeconds: 25, agents: [alice] } ]');
    const { body } = await api.as.admin.get('/audit?action=queue.updated');
    expect(body.items[0]).toMatchObject({
      actor: { kind: 'cli' },
      before: { name: 'support', ringTimeoutSeconds: 15 },
      after: { name: 'support', ringTimeoutSeconds: 25 },
    });
    await changesOf(DOCUMENT);
  });

  test('[API-01] what the document does not name stays as it is', async () => {
    await changesOf('queues: [ { name: extra } ]');
    const names = (await exportConfiguration({ database: api.database, tenantId })).queues.map(
      (queue) => queue.name,
    );
    expect(names).toEqual(['extra', 'sales', 'support']);
  });

  test('[API-01] a password is rewritten only when it differs', async () => {
    const before = await everything();
    expect(
      await changesOf('agents: [ { username: bob, name: Bob, extension: "102", password: bob-password } ]'),
    ).toMatchObject([{ name: 'bob', fields: [{ path: 'password', before: null, after: '(set)' }] }]);
    expect(await everything()).not.toBe(before);
    expect(
      await changesOf('agents: [ { username: bob, name: Bob, extension: "102", password: bob-password } ]'),
    ).toEqual([]);
    expect(
      await changesOf(
        'agents: [ { username: bob, name: Bob, extension: "102", sip: { password: another-sip-password } } ]',
      ),
    ).toMatchObject([{ fields: [{ path: 'sip.password' }] }]);
  });

  test('[API-01] two agents may exchange their extensions', async () => {
    await changesOf(
      'agents: [ { username: alice, name: Alice Novák, extension: "102" }, { username: bob, name: Bob, extension: "101" } ]',
    );
    const { agents } = await exportConfiguration({ database: api.database, tenantId });
    expect(
      agents.filter((agent) => ['alice', 'bob'].includes(agent.username)).map((agent) => agent.extension),
    ).toEqual(['102', '101']);
    await changesOf(DOCUMENT);
  });

  test('[API-01] the export applied again changes nothing, as YAML and as JSON', async () => {
    const document = await exportConfiguration({ database: api.database, tenantId });
    expect(JSON.stringify(document)).not.toMatch(/password|secret|sealed/i);
    expect(await changesOf(toYaml(document))).toEqual([]);
    expect(await changesOf(JSON.stringify(document))).toEqual([]);
  });
});

describe('queues that name people and each other', () => {
  const ROUTED = `
queues:
  - name: first
    strategy: ring-all
    requirementSteps:
      - { requirement: { all: [ { skill: billing, level: 4 }, { language: cs } ] }, seconds: 30 }
      - { agents: [bob], seconds: 20 }
    overflow:
      - { condition: { when: waited, afterSeconds: 60 }, target: { queue: second } }
      - { condition: { when: closed }, target: { number: "700" } }
      - { condition: { when: full }, target: hang-up }
    hours: { timeZone: Europe/Prague, week: { monday: [ { from: "08:00", to: "17:00" } ] } }
    agents: [ { username: alice, weight: 3 } ]
  - { name: second, agents: [bob] }
`;
  test('[API-01 QUE-04 QUE-07] name what comes later, are stored by id, and come back by name', async () => {
    await changesOf(DOCUMENT);
    expect(await changesOf(ROUTED)).toHaveLength(2);
    expect(await changesOf(ROUTED)).toEqual([]);
    const { body } = await api.as.admin.get('/queues?search=first');
    const second = (await api.as.admin.get('/queues?search=second')).body.items[0];
    expect(body.items[0].overflow[0].target).toEqual({ kind: 'queue', queueId: second.id });
    expect(body.items[0].requirementSteps[1].agentIds).toHaveLength(1);
    const document = await exportConfiguration({ database: api.database, tenantId });
    const exported = document.queues.find((queue) => queue.name === 'first');
    expect(exported).toMatchObject({
      requirementSteps: [{ agents: [] }, { agents: ['bob'] }],
      overflow: [{ target: { queue: 'second' } }, { target: { number: '700' } }, { target: 'hang-up' }],
      agents: [{ username: 'alice', weight: 3 }],
    });
    expect(await changesOf(toYaml(document))).toEqual([]);
  });

  test.each([
    [
      'an agent',
      'requirementSteps: [ { agents: [zed], seconds: 5 } ]',
      'queues.0.requirementSteps.0.agents.0',
    ],
    [
      'a queue',
      'overflow: [ { condition: { when: full }, target: { queue: nowhere } } ]',
      'queues.0.overflow.0.target.queue',
    ],
    [
      'itself',
      'overflow: [ { condition: { when: full }, target: { queue: third } } ]',
      'queues.0.overflow.0.target',
    ],
    ['a zone', 'hours: { timeZone: Europe/Nowhere }', 'queues.0.hours.timeZone'],
  ])('[API-01] %s that cannot be: line and column', async (_what, setting, path) => {
    const errors = await errorsOf(`queues:\n  - name: third\n    ${setting}\n`);
    expect(errors).toMatchObject([{ path, line: 3 }]);
  });
});

describe('a document with errors', () => {
  let before: string;
  beforeEach(async () => {
    before = await everything();
  });
  const dangling: [string, string, string, number][] = [
    ['a queue’s agent', 'queues:\n  - name: q\n    agents: [alice, zed]\n', 'queues.0.agents.1', 3],
    ['a team’s member', 'teams:\n  - name: t\n    members: [zed]\n', 'teams.0.members.0', 3],
    ['a team’s parent', 'teams:\n  - name: t\n    parent: nowhere\n', 'teams.0.parent', 3],
    [
      'a number’s queue',
      'numbers:\n  - number: "9"\n    target: { queue: nowhere }\n',
      'numbers.0.target.queue',
      3,
    ],
  ];
  test.each(dangling)(
    '[API-01] %s that does not exist: line and column, nothing applied',
    async (_n, text, path, line) => {
      const errors = await errorsOf(`${text}users:\n  - { username: brand-new, role: agent }\n`);
      expect(errors).toMatchObject([{ path, line }]);
      expect(errors[0]?.column).toBeGreaterThan(1);
      expect(await everything()).toBe(before);
    },
  );

  const twice: [string, string, string][] = [
    ['agents', 'agents: [ { username: x }, { username: X } ]', 'agents.1.username'],
    ['queues', 'queues: [ { name: x }, { name: x } ]', 'queues.1.name'],
    [
      'numbers',
      'numbers: [ { number: "+1 23", target: { queue: support } }, { number: "+123", target: { queue: support } } ]',
      'numbers.1.number',
    ],
    ['members', 'teams: [ { name: x, members: [alice, Alice] } ]', 'teams.0.members.1'],
    [
      'extensions',
      'agents: [ { username: x, extension: "7" }, { username: y, extension: "7" } ]',
      'agents.1.extension',
    ],
  ];
  test.each(twice)('[API-01] two %s of one name', async (_what, text, path) => {
    expect(await errorsOf(text)).toMatchObject([{ path, line: 1 }]);
    expect(await everything()).toBe(before);
  });

  test('[API-01] an extension that somebody else has', async () => {
    expect(await errorsOf('agents: [ { username: eve, extension: "101" } ]')).toMatchObject([
      { path: 'agents.0.extension', message: 'belongs to alice already' },
    ]);
  });

  test('[API-01] an extension that is a number of the house, and a number that is an extension', async () => {
    const both = 'agents: [{ username: eva, name: Eva, extension: "700" }]\n';
    expect(await errorsOf(both)).toMatchObject([
      { path: 'agents.0.extension', message: 'is a number of the house already', line: 1, column: 49 },
    ]);
    const other = 'numbers:\n  - { number: "101", target: { queue: support } }\n';
    expect(await errorsOf(other)).toMatchObject([
      { path: 'numbers.0.number', message: 'is the extension of alice', line: 2, column: 15 },
    ]);
  });

  test('[API-01] teams in a circle', async () => {
    expect(await errorsOf('teams: [ { name: a, parent: b }, { name: b, parent: a } ]')).toMatchObject([
      { path: 'teams.0.parent' },
      { path: 'teams.1.parent' },
    ]);
  });

  test('[API-01] a network that is none', async () => {
    expect(await errorsOf('trunks: [ { name: t, host: h, match: [300.1.1.1/8] } ]')).toMatchObject([
      { path: 'trunks.0.match.0' },
    ]);
  });

  test('[OPS-05] a short password is allowed, with a warning that does not repeat it', async () => {
    const outcome = await apply('agents: [ { username: weak, password: abc } ]', true);
    expect(outcome).toMatchObject({
      ok: true,
      result: { warnings: [{ path: 'agents.0.password', line: 1 }] },
    });
    expect(JSON.stringify(outcome)).not.toContain('abc');
  });
});

describe('the routes', () => {
  test('[API-01] YAML itself can be the body, and the answer tells the changes', async () => {
    const answer = await api.as.admin.send('POST', '/configuration?dryRun=true', {
      body: 'queues: [ { name: by-yaml } ]',
      headers: { 'content-type': 'application/yaml' },
    });
    expect(answer).toMatchObject({
      status: 200,
      body: { dryRun: true, changes: [{ action: 'create', name: 'by-yaml' }] },
    });
  });

  test('[API-01] the centre is told once after a change, and not without one', async () => {
    const before = api.centre.configurationChanges;
    const send = () =>
      api.as.admin.send('POST', '/configuration', { body: { document: 'queues: [ { name: told } ]' } });
    expect((await send()).body.changes).toHaveLength(1);
    expect(api.centre.configurationChanges).toBe(before + 1);
    expect((await send()).body.changes).toHaveLength(0);
    expect(api.centre.configurationChanges).toBe(before + 1);
  });

  test('[API-01] errors come as a problem with positions', async () => {
    const answer = await api.as.admin.send('POST', '/configuration', {
      body: { document: 'queues:\n  - { nam: x }\n' },
    });
    expect(answer).toMatchObject({ status: 422, body: { code: 'configuration-invalid' } });
    expect(answer.body.errors).toContainEqual(
      expect.objectContaining({ path: 'queues.0.nam', line: 2, column: 7 }),
    );
  });

  test('[API-01] the export comes as asked for', async () => {
    const yaml = await api.as.admin.send('GET', '/configuration', {
      headers: { accept: 'application/yaml' },
    });
    expect(yaml.headers['content-type']).toContain('application/yaml');
    expect(yaml.text).toContain('number: "+420555000111"');
    const json = await api.as.admin.get('/configuration');
    expect(json.body.numbers).toContainEqual({ number: '700', target: { queue: 'sales' } });
    const neither = await api.as.admin.send('GET', '/configuration', { headers: { accept: 'image/png' } });
    expect(neither).toMatchObject({ status: 406, body: { code: 'not-acceptable' } });
  });
});
