import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestApi, type TestApi } from '../../../test/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

const board = { name: 'Hall', tiles: ['ready', 'waiting'], size: 'huge' };
const names = (answer: { body: { items: { name: string }[] } }) => answer.body.items.map(({ name }) => name);

test('[SUP-01] an arrangement is stored in its order, and read again by who made it', async () => {
  const { supervisor } = api.as;
  const made = await supervisor.send('POST', '/wallboards', { body: board });
  expect(made, made.text).toMatchObject({
    status: 201,
    body: { ...board, shared: false, queueIds: [], showQueues: true, owner: { id: supervisor.userId } },
  });
  const path = `/wallboards/${made.body.id}`;
  const headers = { 'if-match': String(made.headers['etag']) };
  const tiles = ['waiting', 'answered', 'ready'];
  expect((await supervisor.send('PUT', path, { body: { ...board, tiles }, headers })).body.tiles).toEqual(
    tiles,
  );
  expect((await supervisor.send('PUT', path, { body: board, headers })).status).toBe(412);
  const twice = await supervisor.send('PUT', path, { body: { ...board, tiles: ['ready', 'ready'] } });
  expect(twice).toMatchObject({ status: 400, body: { errors: [{ path: 'tiles' }] } });
  expect((await supervisor.send('DELETE', path)).status).toBe(204);
  expect((await supervisor.get(path)).status).toBe(404);
});

test('[SUP-01] others of the tenant look at it when it is shared, and never change it', async () => {
  const { supervisor, analyst, agent } = api.as;
  const { id } = (await supervisor.send('POST', '/wallboards', { body: board })).body;
  const path = `/wallboards/${id}`;
  expect((await analyst.get(path)).status).toBe(404);
  expect(names(await analyst.get('/wallboards'))).toEqual([]);
  await supervisor.send('PUT', path, { body: { ...board, shared: true } });
  expect((await analyst.get(path)).body).toMatchObject({ name: 'Hall', size: 'huge' });
  expect(names(await analyst.get('/wallboards'))).toEqual(['Hall']);
  expect((await analyst.send('PUT', path, { body: board })).status).toBe(403);
  expect((await analyst.send('DELETE', path)).status).toBe(403);
  expect((await agent.get(path)).status).toBe(403);
  const tenantId = await api.addTenant('elsewhere');
  const foreign = await api.addCaller({ username: 'foreign', role: 'admin', tenantId });
  expect((await foreign.get(path)).status).toBe(404);
});

test('[SUP-01] nobody keeps more than fifty', async () => {
  const { admin } = api.as;
  for (let count = 0; count < 50; count++)
    expect((await admin.send('POST', '/wallboards', { body: board })).status).toBe(201);
  expect(await admin.send('POST', '/wallboards', { body: board })).toMatchObject({
    status: 409,
    body: { code: 'command-refused' },
  });
});
