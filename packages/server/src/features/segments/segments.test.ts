import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, createTestApi, type TestApi } from '../../../test/api.ts';

let api: TestApi;
let admin: Caller;
beforeAll(async () => {
  api = await createTestApi();
  ({ admin } = api.as);
});
afterAll(() => api.close());

describe('segments of customers', () => {
  test('[RTE-05] are written, read, replaced and deleted, each with its entry in the audit log', async () => {
    const body = { name: 'VIP', numbers: ['+420 777-000-111', '+420777000111', '+4207770002*'] };
    const created = await admin.send('POST', '/segments', { body });
    expect(created.status, created.text).toBe(201);
    expect(created.body).toMatchObject({
      ...{ name: 'VIP', numbers: ['+420777000111', '+4207770002*'], contacts: null, usedBy: [] },
    });
    const path = `/segments/${created.body.id}`;
    const headers = { 'if-match': String(created.headers['etag']) };
    const contacts = { countMin: 3, days: 7 };
    const replaced = await admin.send('PUT', path, { body: { name: 'VIP', contacts }, headers });
    expect(replaced, replaced.text).toMatchObject({ status: 200, body: { numbers: [], contacts } });
    expect((await admin.send('PUT', path, { body, headers })).status).toBe(412);
    expect((await admin.get('/audit?limit=1')).body.items[0]).toMatchObject({ action: 'segment.updated' });
    expect((await admin.send('DELETE', path)).status).toBe(204);
    expect((await admin.get(path)).status).toBe(404);
  });

  test.each([
    ['a word for a number', { name: 'wrong', numbers: ['+420777', 'alice'] }, 'numbers.1'],
    ['a star in the middle', { name: 'wrong', numbers: ['+42*777'] }, 'numbers.0'],
    ['31 days', { name: 'wrong', contacts: { countMin: 1, days: 31 } }, 'contacts.days'],
    ['a comma in its name', { name: 'a, b' }, 'name'],
  ])('[RTE-05] with %s is refused with the place', async (_what, body, path) => {
    const refused = await admin.send('POST', '/segments', { body });
    expect(refused, refused.text).toMatchObject({ status: 400, body: { code: 'validation-failed' } });
    expect(refused.body.errors).toMatchObject([{ path }]);
  });

  test('[RTE-01 QUE-03] keep their name while a rule or a queue names them, and have to be there', async () => {
    const created = await admin.send('POST', '/segments', { body: { name: 'named' } });
    const path = `/segments/${created.body.id}`;
    const priorityRules = [{ segments: ['named'], priority: 7 }];
    const queue = await admin.send('POST', '/queues', { body: { name: 'asks', priorityRules } });
    expect(queue.status, queue.text).toBe(201);
    const when = { field: 'segment', is: 'one-of', values: ['named'] };
    const rule = { name: 'of the segment', when, targets: [{ to: { queue: 'asks' } }] };
    expect((await admin.send('POST', '/routing/rules', { body: rule })).status).toBe(201);
    expect((await admin.get(path)).body.usedBy).toEqual([
      { kind: 'queue', name: 'asks' },
      { kind: 'rule', name: 'of the segment' },
    ]);
    expect(await admin.send('DELETE', path)).toMatchObject({ status: 409, body: { code: 'in-use' } });
    const unknown = { name: 'asks more', priorityRules: [{ segments: ['nobody'], priority: 7 }] };
    const refused = await admin.send('POST', '/queues', { body: unknown });
    expect(refused.body.errors).toMatchObject([{ path: 'priorityRules.0.segments', value: 'nobody' }]);
    const lost = { ...rule, name: 'lost', when: { ...when, values: ['nobody'] } };
    await admin.send('POST', '/routing/rules', { body: lost });
    const { faults } = (await admin.get('/routing/rules')).body;
    expect(faults).toMatchObject([{ path: 'items.1.when.values.0' }]);
  });

  test('[API-04] are read by analysts and changed by supervisors', async () => {
    const { analyst, agent, supervisor } = api.as;
    expect((await analyst.get('/segments')).status).toBe(200);
    expect((await agent.get('/segments')).status).toBe(403);
    const body = { name: 'of analysts' };
    expect((await analyst.send('POST', '/segments', { body })).status).toBe(403);
    expect((await supervisor.send('POST', '/segments', { body })).status).toBe(201);
  });
});
