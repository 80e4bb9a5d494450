import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestApi, type TestApi } from '../../../test/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

const flow = (seconds: number) => ({
  ...{ name: 'again', start: 'menu' },
  nodes: {
    menu: { kind: 'menu', prompt: [], timeoutSeconds: seconds, keys: { 1: 'bye' }, otherwise: 'bye' },
    bye: { kind: 'end' },
  },
});
const entriesOf = async (action: string): Promise<number> =>
  (await api.as.admin.get(`/audit?action=${action}`)).body.items.length;

test('[IVR-05] a flow that has not changed since makes no other version, and one out of service comes back as it was', async () => {
  const { admin } = api.as;
  const { id } = (await admin.send('POST', '/ivr/flows', { body: flow(5) })).body;
  const publish = async () => (await admin.send('POST', `/ivr/flows/${id}/publish`, { body: {} })).body;
  const versions = async () => (await admin.get(`/ivr/flows/${id}/versions`)).body.items.length;
  expect(await publish()).toMatchObject({ version: 1, state: 'published', hasChanges: false });
  expect(await publish()).toMatchObject({ version: 1, state: 'published' });
  expect([await versions(), await entriesOf('flow.published')]).toEqual([1, 1]);
  await admin.send('POST', `/ivr/flows/${id}/archive`, { body: {} });
  expect(await publish()).toMatchObject({ version: 1, state: 'published' });
  expect([await versions(), await entriesOf('flow.published')]).toEqual([1, 2]);
  await admin.send('PUT', `/ivr/flows/${id}`, { body: flow(6) });
  expect(await publish()).toMatchObject({ version: 2, hasChanges: false });
});

test('[RTE-05] rules that have not changed since make no other version', async () => {
  const { admin } = api.as;
  const publish = async () => (await admin.send('POST', '/routing/rules/publish', { body: {} })).body;
  await admin.send('POST', '/routing/rules', { body: { name: 'end', targets: [{ to: { end: true } }] } });
  expect(await publish()).toMatchObject({ version: 1, hasChanges: false });
  expect(await publish()).toMatchObject({ version: 1 });
  expect(await entriesOf('routing-rules.published')).toBe(1);
});
