import { type Permission, reachOf, FixedRole } from '@crosspoint/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApi, type TestApi } from '../../test/api.ts';
import { newId } from '../platform/index.ts';

interface DocumentedRoute {
  method: string;
  path: string;
  permission: string;
}

let api: TestApi;
let routes: DocumentedRoute[];

beforeAll(async () => {
  api = await createTestApi();
  const { body } = await api.anonymous.get('/openapi.json');
  routes = Object.entries(body.paths as Record<string, Record<string, Record<string, string>>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path: path.replace('/api/v1', ''),
        permission: operation['x-permission'] ?? '',
      })),
  );
});
afterAll(() => api.close());

const concrete = (path: string) => path.replace(/\{[^}]+\}/g, newId());

describe('every route for every role', () => {
  test('[TEAM-03] there are routes, and each says what it needs', () => {
    expect(routes.length).toBeGreaterThan(60);
    expect(routes.filter((route) => route.permission === '')).toEqual([]);
  });

  test('[TEAM-03] only signing in and out is public', () => {
    const open = routes.filter((route) => route.permission === 'public').map((route) => route.path);
    const provider = ['callback', 'offer', 'start'].map((step) => `/auth/single-sign-on/${step}`);
    expect(open.toSorted()).toEqual(['/auth/login', '/auth/logout', ...provider]);
  });

  test('[API-04] nobody gets in without credentials', async () => {
    for (const { method, path, permission } of routes) {
      if (permission === 'public') continue;
      const answer = await api.anonymous.send(method, concrete(path), {
        body: method === 'GET' ? undefined : {},
      });
      expect({ method, path, status: answer.status, code: answer.body.code }).toEqual({
        method,
        path,
        status: 401,
        code: 'unauthenticated',
      });
    }
  });

  /** What is nobody's own: only who has the permission for everything may do this. (What has a body is refused for that first.) */
  const forEverything = new Set(['DELETE /voicemail-boxes/{id}']);

  test.each(FixedRole.options)(
    '[TEAM-03] %s reaches exactly what the table of permissions says',
    async (role) => {
      for (const { method, path, permission } of routes) {
        if (permission === 'public') continue;
        const answer = await api.as[role].send(method, concrete(path), {
          body: method === 'GET' ? undefined : {},
        });
        const reach = reachOf(role, permission as Permission);
        const permitted = reach === 'all' || (reach === 'own' && !forEverything.has(`${method} ${path}`));
        const where = `${role} ${method} ${path} ${answer.text}`;
        if (permitted) expect([401, 403, 500], where).not.toContain(answer.status);
        else expect(answer.status, where).toBe(403);
        if (!permitted) expect(answer.body, where).toMatchObject({ code: 'forbidden', permission });
      }
    },
  );

  test('[API-04] a key without scopes that fit is refused everywhere, whatever its owner’s role', async () => {
    const caller = await api.addCaller({ username: 'narrow', role: 'admin', scopes: ['account.own'] });
    for (const { method, path, permission } of routes) {
      if (permission === 'public' || permission === 'account.own') continue;
      const answer = await caller.send(method, concrete(path), { body: method === 'GET' ? undefined : {} });
      expect(answer.body, `${method} ${path}`).toMatchObject({ code: 'scope-missing', permission });
    }
  });
});

describe('a request from another site', () => {
  const login = async () => {
    const answer = await api.anonymous.send('POST', '/auth/login', {
      body: { username: 'the-admin', password: 'a-password-for-tests' },
    });
    return String(answer.headers['set-cookie']).split(';')[0] ?? '';
  };

  test.each([
    ['the origin of another site', { origin: 'https://evil.example' }, 403],
    ['an opaque origin', { origin: 'null' }, 403],
    ['what the browser says about the site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['the own origin', { origin: 'http://localhost:80' }, 200],
    ['the own site', { 'sec-fetch-site': 'same-origin' }, 200],
    ['a program that says nothing', {}, 200],
  ])('[OPS-05] with the cookie and %s', async (_name, headers, status) => {
    const cookie = await login();
    const answer = await api.anonymous.send('PATCH', '/auth/me', {
      body: { language: 'en' },
      headers: { cookie, host: 'localhost:80', ...(headers as Record<string, string>) },
    });
    expect(answer.status).toBe(status);
    if (status === 403) expect(answer.body.code).toBe('origin-refused');
  });

  test('[OPS-05] reading is not refused: it changes nothing, and the answer stays unreadable to the other site', async () => {
    const cookie = await login();
    const answer = await api.anonymous.send('GET', '/auth/me', {
      headers: { cookie, origin: 'https://evil.example' },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('a route that declares no permission', () => {
  test('[TEAM-03] does not start', async () => {
    const { default: Fastify } = await import('fastify');
    const { registerAccess } = await import('./access.ts');
    const app = Fastify();
    registerAccess(app, async () => null);
    expect(() => app.get('/open', async () => 'x')).toThrow('The route GET /open declares no permission.');
    expect(() => app.get('/open', { config: { permission: 'nonsense' as never } }, async () => 'x')).toThrow(
      'declares no permission',
    );
  });
});
