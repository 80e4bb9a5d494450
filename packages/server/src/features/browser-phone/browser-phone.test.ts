import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApi, type TestApi } from '../../../test/api.ts';

let api: TestApi;
const path = '/agents/me/browser-phone';
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

/** Somebody who takes calls, signed in by an API key. */
async function agent(username: string) {
  const caller = await api.addCaller({ username, role: 'agent' });
  const user = (await caller.get('/auth/me')).body.user;
  const made = await api.as.admin.send('PUT', `/agents/${user.id}`, { body: {} });
  expect(made.status, made.text).toBeLessThan(300);
  const take = (windowId: string, takeOver = false) =>
    caller.send('POST', path, { body: { windowId, takeOver } });
  return { id: user.id as string, caller, take };
}

describe('the telephone in the browser', () => {
  test('[CAR-03] a window gets a secret of its own, which is prolonged and never the password of the person', async () => {
    const { take, id } = await agent('browser-one');
    const first = await take('window-aaaa');
    expect(first.status, first.text).toBe(200);
    expect(first.headers['cache-control']).toBe('no-store');
    const { username, password, uri, expiresAt } = first.body;
    expect(uri).toBe(`sip:${username}@crosspoint.invalid`);
    expect(username).toMatch(/^b-[0-9a-f]{24}$/);
    expect(password.length).toBeGreaterThanOrEqual(32);
    expect(Date.parse(expiresAt) - api.clock.nowMs).toBe(600_000);
    api.clock.nowMs += 60_000;
    const again = await take('window-aaaa');
    expect(again.body).toMatchObject({ username, password });
    expect(Date.parse(again.body.expiresAt) - api.clock.nowMs).toBe(600_000);
    const audit = await api.as.admin.get('/audit?action=browser-phone.taken');
    expect(audit.body.items.filter((entry: { subjectId: string }) => entry.subjectId === id)).toHaveLength(1);
    expect(audit.text).not.toContain(password);
  });

  test('[CAR-03] one window is the telephone; another one takes it over only on purpose', async () => {
    const { take } = await agent('browser-two');
    const first = await take('window-aaaa');
    api.registered.add(first.body.username);
    api.clock.nowMs += 11_000;
    const refused = await take('window-bbbb');
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ code: 'command-refused', reason: 'phone-in-use' });
    const taken = await take('window-bbbb', true);
    expect(taken.status).toBe(200);
    expect(taken.body.username).not.toBe(first.body.username);
    expect(api.registered.has(first.body.username)).toBe(false);
    // The new one has not registered yet, and counts all the same.
    expect((await take('window-aaaa')).status).toBe(409);
    api.clock.nowMs += 10_001;
    expect((await take('window-aaaa')).status).toBe(200);
  });

  test('[CAR-03] a window gives it back, and only its own', async () => {
    const { take, caller } = await agent('browser-three');
    await take('window-aaaa');
    expect((await caller.send('DELETE', `${path}?windowId=window-bbbb`)).status).toBe(204);
    expect((await take('window-bbbb')).status).toBe(409);
    expect((await caller.send('DELETE', `${path}?windowId=window-aaaa`)).status).toBe(204);
    expect((await take('window-bbbb')).status).toBe(200);
  });

  test('[CAR-03] is refused to who takes no calls, and with a window that cannot be one', async () => {
    const body = { windowId: 'window-aaaa' };
    expect((await api.as.admin.send('POST', path, { body })).status).toBe(404);
    expect((await api.anonymous.send('POST', path, { body })).status).toBe(401);
    const { caller } = await agent('browser-four');
    const wrong = await caller.send('POST', path, { body: { windowId: 'a b' } });
    expect(wrong.body.errors[0]).toMatchObject({ path: 'windowId' });
  });
});
