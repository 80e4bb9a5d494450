import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, createTestApi, TEST_PASSWORD, type TestApi } from '../../../test/api.ts';
import { IdentityProvider } from '../../../test/identity-provider.ts';
import { ATTEMPT_MAX_MS } from './service.ts';

const path = '/auth/single-sign-on';
const consoleUrl = 'https://contact.example';
let api: TestApi;
let provider: IdentityProvider;

beforeAll(async () => {
  api = await createTestApi();
  provider = await IdentityProvider.start();
});
afterAll(async () => {
  await provider.close();
  await api.close();
});

const choose = (settings: object = {}): Promise<Answer> =>
  api.as.admin.send('PUT', path, {
    body: {
      enabled: true,
      name: 'Acme account',
      issuer: provider.issuer,
      clientId: provider.clientId,
      clientSecret: provider.clientSecret,
      consoleUrl,
      groups: [
        { group: 'leads', role: 'supervisor' },
        { group: 'desk', role: 'agent' },
      ],
      createUsers: true,
      ...settings,
    },
  });

beforeEach(async () => {
  api.clock.nowMs += 60_000;
  provider.person = { sub: 'p-1', preferred_username: 'ann@acme.example', name: 'Ann Lee', groups: ['desk'] };
  provider.refuses = false;
  provider.forges = false;
  expect((await choose()).status).toBe(200);
});

const cookieOf = (answer: Answer, name: string): string =>
  [answer.headers['set-cookie']]
    .flat()
    .map(String)
    .find((cookie) => cookie.startsWith(`${name}=`)) ?? '';

/** What a browser does: from the button to the provider and back. */
async function walk(next = '', between: () => void = () => undefined): Promise<Answer> {
  const begun = await api.anonymous.get(`${path}/start${next === '' ? '' : `?next=${next}`}`);
  expect(begun.status).toBe(302);
  const kept = cookieOf(begun, 'crosspoint_sign_on');
  expect(kept).toMatch(/Max-Age=600; Path=\/api\/v1\/auth\/single-sign-on; HttpOnly; SameSite=Lax$/);
  const { headers } = await fetch(String(begun.headers['location']), { redirect: 'manual' });
  const back = new URL(headers.get('location') ?? '');
  expect(back.origin).toBe(consoleUrl);
  between();
  return api.anonymous.send('GET', `${path}/callback${back.search}`, {
    headers: { cookie: kept.split(';')[0] ?? '' },
  });
}

async function whoIs(answer: Answer): Promise<Answer> {
  const cookie = cookieOf(answer, 'crosspoint_session').split(';')[0] ?? '';
  return api.anonymous.send('GET', '/auth/me', { headers: { cookie } });
}

const failureOf = ({ status, headers }: Answer): string | null => {
  expect(status).toBe(302);
  expect(cookieOf({ status, headers } as Answer, 'crosspoint_session')).toBe('');
  return new URL(String(headers['location']), consoleUrl).searchParams.get('sso');
};

describe('[API-04] single sign-on (OIDC)', () => {
  test('[API-04] whoever the provider vouches for gets an account with the role of the group, and a session', async () => {
    expect((await api.anonymous.get(`${path}/offer`)).body).toEqual({ name: 'Acme account' });
    const answer = await walk('/contacts');
    expect(answer.headers['location']).toBe('/login?sso=done&next=%2Fcontacts');
    expect(cookieOf(answer, 'crosspoint_session')).toMatch(/Path=\/; HttpOnly; SameSite=Strict$/);
    const me = await whoIs(answer);
    expect(me.body).toMatchObject({ user: { username: 'ann', name: 'Ann Lee', role: 'agent' } });
    const { items } = (await api.as.admin.get(`/audit?action=user.signed-in`)).body;
    expect(items[0]).toMatchObject({ actor: { userId: me.body.user.id }, after: { by: 'single-sign-on' } });
  });

  test('[API-04] a change of groups changes the role with the next sign-in; out of all groups nobody comes in', async () => {
    const first = await whoIs(await walk());
    provider.person = { ...provider.person, preferred_username: 'ann.lee', groups: ['desk', 'leads'] };
    const second = await whoIs(await walk());
    expect(second.body.user).toMatchObject({ id: first.body.user.id, role: 'supervisor' });
    provider.person = { ...provider.person, groups: [] };
    expect(failureOf(await walk())).toBe('no-role');
  });

  test('[API-04] somebody who comes for the first time in several windows at once gets one account', async () => {
    provider.person = { sub: 'p-5', preferred_username: 'eve', groups: ['desk'] };
    const people = await Promise.all((await Promise.all([walk(), walk(), walk()])).map(whoIs));
    const [first] = people;
    expect(first?.body.user).toMatchObject({ username: 'eve' });
    for (const { body } of people) expect(body.user.id).toBe(first?.body.user.id);
  });

  test('[API-04] nobody gets the account of another by its username, unless accounts are taken over', async () => {
    provider.person = { sub: 'p-2', preferred_username: 'the-admin', groups: ['desk'] };
    expect(failureOf(await walk())).toBe('name-taken');
    await choose({ adoptUsers: true, groups: [] });
    const me = await whoIs(await walk());
    expect(me.body.user).toMatchObject({ id: api.as.admin.userId, role: 'admin' });
    // Bound to that person now: no other one of the same name gets it.
    provider.person = { sub: 'p-3', preferred_username: 'the-admin', groups: ['desk'] };
    expect(failureOf(await walk())).toBe('name-taken');
  });

  test('[API-04] accounts are made only where that is wished, and who is disabled stays out', async () => {
    await choose({ createUsers: false });
    provider.person = { sub: 'p-4', preferred_username: 'bob', groups: ['desk'] };
    expect(failureOf(await walk())).toBe('unknown-user');
    await choose();
    const { user } = (await whoIs(await walk())).body;
    const { body } = await api.as.admin.get(`/users/${user.id}`);
    await api.as.admin.send('PUT', `/users/${user.id}`, { body: { ...body, disabled: true } });
    expect(failureOf(await walk())).toBe('disabled');
  });

  test('[OPS-05] [API-04] a stolen code, another token, a foreign browser, a late return and a refusal let nobody in', async () => {
    provider.forges = true;
    expect(failureOf(await walk())).toBe('unavailable');
    provider.forges = false;
    const begun = await api.anonymous.get(`${path}/start`);
    const { headers } = await fetch(String(begun.headers['location']), { redirect: 'manual' });
    const stolen = new URL(headers.get('location') ?? '').search;
    expect(failureOf(await api.anonymous.get(`${path}/callback${stolen}`))).toBe('expired');
    // In a browser that has begun a sign-in of its own, the state does not fit.
    const other =
      cookieOf(await api.anonymous.get(`${path}/start`), 'crosspoint_sign_on').split(';')[0] ?? '';
    const mixed = await api.anonymous.send('GET', `${path}/callback${stolen}`, {
      headers: { cookie: other },
    });
    expect(failureOf(mixed)).toBe('unavailable');
    expect(failureOf(await walk('', () => (api.clock.nowMs += ATTEMPT_MAX_MS + 1)))).toBe('expired');
    provider.refuses = true;
    expect(failureOf(await walk())).toBe('refused');
    expect(provider.refusals).toEqual([]);
  });

  test('[OPS-05] [API-04] the way leads to a page of the console alone, and to a provider by TLS alone', async () => {
    for (const next of ['//evil.example', '/\\evil.example', 'https://evil.example']) {
      expect((await api.anonymous.get(`${path}/start?next=${encodeURIComponent(next)}`)).status, next).toBe(
        400,
      );
    }
    const plain = await choose({ issuer: 'http://login.example' });
    expect(plain).toMatchObject({ status: 400, body: { errors: [{ path: 'issuer' }] } });
  });

  test('[API-04] who may configure without being an administrator lets no provider take over accounts, or give roles', async () => {
    const { admin } = api.as;
    const permissions = { 'configuration.write': 'all', 'configuration.read': 'all' };
    const { id: customRoleId } = (
      await admin.send('POST', '/roles', { body: { name: 'configures', permissions } })
    ).body;
    const account = {
      username: 'configures',
      name: 'C',
      role: 'custom',
      customRoleId,
      password: TEST_PASSWORD,
    };
    expect((await admin.send('POST', '/users', { body: account })).status).toBe(201);
    const body = { username: 'configures', password: TEST_PASSWORD };
    const signedIn = await api.anonymous.send('POST', '/auth/login', { body });
    const cookie = cookieOf(signedIn, 'crosspoint_session').split(';')[0] ?? '';
    const { clientId, issuer } = provider;
    const put = (settings: object) =>
      api.anonymous.send('PUT', path, {
        headers: { cookie },
        body: { ...{ enabled: true, name: 'Mine', issuer, clientId, consoleUrl }, ...settings },
      });
    expect((await put({ adoptUsers: true })).status).toBe(403);
    expect((await put({ otherwise: { role: 'agent' } })).status).toBe(403);
    expect((await put({})).status).toBe(200);
  });

  test('[API-04] the secret is never read back, stays for the same client alone, and only administrators choose', async () => {
    const kept = await choose({ clientSecret: undefined });
    expect(kept.body).toMatchObject({ hasSecret: true });
    expect(kept.text).not.toContain(provider.clientSecret);
    expect((await choose({ clientSecret: undefined, clientId: 'another' })).body).toMatchObject({
      hasSecret: false,
    });
    for (const role of ['supervisor', 'agent', 'analyst'] as const) {
      expect((await api.as[role].send('PUT', path, { body: {} })).status).toBe(403);
    }
    expect((await api.as.admin.send('DELETE', path)).status).toBe(204);
    expect((await api.anonymous.get(`${path}/offer`)).body).toEqual({ name: null });
    expect(failureOf(await api.anonymous.get(`${path}/start`))).toBe('off');
  });
});
