import { heldBy, type TenantId } from '@crosspoint/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestApi, type TestApi } from '../../../test/api.ts';
import { DEFAULT_TENANT_ID } from '../../platform/index.ts';
import { applyConfiguration, exportConfiguration } from './index.ts';

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

const tenantId = DEFAULT_TENANT_ID as TenantId;
const apply = (text: string) => {
  const actor = { kind: 'cli', userId: null, ip: null } as const;
  const { dataDir } = api.settings;
  const held = heldBy('admin');
  return applyConfiguration({ database: api.database, tenantId, dataDir, actor, held, text, dryRun: false });
};

test('[QUE-12] [API-01] the time zone in which the day of the centre begins can be chosen, by those who may', async () => {
  expect((await api.as.admin.get('/centre')).body).toEqual({ timeZone: 'UTC' });
  const changed = await api.as.admin.send('PUT', '/centre', { body: { timeZone: 'Europe/Prague' } });
  expect(changed).toMatchObject({ status: 200, body: { timeZone: 'Europe/Prague' } });
  expect((await api.as.admin.get('/auth/me')).body.tenant).toMatchObject({ timeZone: 'Europe/Prague' });
  const { items } = (await api.as.admin.get('/audit?limit=1')).body;
  expect(items[0]).toMatchObject({ action: 'centre.updated', after: { timeZone: 'Europe/Prague' } });

  const wrong = await api.as.admin.send('PUT', '/centre', { body: { timeZone: 'Europe/Nowhere' } });
  expect(wrong).toMatchObject({ status: 400, body: { errors: [{ path: 'timeZone' }] } });
  expect((await api.as.supervisor.send('PUT', '/centre', { body: { timeZone: 'UTC' } })).status).toBe(403);
});

test('[QUE-12] [API-04] a document says the zone of the centre, and one that does not leaves it', async () => {
  const zone = async () => (await exportConfiguration({ database: api.database, tenantId })).centre?.timeZone;
  const outcome = await apply('centre: { timeZone: America/New_York }');
  const field = { path: 'timeZone', after: 'America/New_York' };
  expect(outcome).toMatchObject({ ok: true, result: { changes: [{ subject: 'centre', fields: [field] }] } });
  expect(await apply('centre: { timeZone: America/New_York }')).toMatchObject({ result: { changes: [] } });
  await apply('teams: []');
  expect(await zone()).toBe('America/New_York');
  expect(await apply('centre:\n  timeZone: Europe/Nowhere')).toMatchObject({
    ...{ ok: false, errors: [{ path: 'centre.timeZone', line: 2, message: 'is not a known time zone' }] },
  });
});
