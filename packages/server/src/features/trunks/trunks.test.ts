import { TrunkSettings, type TrunkId } from '@crosspoint/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, createTestApi, type TestApi } from '../../../test/api.ts';
import { SecretBox } from '../../platform/index.ts';
import { openTrunk, readStoredTrunk, sealTrunk } from './stored.ts';

let api: TestApi;
let admin: Caller;
beforeAll(async () => {
  api = await createTestApi();
  ({ admin } = api.as);
});
afterAll(() => api.close());

const register = { username: 'acme', password: 'trunk-secret', domain: 'sip.example.com' };
const create = async (body: object) => {
  const answer = await admin.send('POST', '/trunks', { body });
  expect(answer.status, answer.text).toBe(201);
  return answer;
};
const storedText = () =>
  api.database.inTenant(api.centre.tenantId, async (transaction) =>
    JSON.stringify([
      await transaction.selectFrom('trunks').selectAll().execute(),
      await transaction.selectFrom('audit_log').selectAll().execute(),
    ]),
  );

describe('trunks over the API', () => {
  test('[CAR-01] are made with defaults, read, replaced and deleted, each change in the audit log', async () => {
    const made = await create({ name: 'carrier-a', host: 'sip.example.com', register });
    expect(made.body).toMatchObject({
      name: 'carrier-a',
      transport: 'udp',
      keepAliveSeconds: 30,
      register: { username: 'acme', hasPassword: true, expirySeconds: 3600 },
      authentication: null,
      numbering: { country: null, send: 'e164' },
      identity: { trusted: false, anonymous: 'accept' },
      outgoing: { enabled: true, order: 100 },
      live: null,
    });
    expect(made.text).not.toContain('trunk-secret');
    const path = `/trunks/${made.body.id}`;
    const wanted = { name: 'carrier-a', host: '192.0.2.10', numbering: { country: 'CZ' } };
    const outdated = await admin.send('PUT', path, { body: wanted, headers: { 'if-match': '"other"' } });
    expect(outdated).toMatchObject({ status: 412 });
    const headers = { 'if-match': String(made.headers['etag']) };
    const replaced = await admin.send('PUT', path, { body: wanted, headers });
    expect(replaced, replaced.text).toMatchObject({
      status: 200,
      body: { host: '192.0.2.10', register: null, numbering: { country: 'CZ' } },
    });
    expect((await admin.get('/audit?action=trunk.updated')).body.items[0]).toMatchObject({
      before: { host: 'sip.example.com' },
      after: { host: '192.0.2.10' },
    });
    expect((await admin.send('DELETE', path)).status).toBe(204);
    expect((await admin.get(path)).status).toBe(404);
  });

  test('[OPS-05] store their passwords sealed, show them to nobody, and keep one that is not sent again', async () => {
    const authentication = { username: 'calls', password: 'other-secret' };
    const made = await create({ name: 'sealed', host: 'sip.example.com', register, authentication });
    const { password: _password, ...kept } = register;
    const again = await admin.send('PUT', `/trunks/${made.body.id}`, {
      body: { name: 'sealed', host: 'sip.example.com', register: kept },
    });
    expect(again.body.register).toMatchObject({ hasPassword: true });
    expect(await storedText()).not.toMatch(/trunk-secret|other-secret/);
    const row = await api.database.inTenant(api.centre.tenantId, (transaction) =>
      transaction
        .selectFrom('trunks')
        .select('settings')
        .where('name', '=', 'sealed')
        .executeTakeFirstOrThrow(),
    );
    const opened = openTrunk(readStoredTrunk(row.settings), SecretBox.open(api.settings.dataDir));
    expect(opened.register?.password).toBe('trunk-secret');
    expect(opened.authentication).toBeUndefined();
  });

  test('[CAR-01] refuse what cannot work, with field and remedy', async () => {
    const faultsOf = async (body: object) => {
      const answer = await admin.send('POST', '/trunks', { body: { name: 'x', host: 'h', ...body } });
      expect(answer.status).toBe(400);
      return answer.body.errors.map((error: { path: string }) => error.path);
    };
    expect(await faultsOf({ match: ['10.0.0.0/8', '300.1.1.1/8'] })).toEqual(['match.1']);
    expect(await faultsOf({ numbering: { country: 'QQ' } })).toEqual(['numbering.country']);
    expect(await faultsOf({ numbering: { send: 'national' } })).toEqual(['numbering.send']);
    expect(await faultsOf({ keepAliveSeconds: 2 })).toEqual(['keepAliveSeconds']);
    const taken = { name: 'sealed', host: 'h' };
    expect(await admin.send('POST', '/trunks', { body: taken })).toMatchObject({
      status: 409,
      body: { code: 'name-taken' },
    });
  });

  test('[TEAM-03] are changed by administrators and seen by supervisors only', async () => {
    const { supervisor, agent, analyst } = api.as;
    expect((await supervisor.get('/trunks')).status).toBe(200);
    expect((await agent.get('/trunks')).status).toBe(403);
    expect((await analyst.get('/trunks')).status).toBe(403);
    expect((await supervisor.send('POST', '/trunks', { body: { name: 'y', host: 'h' } })).status).toBe(403);
  });

  test('[CAR-01] show their state, and are tested on demand', async () => {
    const { body } = await create({ name: 'alive', host: '192.0.2.1' });
    const live = {
      id: body.id as TrunkId,
      state: 'unreachable' as const,
      since: '2026-11-21T08:00:00.000Z',
      code: 408,
      reason: 'no answer within 5 s',
      server: '',
      expiresAt: null,
      nextAttemptAt: null,
      roundTripMs: null,
      calls: { incoming: 0, outgoing: 0 },
    };
    api.centre.trunksById.set(live.id, live);
    expect((await admin.get(`/trunks/${body.id}`)).body.live).toEqual(live);
    expect((await admin.get('/trunks?search=alive')).body.items[0].live).toEqual(live);
    expect(await admin.send('POST', `/trunks/${body.id}/test`)).toMatchObject({
      status: 409,
      body: { reason: 'trunk-off' },
    });
    api.centre.trunkTest = {
      reachable: true,
      status: 200,
      reason: '200 OK',
      server: '192.0.2.1:5060/udp',
      roundTripMs: 12,
    };
    expect((await admin.send('POST', `/trunks/${body.id}/test`)).body).toEqual(api.centre.trunkTest);
  });
});

describe('stored settings', () => {
  test('[CAR-01] of an earlier version take the defaults of what it did not know', () => {
    const stored = readStoredTrunk({ host: 'h', port: 5060, transport: 'udp', match: [] });
    expect(stored).toEqual(TrunkSettings.parse({ host: 'h', port: 5060 }));
  });

  test('[OPS-05] that are sealed again with the same password do not change', () => {
    const box = SecretBox.open(api.settings.dataDir);
    const wanted = TrunkSettings.parse({ host: 'h', register });
    const first = sealTrunk(wanted, undefined, box);
    expect(sealTrunk(wanted, first, box)).toEqual(first);
    const other = { ...wanted, register: { ...register, expirySeconds: 60, password: 'new' } };
    expect(sealTrunk(other, first, box).register?.sealedPassword).not.toBe(first.register?.sealedPassword);
  });
});
