import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Caller, callerOf, createTestApi, TEST_PASSWORD, type TestApi } from '../../../test/api.ts';
import { DEFAULT_TENANT_ID } from '../../platform/index.ts';
import { splitUsername } from './login.ts';

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());
// Failures of one test must not slow the next one down: each comes later, and from an address of its own.
let address = '';
let tests = 0;
beforeEach(() => {
  api.clock.nowMs += 16 * 60_000;
  address = `192.0.2.${++tests}`;
});

const login = (username: string, password: string = TEST_PASSWORD) =>
  api.anonymous.send('POST', '/auth/login', {
    body: { username, password },
    headers: { 'user-agent': 'vitest', 'x-forwarded-for': address },
  });

async function signIn(username: string): Promise<Caller> {
  const answer = await login(username);
  const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
  return callerOf(api.app, answer.body.user.id, { cookie });
}

describe('signing in', () => {
  test('[API-04] gives a session in a cookie that scripts cannot read and other sites cannot use', async () => {
    const answer = await login('the-supervisor');
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      user: { username: 'the-supervisor', role: 'supervisor' },
      tenant: { name: 'default' },
      authentication: 'session',
      permissions: { 'queues.write': 'all' },
    });
    expect(answer.body.permissions).not.toHaveProperty('users.write');
    const cookie = String(answer.headers['set-cookie']);
    expect(cookie).toMatch(
      /^crosspoint_session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect(answer.text).not.toContain(/=([^;]+)/.exec(cookie)?.[1]);
  });

  test('[OPS-05] another site signs nobody in', async () => {
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      const answer = await api.anonymous.send('POST', '/auth/login', {
        body: { username: 'the-supervisor', password: 'whatever it is' },
        headers,
      });
      expect(answer).toMatchObject({ status: 403, body: { code: 'origin-refused' } });
    }
  });

  test('[API-04] behind TLS the cookie is for TLS only', async () => {
    const answer = await api.anonymous.send('POST', '/auth/login', {
      body: { username: 'the-admin', password: TEST_PASSWORD },
      headers: { 'x-forwarded-proto': 'https' },
    });
    expect(String(answer.headers['set-cookie'])).toContain('; Secure');
    expect(answer.headers['strict-transport-security']).toContain('max-age=');
  });

  test('[API-04] the username is not a matter of case', async () => {
    expect((await login('The-Admin')).status).toBe(200);
  });

  test('[OPS-05] a wrong password and an unknown user get the same answer', async () => {
    const [wrong, unknown] = [
      await login('the-admin', 'not-it-at-all'),
      await login('nobody', 'not-it-at-all'),
    ];
    for (const answer of [wrong, unknown]) {
      expect(answer).toMatchObject({ status: 401, body: { code: 'credentials-wrong' } });
      expect(answer.headers['set-cookie']).toBeUndefined();
      delete answer.body.instance;
    }
    expect(wrong.body).toEqual(unknown.body);
  });

  test('[OPS-05] after five failures a user is delayed, ever longer, and by a success set free', async () => {
    const fail = () => login('the-analyst', 'wrong-password');
    for (let attempt = 0; attempt < 6; attempt++) expect((await fail()).status).toBe(401);
    const delayed = await login('the-analyst');
    expect(delayed).toMatchObject({ status: 429, body: { code: 'login-delayed', retryAfterSeconds: 1 } });
    expect(delayed.headers['retry-after']).toBe('1');
    api.clock.nowMs += 1000;
    expect((await fail()).status).toBe(401);
    expect((await login('the-analyst')).body.retryAfterSeconds).toBe(2);
    api.clock.nowMs += 2000;
    expect((await login('the-analyst')).status).toBe(200);
    expect((await fail()).status).toBe(401);
    expect((await login('the-analyst')).status).toBe(200);
  });

  test('[OPS-05] many failures from one address delay it for every user', async () => {
    for (let attempt = 0; attempt < 31; attempt++) await login(`guess-${attempt}`, 'wrong-password');
    expect(await login('the-admin')).toMatchObject({ status: 429, body: { code: 'login-delayed' } });
  });

  test('[API-04] a disabled user does not get in, and is thrown out', async () => {
    await api.addCaller({ username: 'leaver', role: 'analyst' });
    const leaver = await signIn('leaver');
    const { body: user, headers } = await api.as.admin.get(`/users/${leaver.userId}`);
    const { username, name, role, language, timeZone } = user;
    const disabled = await api.as.admin.send('PUT', `/users/${leaver.userId}`, {
      body: { username, name, role, language, timeZone, disabled: true },
      headers: { 'if-match': String(headers['etag']) },
    });
    expect(disabled.body.disabled).toBe(true);
    expect((await leaver.get('/auth/me')).status).toBe(401);
    expect((await login('leaver')).status).toBe(401);
  });

  test('[TEAM-03] users of another tenant sign in as user@tenant', async () => {
    const tenantId = await api.addTenant('acme');
    await api.addCaller({ username: 'the-admin', role: 'analyst', tenantId });
    expect((await login('the-admin@acme')).body).toMatchObject({
      user: { role: 'analyst' },
      tenant: { name: 'acme' },
    });
    expect((await login('the-admin')).body.user.role).toBe('admin');
    expect(splitUsername('alice')).toEqual({ username: 'alice', tenant: { id: DEFAULT_TENANT_ID } });
  });
});

describe('a session', () => {
  test('[API-04] ends by signing out', async () => {
    const caller = await signIn('the-agent');
    expect((await caller.get('/auth/me')).status).toBe(200);
    expect((await caller.send('POST', '/auth/logout')).status).toBe(204);
    expect((await caller.get('/auth/me')).status).toBe(401);
    expect((await caller.send('POST', '/auth/logout')).status).toBe(204);
  });

  test('[API-04] ends when it was not used for twelve hours, and goes on when it was', async () => {
    const caller = await signIn('the-agent');
    for (let hours = 0; hours < 24; hours += 6) {
      api.clock.nowMs += 6 * 3_600_000;
      expect((await caller.get('/auth/me')).status).toBe(200);
    }
    api.clock.nowMs += 12 * 3_600_000 + 1;
    expect((await caller.get('/auth/me')).status).toBe(401);
  });

  test('[API-04] ends after thirty days however much it was used', async () => {
    const caller = await signIn('the-agent');
    let status = 200;
    for (let hours = 0; hours <= 31 * 24 && status === 200; hours += 11) {
      api.clock.nowMs += 11 * 3_600_000;
      status = (await caller.get('/auth/me')).status;
    }
    expect(status).toBe(401);
  });

  test('[API-04] others can be listed and ended', async () => {
    await api.addCaller({ username: 'many', role: 'agent' });
    const [here, there] = [await signIn('many'), await signIn('many')];
    const { body } = await here.get('/auth/sessions');
    expect(body.items).toHaveLength(2);
    expect(body.items[0]).toMatchObject({ ip: address, userAgent: 'vitest' });
    const other = body.items.find((session: { current: boolean }) => !session.current);
    expect((await here.send('DELETE', `/auth/sessions/${other.id}`)).status).toBe(204);
    expect((await there.get('/auth/me')).status).toBe(401);
    const third = await signIn('many');
    expect((await here.send('DELETE', '/auth/sessions')).body).toEqual({ ended: 1 });
    expect((await third.get('/auth/me')).status).toBe(401);
    expect((await here.get('/auth/me')).status).toBe(200);
    expect((await here.send('DELETE', `/auth/sessions/${other.id}`)).status).toBe(404);
  });

  test('[API-04] a new password ends all other sessions', async () => {
    await api.addCaller({ username: 'careful', role: 'agent' });
    const [here, there] = [await signIn('careful'), await signIn('careful')];
    const change = (currentPassword: string) =>
      here.send('PUT', '/auth/password', { body: { currentPassword, newPassword: 'a-better-password' } });
    expect(await change('not-the-current')).toMatchObject({
      status: 400,
      body: { code: 'current-password-wrong' },
    });
    expect((await change(TEST_PASSWORD)).status).toBe(204);
    expect((await there.get('/auth/me')).status).toBe(401);
    expect((await here.get('/auth/me')).status).toBe(200);
    expect((await login('careful')).status).toBe(401);
    expect((await login('careful', 'a-better-password')).status).toBe(200);
  });

  test('[I18N-01] keeps the chosen language and time zone with the user', async () => {
    const caller = await signIn('the-agent');
    const change = await caller.send('PATCH', '/auth/me', {
      body: { language: 'cs', timeZone: 'Europe/Prague' },
    });
    expect(change.body.user).toMatchObject({ language: 'cs', timeZone: 'Europe/Prague' });
    const wrong = await caller.send('PATCH', '/auth/me', { body: { timeZone: 'Mars/Olympus' } });
    expect(wrong).toMatchObject({ status: 400, body: { errors: [{ path: 'timeZone' }] } });
  });
});

describe('API keys', () => {
  const make = (who: Caller, body: object) => who.send('POST', '/api-keys', { body });

  test('[API-04] work by their scopes, are shown once, and are not stored', async () => {
    const { status, body } = await make(api.as.admin, { name: 'wallboard', scopes: ['queues.read'] });
    expect(status).toBe(201);
    expect(body.key).toMatch(/^cp_[\w-]{43}$/);
    const script = callerOf(api.app, '', { authorization: `Bearer ${body.key}` });
    expect((await script.get('/queues')).status).toBe(200);
    expect((await script.get('/users')).body.code).toBe('scope-missing');
    const list = await api.as.admin.get('/api-keys');
    expect(list.text).toContain(body.prefix);
    expect(list.text).not.toContain(body.key);
    const rows = await api.database.asSystem((transaction) =>
      transaction.selectFrom('api_keys').selectAll().execute(),
    );
    expect(JSON.stringify(rows)).not.toContain(body.key);
  });

  test('[API-04] end by being revoked', async () => {
    const { body } = await make(api.as.supervisor, { name: 'short', scopes: ['queues.read'] });
    const script = callerOf(api.app, '', { authorization: `Bearer ${body.key}` });
    expect((await script.get('/queues')).status).toBe(200);
    expect((await api.as.supervisor.send('DELETE', `/api-keys/${body.id}`)).status).toBe(204);
    expect((await script.get('/queues')).status).toBe(401);
  });

  test('[API-04] end at their time, which lies in the future', async () => {
    const expiresAt = new Date(api.clock.nowMs + 60_000).toISOString();
    const { body } = await make(api.as.admin, { name: 'brief', scopes: ['queues.read'], expiresAt });
    const script = callerOf(api.app, '', { authorization: `Bearer ${body.key}` });
    expect((await script.get('/queues')).status).toBe(200);
    api.clock.nowMs += 60_000;
    expect((await script.get('/queues')).status).toBe(401);
    const late = await make(api.as.admin, { name: 'late', scopes: ['queues.read'], expiresAt });
    expect(late).toMatchObject({ status: 400, body: { errors: [{ path: 'expiresAt' }] } });
  });

  test('[OPS-05] cannot do more than their maker, so that a key makes no stronger one', async () => {
    const tooMuch = await make(api.as.supervisor, { name: 'more', scopes: ['users.write'] });
    expect(tooMuch).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'scopes.0', value: 'users.write' }] },
    });
    const narrow = await make(api.as.admin, { name: 'narrow', scopes: ['api-keys.manage'] });
    const script = callerOf(api.app, '', { authorization: `Bearer ${narrow.body.key}` });
    expect((await make(script, { name: 'wide', scopes: ['users.write'] })).status).toBe(400);
  });

  test('[TEAM-03] everybody sees the own, an administrator all', async () => {
    await make(api.as.analyst, { name: 'of the analyst', scopes: ['contacts.read'] });
    const names = async (who: Caller) =>
      (await who.get('/api-keys?limit=200')).body.items.map((key: { name: string }) => key.name);
    expect(await names(api.as.supervisor)).not.toContain('of the analyst');
    expect(await names(api.as.analyst)).toContain('of the analyst');
    expect(await names(api.as.admin)).toContain('of the analyst');
    const { body } = await api.as.admin.get('/api-keys?limit=200');
    const foreign = body.items.find((key: { name: string }) => key.name === 'of the analyst');
    expect((await api.as.supervisor.send('DELETE', `/api-keys/${foreign.id}`)).status).toBe(404);
  });

  test.each(['', 'Bearer', 'Bearer x', 'Bearer cp_wrong', 'Basic YTpi', `Bearer ${'x'.repeat(500)}`])(
    '[OPS-05] the header "%s" opens nothing',
    async (authorization) => {
      expect((await api.anonymous.send('GET', '/auth/me', { headers: { authorization } })).status).toBe(401);
    },
  );
});
