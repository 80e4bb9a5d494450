import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApi, type TestApi } from '../../../test/api.ts';
import { newId } from '../../platform/index.ts';

let api: TestApi;
let path: string;
beforeAll(async () => {
  api = await createTestApi();
  const flow = { name: 'main', start: 'bye', nodes: { bye: { kind: 'end' } } };
  path = `/ivr/flows/${(await api.as.admin.send('POST', '/ivr/flows', { body: flow })).body.id}/tests`;
});
afterAll(() => api.close());

describe('tests that are kept with a flow', () => {
  test('[IVR-06] are read with their defaults as they were written, and are none at first', async () => {
    expect((await api.as.supervisor.get(path)).body).toEqual({ tests: [] });
    const tests = [{ name: 'bye', steps: [{ waits: true }], expect: { ends: true } }];
    const stored = await api.as.admin.send('PUT', path, { body: { tests } });
    expect(stored.status, stored.text).toBe(200);
    const { body } = await api.as.supervisor.get(path);
    expect(body.tests).toMatchObject([{ ...tests[0], given: { caller: '+420555000111', dialled: '700' } }]);
    const again = await api.as.admin.send('PUT', path, { body });
    expect(again.body).toEqual(body);
  });

  test('[IVR-06] of two people who change them at once the second is told', async () => {
    const read = await api.as.admin.get(path);
    const headers = { 'if-match': String(read.headers['etag']) };
    const put = (name: string) => api.as.admin.send('PUT', path, { body: { tests: [{ name }] }, headers });
    expect((await put('mine')).status).toBe(200);
    expect(await put('theirs')).toMatchObject({ status: 412, body: { code: 'version-outdated' } });
  });

  test('[IVR-06] what is no test is refused where it stands, and a flow that is not there has none', async () => {
    const body = { tests: [{ name: 'x', steps: [{ keys: 'abc' }] }] };
    expect((await api.as.admin.send('PUT', path, { body })).body.errors[0].path).toContain('tests.0.steps.0');
    expect((await api.as.admin.get(`/ivr/flows/${newId()}/tests`)).status).toBe(404);
    expect((await api.as.agent.get(path)).status).toBe(403);
  });
});
