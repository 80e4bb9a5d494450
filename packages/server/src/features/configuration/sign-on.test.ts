import { heldBy, type HeldPermissions, type TenantId } from '@crosspoint/contracts';
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
const secret = 'a-secret-of-the-client';

const apply = (text: string, held: HeldPermissions = heldBy('admin'), dryRun = false) => {
  const actor = { kind: 'cli', userId: null, ip: null } as const;
  const { dataDir } = api.settings;
  return applyConfiguration({ database: api.database, tenantId, dataDir, actor, held, text, dryRun });
};
const provider = (more = '') => `
singleSignOn:
  enabled: true
  name: Acme
  issuer: https://id.example
  clientId: centre
  consoleUrl: https://centre.example
  ${more}
`;
const fieldsOf = async (text: string): Promise<string[]> => {
  const outcome = await apply(text);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.errors));
  return outcome.result.changes.flatMap(({ subject, fields }) =>
    fields.map(({ path }) => `${subject} ${path}`),
  );
};
const stored = async () => (await api.as.admin.get('/auth/single-sign-on')).body;

test('[API-04] a document chooses the provider of single sign-on, keeps its secret, and shows it to nobody', async () => {
  const roles = 'roles: [ { name: Auditor, permissions: { audit.read: all } } ]';
  const groups = 'groups: [ { group: audit, role: custom, customRole: Auditor } ]';
  const changed = await fieldsOf(`${roles}${provider(`clientSecret: ${secret}\n  ${groups}`)}`);
  expect(changed).toContain('single-sign-on clientSecret');
  const { items } = (await api.as.admin.get('/roles?search=Auditor')).body;
  const group = { group: 'audit', role: 'custom', customRoleId: items[0].id };
  expect(await stored()).toMatchObject({ enabled: true, hasSecret: true, groups: [group] });

  expect(await fieldsOf(provider(`clientSecret: ${secret}\n  ${groups}`))).toEqual([]);
  expect(await fieldsOf(provider(groups))).toEqual([]);
  expect(await fieldsOf('teams: []')).toEqual([]);
  const document = await exportConfiguration({ database: api.database, tenantId });
  expect(document.singleSignOn?.groups).toEqual([{ group: 'audit', role: 'custom', customRole: 'Auditor' }]);
  expect(JSON.stringify(document)).not.toContain(secret);
  const { items: audited } = (await api.as.admin.get('/audit?limit=50')).body;
  expect(JSON.stringify(audited)).not.toContain(secret);

  // Another client is somebody else, whose secret is not known.
  expect(await fieldsOf(provider(groups).replace('clientId: centre', 'clientId: other'))).toEqual([
    'single-sign-on clientId',
  ]);
  expect(await stored()).toMatchObject({ clientId: 'other', hasSecret: false });
});

test('[API-04] a provider without encryption, and roles that nobody knows, are refused with line and column', async () => {
  const faults = async (text: string) => {
    const outcome = await apply(text);
    return outcome.ok ? [] : outcome.errors;
  };
  expect(await faults(provider().replace('https://id', 'http://id'))).toMatchObject([
    { path: 'singleSignOn.issuer', line: 5, column: 11 },
  ]);
  expect(await faults(provider('otherwise: { role: custom, customRole: Nobody }'))).toMatchObject([
    { path: 'singleSignOn.otherwise.customRole', message: 'names no role', line: 8 },
  ]);
  expect(await faults(provider('groups: [ { group: a, role: custom } ]'))).toMatchObject([
    { path: 'singleSignOn.groups.0.customRole', line: 8 },
  ]);
});

test('[API-04] nobody lets a provider give, or take over, more than the own permissions', async () => {
  const held: HeldPermissions = { 'configuration.write': 'all', 'configuration.read': 'all' };
  const beyond = async (more: string) => {
    const outcome = await apply(provider(more), held, true);
    return outcome.ok ? [] : outcome.errors.map(({ path }) => path);
  };
  for (const more of [
    'otherwise: { role: admin }',
    'groups: [ { group: a, role: agent } ]',
    'adoptUsers: true',
  ]) {
    expect(await beyond(more)).toEqual(['singleSignOn']);
  }
  expect(await beyond('createUsers: true')).toEqual([]);
});
