import { heldBy } from '@crosspoint/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, createTestApi, type TestApi } from '../../../test/api.ts';
import { applyConfiguration, exportConfiguration } from '../configuration/index.ts';

let api: TestApi;
let admin: Caller;
beforeAll(async () => {
  api = await createTestApi();
  ({ admin } = api.as);
});
afterAll(() => api.close());

const desk = { kind: 'sip', address: '', enabled: true, ringSeconds: 20, confirmKey: null };
const mobile = { kind: 'external', address: '+420777000111', ringSeconds: 30, confirmKey: '5' };

describe('the endpoints of an agent', () => {
  test('[CAR-05] are stored in their order, and stay when an editor does not name them', async () => {
    const made = await admin.send('POST', '/agents', {
      body: { username: 'eva', name: 'Eva', endpoints: [mobile, desk], ringMode: 'in-order' },
    });
    expect(made.status, made.text).toBe(201);
    const stored = [{ ...mobile, enabled: true }, desk];
    expect(made.body).toMatchObject({ ringMode: 'in-order', endpoints: stored });
    const path = `/agents/${made.body.id}`;
    const kept = await admin.send('PUT', path, { body: { capacity: 2 } });
    expect(kept.body).toMatchObject({ capacity: 2, ringMode: 'in-order', endpoints: stored });
    const none = await admin.send('PUT', path, { body: { endpoints: [], ringMode: 'together' } });
    expect(none.body).toMatchObject({ ringMode: 'together', endpoints: [] });
    expect((await admin.get('/audit?action=agent.updated')).body.items[0]).toMatchObject({
      before: { endpoints: stored },
      after: { endpoints: [] },
    });
  });

  test('[CAR-05] have a number outside where they need one, and one key', async () => {
    const faultsOf = async (endpoint: object) => {
      const body = { username: 'nobody', name: 'Nobody', endpoints: [endpoint] };
      const answer = await admin.send('POST', '/agents', { body });
      expect(answer.status).toBe(400);
      return answer.body.errors.map((error: { path: string }) => error.path);
    };
    expect(await faultsOf({ kind: 'external', address: 'home' })).toEqual(['endpoints.0.address']);
    expect(await faultsOf({ ...mobile, confirmKey: '12' })).toEqual(['endpoints.0.confirmKey']);
    expect(await faultsOf({ ...desk, ringSeconds: 2 })).toEqual(['endpoints.0.ringSeconds']);
  });

  test('[CAR-05] are part of the configuration document, which changes nothing the second time', async () => {
    const text = JSON.stringify({
      agents: [{ username: 'ivo', endpoints: [desk, mobile], ringMode: 'in-order' }],
    });
    const options = {
      database: api.database,
      tenantId: api.centre.tenantId,
      dataDir: api.settings.dataDir,
      actor: { kind: 'cli' as const, userId: null, ip: null },
      held: heldBy('admin'),
      text,
      dryRun: false,
    };
    expect(await applyConfiguration(options)).toMatchObject({ ok: true, result: { changes: [{}] } });
    expect(await applyConfiguration(options)).toMatchObject({ ok: true, result: { changes: [] } });
    const { agents } = await exportConfiguration(options);
    expect(agents.find(({ username }) => username === 'ivo')).toMatchObject({
      ringMode: 'in-order',
      endpoints: [desk, mobile],
    });
  });
});
