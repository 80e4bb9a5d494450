import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApi, type TestApi } from '../../../test/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

const flowOf = (name: string, recording: string) => ({
  ...{ name, start: 'play', language: 'cs' },
  nodes: {
    play: { kind: 'play', recording, next: 'menu' },
    menu: { kind: 'menu', prompt: [], invalidPrompt: [{ recording }], keys: { 1: 'bye' }, otherwise: 'bye' },
    bye: { kind: 'end' },
  },
});

const places = ['nodes.menu.invalidPrompt.0.recording', 'nodes.play.recording'];
const pathsOf = (faults: { path: string }[]) => faults.map(({ path }) => path).toSorted();

describe('a flow that plays what is not there', () => {
  test('[IVR-04] is named at the step, and published when it is', async () => {
    const { admin } = api.as;
    const { body } = await admin.send('POST', '/ivr/flows', { body: flowOf('silent', 'never-spoken') });
    expect(pathsOf(body.faults)).toEqual(places);
    const publish = () => admin.send('POST', `/ivr/flows/${body.id}/publish`, { body: {} });
    const refused = await publish();
    expect(refused.status).toBe(400);
    expect(pathsOf(refused.body.errors)).toEqual(places);
    // In another language it is better than nothing.
    const folder = join(api.settings.dataDir, 'prompts', 'es');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'never-spoken.wav'), '');
    expect((await admin.get(`/ivr/flows/${body.id}`)).body.faults).toEqual([]);
    expect((await publish()).status).toBe(200);
  });

  test('[API-01] is applied with a warning by a document, which has no recordings', async () => {
    const document = JSON.stringify({ flows: [flowOf('applied', 'not-yet-spoken')] });
    const { status, body } = await api.as.admin.send('POST', '/configuration', { body: { document } });
    expect(status).toBe(200);
    expect(pathsOf(body.warnings)).toEqual(places.map((path) => `flows.0.${path}`));
  });
});
