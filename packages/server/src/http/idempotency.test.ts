import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApi, type TestApi } from '../../test/api.ts';
import { IdempotencyStore } from './idempotency.ts';

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

const addQueue = (name: string, key: string, who: 'admin' | 'supervisor' = 'admin') =>
  api.as[who].send('POST', '/queues', { body: { name }, headers: { 'idempotency-key': key } });

describe('Idempotency-Key', () => {
  test('[API-01] the same request twice does the thing once and answers the same', async () => {
    const first = await addQueue('once', 'key-1');
    const second = await addQueue('once', 'key-1');
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    expect(second.headers['etag']).toBe(first.headers['etag']);
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    expect(second.headers['idempotency-replayed']).toBe('true');
    const { body } = await api.as.admin.get('/queues?search=once');
    expect(body.items).toHaveLength(1);
  });

  test('[API-01] a refusal is repeated too', async () => {
    await addQueue('taken', 'key-2');
    const first = await addQueue('taken', 'key-3');
    const second = await addQueue('taken', 'key-3');
    expect([first.status, second.status]).toEqual([409, 409]);
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(second.headers['content-type']).toContain('application/problem+json');
  });

  test('[API-01] the key of another request is refused', async () => {
    await addQueue('third', 'key-4');
    const answer = await addQueue('fourth', 'key-4');
    expect(answer.status).toBe(422);
    expect(answer.body.code).toBe('idempotency-reused');
  });

  test('[API-01] keys of different users do not meet', async () => {
    const mine = await addQueue('mine', 'key-5');
    const yours = await addQueue('yours', 'key-5', 'supervisor');
    expect([mine.status, yours.status]).toEqual([201, 201]);
  });

  test('[API-01] after a day the key is free', async () => {
    await addQueue('yesterday', 'key-6');
    api.clock.nowMs += 24 * 3_600_000 + 1;
    expect((await addQueue('today', 'key-6')).status).toBe(201);
  });

  test('[API-01] a malformed key is refused', async () => {
    const answer = await addQueue('fifth', 'with space');
    expect(answer.body).toMatchObject({
      code: 'validation-failed',
      errors: [{ path: 'headers.idempotency-key' }],
    });
  });

  test('[OPS-05] the answer that shows an API key is not kept', async () => {
    const make = () =>
      api.as.admin.send('POST', '/api-keys', {
        body: { name: 'script', scopes: ['queues.read'] },
        headers: { 'idempotency-key': 'key-7' },
      });
    const [first, second] = [await make(), await make()];
    expect(second.body.key).not.toBe(first.body.key);
  });
});

describe('the store', () => {
  test('[API-01] says that the first request still runs', () => {
    const store = new IdempotencyStore();
    expect(store.begin('k', 'f', 0)).toBeNull();
    expect(() => store.begin('k', 'f', 1)).toThrow(expect.objectContaining({ code: 'idempotency-running' }));
    store.release('k');
    expect(store.begin('k', 'f', 2)).toBeNull();
  });

  test('[API-01] forgets the oldest above its limit', () => {
    const store = new IdempotencyStore(2);
    for (const key of ['a', 'b', 'c']) {
      store.begin(key, key, 0);
      store.finish(key, { status: 200, headers: {}, payload: key });
    }
    expect(store.begin('b', 'b', 1)?.payload).toBe('b');
    expect(store.begin('c', 'c', 1)?.payload).toBe('c');
    expect(store.begin('a', 'a', 1)).toBeNull();
  });
});
