import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, callerOf, createTestApi, TEST_PASSWORD, type TestApi } from '../../../test/api.ts';

let api: TestApi;
let admin: Caller;
beforeAll(async () => {
  api = await createTestApi();
  ({ admin } = api.as);
});
afterAll(() => api.close());

async function make(name: string, permissions: Record<string, 'own' | 'all'>): Promise<string> {
  const answer = await admin.send('POST', '/roles', { body: { name, permissions } });
  expect(answer.status, answer.text).toBe(201);
  return answer.body.id;
}
async function signIn(username: string): Promise<Caller> {
  const body = { username, password: TEST_PASSWORD };
  const answer = await api.anonymous.send('POST', '/auth/login', { body });
  expect(answer.status, answer.text).toBe(200);
  const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
  return callerOf(api.app, answer.body.user.id, { cookie });
}
/** Somebody who has a role of one's own, signed in. */
async function person(username: string, customRoleId: string): Promise<Caller> {
  const body = { username, name: username, role: 'custom', customRoleId, password: TEST_PASSWORD };
  const answer = await admin.send('POST', '/users', { body });
  expect(answer.status, answer.text).toBe(201);
  return signIn(username);
}
const fields = ({ username, name, language, timeZone, disabled }: Record<string, unknown>) => ({
  ...{ username, name, language, timeZone, disabled },
});

describe('a role of one’s own', () => {
  test('[TEAM-03] opens what it names and nothing else, at once for who is signed in', async () => {
    const id = await make('recordings', { 'recordings.read': 'all' });
    const viola = await person('viola', id);
    expect((await viola.get('/auth/me')).body).toMatchObject({
      user: { role: 'custom', customRole: { id, name: 'recordings' } },
      permissions: { 'account.own': 'own', 'recordings.read': 'all' },
    });
    expect((await viola.get('/recordings')).status).toBe(200);
    const refused = await viola.get('/queues');
    expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden', permission: 'queues.read' } });
    expect(refused.body.detail).toContain('recordings');
    const permissions = { 'queues.read': 'all' };
    const replaced = await admin.send('PUT', `/roles/${id}`, { body: { name: 'queues', permissions } });
    expect(replaced, replaced.text).toMatchObject({ status: 200, body: { name: 'queues', users: 1 } });
    expect((await viola.get('/queues')).status).toBe(200);
    expect((await viola.get('/recordings')).status).toBe(403);
  });

  test('[TEAM-03] that opens only the own rows opens no other ones', async () => {
    const { body: agent } = await admin.send('POST', '/agents', { body: { username: 'seen', name: 'Seen' } });
    const wilma = await person('wilma', await make('own agents', { 'agents.read': 'own' }));
    expect((await wilma.get('/agents')).body.items).toEqual([]);
    expect((await wilma.get(`/agents/${agent.id}`)).status).toBe(404);
  });

  test('[TEAM-03] cannot open for the own rows what knows no owner', async () => {
    const permissions = { 'users.write': 'own', 'recordings.read': 'own' };
    const answer = await admin.send('POST', '/roles', { body: { name: 'odd', permissions } });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'permissions.users.write' }] } });
    expect(answer.body.errors).toHaveLength(1);
  });

  test('[TEAM-03] that somebody has is not deleted, and the refusal says who', async () => {
    const id = await make('held', { 'queues.read': 'all' });
    await person('holder', id);
    const refused = await admin.send('DELETE', `/roles/${id}`);
    expect(refused).toMatchObject({ status: 409, body: { code: 'in-use' } });
    expect(refused.body.detail).toContain('holder');
    const [user] = (await admin.get(`/users?customRoleId=${id}`)).body.items;
    expect(user).toMatchObject({ username: 'holder', customRole: { name: 'held' } });
    const changed = await admin.send('PUT', `/users/${user.id}`, {
      body: { ...fields(user), role: 'analyst' },
    });
    expect(changed, changed.text).toMatchObject({ status: 200, body: { customRole: null } });
    expect((await admin.send('DELETE', `/roles/${id}`)).status).toBe(204);
    const [entry] = (await admin.get('/audit?limit=1')).body.items;
    expect(entry).toMatchObject({ action: 'role.deleted', before: { name: 'held' } });
  });

  test('[TEAM-03] goes with the role custom, exists, and is one of the own tenant', async () => {
    const id = await make('fitting', {});
    const body = { username: 'misfit', name: 'x' };
    for (const wrong of [{ role: 'custom' }, { role: 'analyst', customRoleId: id }]) {
      const answer = await admin.send('POST', '/users', { body: { ...body, ...wrong } });
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'customRoleId' }] } });
    }
    const unknown = { ...body, role: 'custom', customRoleId: admin.userId };
    expect((await admin.send('POST', '/users', { body: unknown })).body.code).toBe('reference-unknown');
    const tenantId = await api.addTenant('elsewhere');
    const other = await api.addCaller({ username: 'foreign', role: 'admin', tenantId });
    const foreign = await other.send('POST', '/users', {
      body: { ...body, role: 'custom', customRoleId: id },
    });
    expect(foreign.body.code).toBe('reference-unknown');
  });
});

describe('nobody gives what one does not have', () => {
  const held = {
    'users.read': 'all',
    'users.write': 'all',
    'roles.read': 'all',
    'roles.write': 'all',
    'configuration.write': 'all',
    'agents.write': 'all',
  } as const;
  let keeper: Caller;
  beforeAll(async () => {
    keeper = await person('keeper', await make('keeper', held));
  });
  const expectRefused = (answer: Awaited<ReturnType<Caller['send']>>) =>
    expect(answer, answer.text).toMatchObject({ status: 403, body: { code: 'forbidden' } });

  test('[TEAM-03] not by a role that is made or changed', async () => {
    const permissions = { 'audit.read': 'all' } as const;
    expectRefused(await keeper.send('POST', '/roles', { body: { name: 'spy', permissions } }));
    const strong = await make('strong', permissions);
    expectRefused(await keeper.send('PUT', `/roles/${strong}`, { body: { name: 'weak', permissions: {} } }));
    const within = { name: 'within', permissions: { 'users.read': 'all' } };
    expect((await keeper.send('POST', '/roles', { body: within })).status).toBe(201);
  });

  test('[TEAM-03] not by a user who is made, changed, given another password, or deleted', async () => {
    const raised = { username: 'raised', name: 'x', role: 'admin' };
    expectRefused(await keeper.send('POST', '/users', { body: raised }));
    const own = (await keeper.get(`/users/${keeper.userId}`)).body;
    expectRefused(await keeper.send('PUT', `/users/${own.id}`, { body: { ...fields(own), role: 'admin' } }));
    const target = `/users/${api.as.analyst.userId}`;
    const analyst = { ...fields((await admin.get(target)).body), role: 'analyst' };
    expectRefused(await keeper.send('PUT', target, { body: { ...analyst, password: 'taken-over' } }));
    expectRefused(await keeper.send('DELETE', target));
    expectRefused(await keeper.send('DELETE', `${target}/second-factor`));
    const agent = { username: 'puppet', name: 'x', password: 'a-password-of-mine' };
    expectRefused(await keeper.send('POST', '/agents', { body: agent }));
  });

  test('[TEAM-03] not by a configuration document', async () => {
    const documents = [
      { users: [{ username: 'raised', role: 'admin', password: 'x' }] },
      { users: [{ username: 'the-analyst', role: 'analyst', password: 'taken-over' }] },
      { roles: [{ name: 'spy', permissions: { 'audit.read': 'all' } }] },
      { agents: [{ username: 'puppet', password: 'x' }] },
    ];
    for (const document of documents) {
      const body = { document: JSON.stringify(document) };
      const answer = await keeper.send('POST', '/configuration', { body });
      expect(answer, answer.text).toMatchObject({ status: 422, body: { code: 'configuration-invalid' } });
      expect(answer.body.errors[0].message).toContain('beyond your own permissions');
    }
  });

  test('[API-04] not with an API key whose scopes are narrower than its owner’s role', async () => {
    const key = await api.addCaller({
      username: 'narrow',
      role: 'admin',
      scopes: ['users.write', 'roles.write'],
    });
    expectRefused(
      await key.send('POST', '/users', { body: { username: 'raised', name: 'x', role: 'admin' } }),
    );
    const permissions = { 'audit.read': 'all' };
    expectRefused(await key.send('POST', '/roles', { body: { name: 'spy', permissions } }));
  });

  test('[API-04] not by an API key: its scopes stay within the role', async () => {
    const scopes = ['users.read', 'audit.read'];
    const manager = await person(
      'manager',
      await make('keys', { 'api-keys.manage': 'own', 'users.read': 'all' }),
    );
    expect((await manager.send('POST', '/api-keys', { body: { name: 'k', scopes } })).status).toBe(400);
    const made = await manager.send('POST', '/api-keys', { body: { name: 'k', scopes: ['users.read'] } });
    const key = callerOf(api.app, manager.userId, { authorization: `Bearer ${made.body.key}` });
    expect((await key.get('/users')).status).toBe(200);
    const role = (await manager.get('/auth/me')).body.user.customRole.id;
    await admin.send('PUT', `/roles/${role}`, { body: { name: 'keys', permissions: {} } });
    expect((await key.get('/users')).status).toBe(403);
  });
});

describe('the configuration document', () => {
  test('[TEAM-03] carries roles and who has them, and changes nothing the second time', async () => {
    const document = {
      roles: [{ name: 'auditor', description: 'Reads the log', permissions: { 'audit.read': 'all' } }],
      users: [{ username: 'zita', role: 'custom', customRole: 'auditor' }],
    };
    const apply = (content: object) =>
      admin.send('POST', '/configuration', { body: { document: JSON.stringify(content) } });
    const applied = await apply(document);
    expect(applied.body.changes, applied.text).toMatchObject([
      { action: 'create', subject: 'role', name: 'auditor' },
      { action: 'create', subject: 'user', name: 'zita' },
    ]);
    expect((await apply(document)).body.changes).toEqual([]);
    const exported = (await admin.get('/configuration')).body;
    expect(exported.roles).toContainEqual(document.roles[0]);
    expect(exported.users).toContainEqual(expect.objectContaining(document.users[0]));
    expect((await apply(exported)).body.changes).toEqual([]);
    const dangling = await apply({ users: [{ username: 'zita', role: 'custom', customRole: 'nobody' }] });
    expect(dangling.body.errors).toMatchObject([{ path: 'users.0.customRole', message: 'names no role' }]);
  });
});
