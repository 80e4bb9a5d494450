import { brotliCompressSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApi, type TestApi } from '../../test/api.ts';

const INLINE = 'document.documentElement.dataset.theme = "dark";';
const PAGE = `<!doctype html><html><head><script>${INLINE}</script><script src="/x.js"></script></head></html>`;
const SCRIPT = 'console.log("a script of the console")';

let consoleDir: string;
let api: TestApi;
beforeAll(async () => {
  consoleDir = mkdtempSync(join(tmpdir(), 'crosspoint-test-console-'));
  mkdirSync(join(consoleDir, '_app/immutable'), { recursive: true });
  writeFileSync(join(consoleDir, 'index.html'), PAGE);
  writeFileSync(join(consoleDir, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  writeFileSync(join(consoleDir, '_app/immutable/start.abc123.js'), SCRIPT);
  writeFileSync(join(consoleDir, '_app/immutable/start.abc123.js.br'), brotliCompressSync(SCRIPT));
  api = await createTestApi({ consoleDir });
});
afterAll(async () => {
  await api.close();
  rmSync(consoleDir, { recursive: true, force: true });
});

const html = { accept: 'text/html,application/xhtml+xml' };

describe('the console', () => {
  test.each(['//', '//supervisor/dashboard', '//contacts/0190c0de?tab=timeline'])(
    '[OPS-10] %s gets the page, which finds its screen itself',
    async (path) => {
      const answer = await api.anonymous.send('GET', path, { headers: html });
      expect(answer).toMatchObject({ status: 200, text: PAGE });
      expect(answer.headers['cache-control']).toBe('no-cache');
    },
  );

  test('[OPS-05] the page may run its own inline script and nobody else’s', async () => {
    const { headers } = await api.anonymous.send('GET', '//', { headers: html });
    const policy = String(headers['content-security-policy']);
    const hash = createHash('sha256').update(INLINE).digest('base64');
    expect(policy).toContain(`script-src 'self' 'sha256-${hash}';`);
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
    const again = await api.anonymous.send('GET', '//', { headers: html });
    expect({ ...again.headers, date: '' }).toEqual({ ...headers, date: '' });
  });

  test('[OPS-10] the front page is there for whoever takes anything', async () => {
    for (const method of ['GET', 'HEAD'] as const) {
      expect(await api.anonymous.send(method, '//', { headers: { accept: '*/*' } })).toMatchObject({
        status: 200,
      });
    }
    expect(await api.anonymous.send('GET', '//', { headers: { accept: 'application/json' } })).toMatchObject({
      status: 404,
    });
  });

  test('[OPS-10] a file with a hash in its name is kept for ever, and comes compressed as built', async () => {
    const path = '//_app/immutable/start.abc123.js';
    const plain = await api.anonymous.send('GET', path);
    expect(plain).toMatchObject({ status: 200, text: SCRIPT });
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    const small = await api.anonymous.send('GET', path, { headers: { 'accept-encoding': 'br, gzip' } });
    expect(small.headers['content-encoding']).toBe('br');
    expect(small.headers['content-type']).toContain('javascript');
  });

  test('[OPS-10] other files are asked for anew', async () => {
    const answer = await api.anonymous.send('GET', '//favicon.svg');
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-cache');
  });

  test('[OPS-10] a missing script is not answered with a page', async () => {
    const answer = await api.anonymous.send('GET', '//_app/immutable/old.js', { headers: html });
    expect(answer).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  test('[OPS-05] nothing outside of the folder is served', async () => {
    for (const path of ['//../package.json', '//..%2f..%2fpackage.json', '//%2e%2e/%2e%2e/etc/passwd']) {
      const answer = await api.anonymous.send('GET', path);
      expect([400, 403, 404], path).toContain(answer.status);
    }
  });
});

describe('[OPS-10] a console that is built while the server runs', () => {
  let dir: string;
  let running: TestApi;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'crosspoint-test-rebuilt-'));
    running = await createTestApi({ consoleDir: join(dir, 'build') });
  });
  afterAll(async () => {
    await running.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const ask = () => running.anonymous.send('GET', '//', { headers: { ...html, 'accept-language': 'cs' } });
  const build = (version: string): string => {
    const inline = `start(${JSON.stringify(version)})`;
    mkdirSync(join(dir, 'build/_app/immutable'), { recursive: true });
    writeFileSync(join(dir, `build/_app/immutable/${version}.js`), SCRIPT);
    writeFileSync(join(dir, 'build/index.html'), `<script>${inline}</script><p>${version}</p>`);
    return `'sha256-${createHash('sha256').update(inline).digest('base64')}'`;
  };

  test('what is there is served: the page of each build with its own scripts, and in between a page that comes back', async () => {
    expect(await ask()).toMatchObject({ status: 404, body: { code: 'not-found' } });
    const first = build('first');
    const one = await ask();
    expect(one).toMatchObject({ status: 200, text: expect.stringContaining('<p>first</p>') });
    expect(one.headers['content-security-policy']).toContain(`script-src 'self' ${first};`);

    rmSync(join(dir, 'build'), { recursive: true });
    const between = await ask();
    expect(between).toMatchObject({
      status: 503,
      text: expect.stringContaining('Konzole se právě obnovuje'),
    });
    expect(between.headers).toMatchObject({ refresh: '2', 'retry-after': '2', 'cache-control': 'no-store' });

    const second = build('second');
    const two = await ask();
    expect(two).toMatchObject({ status: 200, text: expect.stringContaining('<p>second</p>') });
    expect(two.headers['content-security-policy']).toContain(`script-src 'self' ${second};`);
    const script = await running.anonymous.send('GET', '//_app/immutable/second.js');
    expect(script).toMatchObject({ status: 200, text: SCRIPT });
  });
});

describe('what everybody may ask', () => {
  test('[OPS-02] /healthz and /readyz', async () => {
    expect((await api.anonymous.send('GET', '//healthz')).body).toEqual({ ok: true });
    expect((await api.anonymous.send('GET', '//readyz')).body).toMatchObject({ ready: true });
  });

  test('[OPS-04] /metrics counts requests by route, not by address', async () => {
    await api.as.admin.get('/queues/0190c0de-0000-7000-8000-000000000000');
    const { text } = await api.anonymous.send('GET', '//metrics');
    expect(text).toContain('crosspoint_agents{activity="idle"} 0');
    expect(text).toContain('crosspoint_contacts{result="waiting"} 0');
    expect(text).toContain('crosspoint_repairs_total 0');
    expect(text).toMatch(
      /crosspoint_http_request_duration_seconds_count\{method="GET",route="\/api\/v1\/queues\/:id",status="404"\} 1/,
    );
  });
});

describe('refusals', () => {
  test('[API-01] an unknown address', async () => {
    const answer = await api.as.admin.get('/nothing');
    expect(answer).toMatchObject({ status: 404, body: { code: 'not-found' } });
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });

  test('[API-01] a wrong method names the right ones', async () => {
    const answer = await api.as.admin.send('PUT', '/queues');
    expect(answer).toMatchObject({ status: 405, body: { code: 'method-not-allowed' } });
    expect(answer.headers['allow']).toBe('GET, HEAD, POST');
  });

  test('[API-01] a body that is no JSON', async () => {
    const answer = await api.as.admin.send('POST', '/queues', {
      body: '{"name":',
      headers: { 'content-type': 'application/json' },
    });
    expect(answer).toMatchObject({ status: 400, body: { code: 'body-unreadable' } });
  });

  test('[I18N-02] in the language that is asked for', async () => {
    const headers = { 'accept-language': 'cs-CZ,cs;q=0.9' };
    const unknown = await api.as.admin.send('GET', '/queues/nobody', { headers });
    expect(unknown.headers['content-language']).toBe('cs');
    expect(unknown.body).toMatchObject({
      ...{ code: 'validation-failed', title: 'Některé údaje nevyhovují' },
      errors: [{ path: 'params.id', remedy: 'Použijte id tak, jak ho vrátil seznam.' }],
    });
    expect((await api.as.admin.send('GET', '/queues/nobody')).headers['content-language']).toBe('en');
  });

  test('[API-01] a body of another kind', async () => {
    for (const type of ['application/xml', 'text/plain']) {
      const headers = { 'content-type': type };
      const answer = await api.as.admin.send('POST', '/queues', { body: '{"name":"sales"}', headers });
      expect(answer, type).toMatchObject({ status: 415, body: { code: 'media-type-unsupported' } });
    }
  });

  test('[API-01] a body that is too large', async () => {
    const answer = await api.as.admin.send('POST', '/queues', { body: { name: 'x'.repeat(1_100_000) } });
    expect(answer).toMatchObject({ status: 413, body: { code: 'body-too-large' } });
  });

  test('[API-01] text that no row can hold, wherever it stands', async () => {
    const told = (path: string, value: string) => ({
      status: 400,
      body: { code: 'validation-failed', errors: [{ path, value, remedy: 'Leave that character out.' }] },
    });
    const { admin } = api.as;
    const nul = 'a\0b';
    expect(await admin.get('/queues?search=a%00b')).toMatchObject(told('query.search', nul));
    expect(await admin.get('/reason-codes/a%00b')).toMatchObject(told('params.code', nul));
    expect(await admin.send('POST', '/teams', { body: { name: nul, members: [] } })).toMatchObject(
      told('name', nul),
    );
    const half = 'a\ud83d';
    expect(await admin.send('POST', '/teams', { body: { name: 'a', members: [half] } })).toMatchObject(
      told('members.0', half),
    );
    const login = await api.anonymous.send('POST', '/auth/login', { body: { username: nul, password: 'x' } });
    expect(login).toMatchObject(told('username', nul));
    const secret = await api.anonymous.send('POST', '/auth/login', {
      body: { username: 'a', password: nul },
    });
    expect(secret).toMatchObject({ status: 400 });
    expect(secret.text).not.toContain('u0000');
  });

  test('[API-01] a body that is not UTF-8', async () => {
    for (const [address, type, text] of [
      ['/teams', 'application/json', '{"name":"café"}'],
      ['/configuration', 'application/yaml', 'teams: [{ name: café }]'],
    ] as const) {
      const answer = await api.as.admin.send('POST', address, {
        body: Buffer.from(text, 'latin1'),
        headers: { 'content-type': type },
      });
      expect(answer).toMatchObject({ status: 400, body: { code: 'body-unreadable' } });
    }
  });

  test.each([
    ['GET', '/queues/%ff'],
    ['GET', `/queues/${'a'.repeat(300)}`],
    ['DELETE', `/queues/${'a'.repeat(300)}`],
    ['GET', '//%c0%ae%c0%ae/'],
    ['GET', '//..%2f..%2fpackage.json'],
  ])('[API-01] an address that is none: %s %s', async (method, path) => {
    const answer = await api.as.admin.send(method, path);
    expect(answer).toMatchObject({ status: 404, body: { code: 'not-found' } });
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });

  test('[API-01] a list with wrong parameters', async () => {
    const answer = await api.as.admin.get('/contacts?limit=0&outcome=lost&colour=red');
    expect(answer.status).toBe(400);
    const paths = answer.body.errors.map((error: { path: string }) => error.path);
    expect(paths.toSorted()).toEqual(['query.colour', 'query.limit', 'query.outcome']);
  });

  test('[API-01] a fault tells its number and nothing else', async () => {
    const { database } = api;
    const broken = async () => {
      throw new Error('relation "secret_table" does not exist');
    };
    const original = database.inTenant;
    database.inTenant = broken;
    try {
      const answer = await api.as.admin.get('/queues');
      expect(answer).toMatchObject({ status: 500, body: { code: 'internal' } });
      expect(answer.text).not.toContain('secret_table');
      expect(answer.body.instance).toMatch(/^urn:request:/);
    } finally {
      database.inTenant = original;
    }
  });
});

describe('the OpenAPI document', () => {
  test('[API-01] is 3.1, describes each route and its refusals, and refers only to what it contains', async () => {
    const { body, text } = await api.anonymous.get('/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    const operations = Object.values(body.paths as Record<string, Record<string, unknown>>).flatMap((path) =>
      Object.values(path as Record<string, { summary?: string; tags?: string[]; responses: object }>),
    );
    for (const operation of operations) {
      expect(operation.summary).toBeTruthy();
      expect(operation.tags).toHaveLength(1);
      expect(operation.responses).toHaveProperty('default');
    }
    const names = Object.keys(body.components.schemas);
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) expect(names).toContain(name);
    expect(names).toContain('Contact');
    // What is asked for with defaults left out is described beside what is answered, never instead of it.
    const inputs = names.filter((name) => name.endsWith('Input')).map((name) => name.replace(/Input$/, ''));
    expect(names).toEqual(expect.arrayContaining(inputs));
  });
});
