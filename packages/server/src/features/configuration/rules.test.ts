import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, createTestApi, type TestApi } from '../../../test/api.ts';

let api: TestApi;
let admin: Caller;
beforeAll(async () => {
  api = await createTestApi();
  ({ admin } = api.as);
});
afterAll(() => api.close());

const apply = (document: string) => admin.send('POST', '/configuration', { body: { document } });
const changes = async (document: string) => {
  const answer = await apply(document);
  expect(answer.status, answer.text).toBe(200);
  return answer.body.changes;
};
const exported = async () =>
  (await admin.send('GET', '/configuration', { headers: { accept: 'application/yaml' } })).text;

const RULES = `
queues: [ { name: sales }, { name: support } ]
calendars: [ { name: office, hours: { timeZone: Europe/Prague, week: { monday: [ { from: "08:00", to: "17:00" } ] } } } ]
rules:
  - name: closed
    when: { not: { field: hours, hours: { calendar: office }, is: open } }
    targets: [ { to: { number: "+420222333444" } } ]
  - name: czech
    when: { all: [ { field: country, is: one-of, values: [CZ] }, { field: queue, queue: sales, figure: ready, is: at-least, value: 1 } ] }
    targets: [ { to: { queue: sales, priority: 2 }, weight: 3 }, { to: { queue: support } } ]
    fallbacks: [ { queue: support } ]
    share: 50
    validFrom: "2026-01-01T00:00:00Z"
  - { name: rest, targets: [ { to: { queue: support } } ] }
`;

describe('rules in the document', () => {
  test('[RTE-07] are published as they stand, and come back the same from the export', async () => {
    expect(await exported()).not.toContain('rules:');
    expect(await changes(RULES)).toContainEqual(
      expect.objectContaining({ action: 'create', subject: 'rules', name: 'rules' }),
    );
    const draft = (await admin.get('/routing/rules')).body;
    expect(draft).toMatchObject({ version: 1, hasChanges: false, faults: [] });
    expect(draft.items.map(({ name }: { name: string }) => name)).toEqual(['closed', 'czech', 'rest']);
    const yaml = await exported();
    expect(await changes(yaml)).toEqual([]);
    expect(await changes(RULES)).toEqual([]);
    expect(await exported()).toBe(yaml);
  });

  test('[RTE-07] changed and moved ones make a new version and keep their ids; absent ones stay', async () => {
    const before = (await admin.get('/routing/rules')).body.items;
    const moved = RULES.replace('share: 50', 'share: 60').replace('name: closed', 'name: shut');
    const [change] = await changes(moved);
    expect(change).toMatchObject({ action: 'update', subject: 'rules' });
    expect(change.fields.map(({ path }: { path: string }) => path)).toEqual([
      ...['closed', 'czech', 'shut', 'order'],
    ]);
    const after = (await admin.get('/routing/rules')).body;
    expect(after).toMatchObject({ version: 2, hasChanges: false });
    expect(after.items[1].id).toBe(before[1].id);
    expect(await changes('queues: [ { name: third } ]')).toHaveLength(1);
    expect((await admin.get('/routing/rules')).body).toEqual(after);
    expect((await admin.get('/audit?limit=10')).body.items).toContainEqual(
      expect.objectContaining({ action: 'rules.updated', subjectId: null }),
    );
  });

  test('[RTE-07] that name what is not there are refused with the place', async () => {
    const answer = await apply(`
rules:
  - { name: a, targets: [ { to: { queue: nowhere } } ] }
  - { name: a, targets: [ { to: { end: true } } ] }
`);
    expect(answer).toMatchObject({ status: 422, body: { code: 'configuration-invalid' } });
    expect(answer.body.errors).toMatchObject([
      { path: 'rules.0.targets.0.to.queue', line: 3 },
      { path: 'rules.1.name', line: 4 },
    ]);
  });

  test('[RTE-07] an empty list takes all of them away', async () => {
    expect(await changes('rules: []')).toHaveLength(1);
    expect((await admin.get('/routing/rules')).body).toMatchObject({ items: [], version: 3 });
    expect(await exported()).toContain('rules: []');
  });
});
