import type { AgentId, QueueId } from '@crosspoint/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agentLive, type Caller, createTestApi, queueStats, type TestApi } from '../../test/api.ts';
import { code, createEverything } from '../../test/everything.ts';
import { DEFAULT_TENANT_ID } from '../platform/index.ts';

let api: TestApi;
let admin: Caller;
let ids: Awaited<ReturnType<typeof createEverything>>;
/** Methods by address. */
let routes: Record<string, object>;
beforeAll(async () => {
  api = await createTestApi();
  ({ admin } = api.as);
  const { paths } = (await api.anonymous.get('/openapi.json')).body;
  routes = Object.fromEntries(
    Object.entries<object>(paths).map(([path, methods]) => [path.replace('/api/v1', ''), methods]),
  );
  ids = await createEverything(api, admin, DEFAULT_TENANT_ID);
  api.centre.agentsById.set(ids.agent as AgentId, agentLive(ids.agent as AgentId));
  api.centre.queues.set(ids.queue as QueueId, queueStats(ids.queue as QueueId));
  const account = { username: 'acme', password: 'trunk-secret' };
  const trunk = { name: 'foreign-trunk', host: '192.0.2.9', register: account };
  await admin.send('PUT', `/trunks/${ids.trunk}`, { body: trunk });
  const provider = { enabled: true, name: 'Foreign', issuer: 'https://login.example', clientId: 'foreign' };
  await admin.send('PUT', '/auth/single-sign-on', {
    body: { ...provider, clientSecret: 'foreign', consoleUrl: 'https://contact.example' },
  });
  await admin.send('PUT', '/mail-server', { body: { host: 'mail.example', fromAddress: 'a@example.com' } });
});
afterAll(() => api.close());

/** What is there at each address that can be read and replaced. */
const places = (): Record<string, string> => ({
  '/users/{id}': ids.agent,
  '/roles/{id}': ids.role,
  '/agents/{id}': ids.agent,
  '/reason-codes/{code}': code,
  '/teams/{id}': ids.team,
  '/schedules/{id}': ids.agent,
  '/queues/{id}': ids.queue,
  '/numbers/{id}': ids.number,
  '/ivr/flows/{id}': ids.flow,
  '/ivr/flows/{id}/tests': ids.flow,
  '/speech/settings': '',
  '/recognition/settings': '',
  '/calendars/{id}': ids.calendar,
  '/segments/{id}': ids.segment,
  '/conferences/{id}': ids.conference,
  '/voicemail-boxes/{id}': ids.box,
  '/voicemails/{id}': ids.voicemail,
  '/routing/rules/{id}': ids.route,
  '/trunks/{id}': ids.trunk,
  '/scorecards/{id}': ids.scorecard,
  '/coaching-notes/{id}': ids.note,
  '/wallboards/{id}': ids.wallboard,
  '/alert-rules/{id}': ids.alertRule,
  '/alert-targets/{id}': ids.target,
  '/mail-server': '',
  '/centre': '',
  '/auth/single-sign-on': '',
  '/security/settings': '',
  '/security/rules/{id}': ids.rule,
});
/** The text of a prompt is replaced where its sound is read; evaluations that are finished never change. */
const OTHERWISE = ['/prompts/{id}', '/evaluations/{id}'];

describe('what was read', () => {
  test('[API-01] can be sent back at every address that is read and replaced, and changes nothing', async () => {
    const replaced = Object.entries(routes).flatMap(([path, methods]) =>
      'get' in methods && 'put' in methods ? [path] : [],
    );
    expect(replaced.toSorted()).toEqual([...Object.keys(places()), ...OTHERWISE].toSorted());
    for (const [pattern, id] of Object.entries(places())) {
      const path = pattern.replace(/\{\w+\}/, id);
      const read = await admin.get(path);
      expect(read.status, `${path} ${read.text}`).toBe(200);
      const sent = await admin.send('PUT', path, { body: read.body });
      expect(sent.status, `${path} ${sent.text}`).toBe(200);
      expect(settled((await admin.get(path)).body), path).toEqual(settled(read.body));
    }
  });

  test('[API-01] holds for everything at once as well, as a document that changes nothing', async () => {
    const exported = await admin.get('/configuration');
    expect(exported.status, exported.text.slice(0, 500)).toBe(200);
    expect(exported.body.segments.map(({ numbers }: { numbers: string[] }) => numbers)).not.toEqual([]);
    const applied = await admin.send('POST', '/configuration', {
      body: { document: exported.text, dryRun: true },
    });
    expect(applied.body, applied.text).toMatchObject({ changes: [] });
  });

  test('[API-01] a field that nobody knows stays refused, with those that are known', async () => {
    const { body } = await admin.get(`/teams/${ids.team}`);
    const answer = await admin.send('PUT', `/teams/${ids.team}`, { body: { ...body, colour: 'red' } });
    expect(answer).toMatchObject({
      status: 400,
      body: {
        code: 'validation-failed',
        errors: [{ path: 'colour', remedy: expect.stringContaining('name, parentId, memberIds') }],
      },
    });
  });

  test('[API-01] what is only read is refused where it could be meant as a change', async () => {
    const body = { name: 'renamed', members: [] };
    const answer = await admin.send('PUT', `/teams/${ids.team}`, { body });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'members' }] } });
    const made = await admin.send('POST', '/teams', { body: { id: ids.team, name: 'with an id' } });
    expect(made).toMatchObject({ status: 400, body: { errors: [{ path: 'id' }] } });
  });
});

describe('a query', () => {
  test('[API-01] with a parameter that does nothing is refused by every route', async () => {
    const known: Record<string, string> = { ...places(), '/prompts/{id}': ids.prompt };
    for (const [path, methods] of Object.entries(routes)) {
      // What a provider of single sign-on sends along is its own.
      if (!('get' in methods) || path === '/auth/single-sign-on/callback') continue;
      const address = path.replace(/\{code\}/, code).replace(/\{\w+\}/g, known[path] || ids.contact);
      const answer = await admin.get(`${address}?colour=red`);
      expect(answer, `${address} ${answer.text}`).toMatchObject({
        status: 400,
        body: { code: 'validation-failed' },
      });
      const faults: { path: string }[] = answer.body.errors;
      expect(
        faults.map((fault) => fault.path),
        address,
      ).toContain('query.colour');
    }
  });

  test('[API-01] of a short list pages it, and without a limit it comes whole', async () => {
    const whole = (await admin.get('/reason-codes')).body;
    expect(whole.nextCursor).toBeNull();
    expect(whole.items.length).toBeGreaterThan(2);
    const first = (await admin.get('/reason-codes?limit=2')).body;
    expect(first.items).toEqual(whole.items.slice(0, 2));
    const rest = (await admin.get(`/reason-codes?limit=1000&cursor=${first.nextCursor}`)).body;
    expect(rest).toEqual({ items: whole.items.slice(2), nextCursor: null });
    expect((await admin.get('/reason-codes?limit=0')).status).toBe(400);
  });

  test('[API-01] of every list takes a limit and a cursor, and what stands beside its items stays', async () => {
    type Body = { content?: Record<string, { schema?: { properties?: Record<string, { type?: string }> } }> };
    type Route = { get?: { parameters?: { name: string }[]; responses: Record<string, Body> } };
    const { paths } = (await admin.get('/openapi.json')).body;
    let lists = 0;
    for (const [path, { get }] of Object.entries(paths as Record<string, Route>)) {
      const fields = get?.responses['200']?.content?.['application/json']?.schema?.properties;
      const isComparison = path.endsWith('/diff');
      if (fields?.['items']?.type !== 'array' || isComparison) continue;
      lists += 1;
      expect(fields, path).toHaveProperty('nextCursor');
      const names = get?.parameters?.map(({ name }) => name);
      expect(names, path).toEqual(expect.arrayContaining(['limit', 'cursor']));
    }
    expect(lists).toBeGreaterThan(30);
    const strategies = (await admin.get('/routing/strategies?limit=2')).body;
    expect(strategies.items).toHaveLength(2);
    expect(
      (await admin.get(`/routing/strategies?cursor=${strategies.nextCursor}`)).body.nextCursor,
    ).toBeNull();
    const rules = (await admin.get('/routing/rules?limit=1')).body;
    expect(rules).toMatchObject({ nextCursor: null, faults: [], hints: expect.any(Array) });
  });

  test('[API-01] that is wrong is told what there is', async () => {
    const told = async (path: string) => (await admin.get(path)).body.errors;
    expect(await told('/teams?colour=red')).toEqual([
      {
        path: 'query.colour',
        message: 'is not known here',
        remedy: 'Remove it, or use one of: limit, cursor, search, sort.',
      },
    ]);
    expect(await told('/system?colour=red')).toEqual([
      { path: 'query.colour', message: 'is not known here', remedy: 'Remove it; nothing is taken here.' },
    ]);
  });
});

/** Counts up with each change, whatever it changes. */
function settled({ version: _version, changedAt: _changedAt, ...rest }: Record<string, unknown>) {
  return rest;
}
