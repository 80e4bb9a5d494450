import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type QueueId, STREAM_CLOSE } from '@crosspoint/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Caller, createTestApi, queueStats, type TestApi } from '../../../test/api.ts';
import { newId } from '../../platform/index.ts';

let api: TestApi;
let url: string;
beforeAll(async () => {
  api = await createTestApi();
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  url = `ws://127.0.0.1:${(api.app.server.address() as AddressInfo).port}/api/v1/stream`;
});
afterAll(() => api.close());

/** Reads messages one after the other, as they come. */
function open(headers: Record<string, string>) {
  const socket = new WebSocket(url, { headers });
  const messages: { type: string; topic?: string; data?: unknown }[] = [];
  const waiting: (() => void)[] = [];
  socket.on('message', (data) => {
    messages.push(JSON.parse(String(data)));
    waiting.shift()?.();
  });
  const next = async () => {
    if (messages.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    return messages.shift();
  };
  return { socket, next };
}

/** The status with which an upgrade is refused. */
async function refusal(headers: Record<string, string>): Promise<number | undefined> {
  const socket = new WebSocket(url, { headers });
  socket.on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode?: number }];
  return response.statusCode;
}

async function cookieOf(caller: Caller): Promise<string> {
  const { body } = await caller.get('/auth/me');
  const answer = await api.anonymous.send('POST', '/auth/login', {
    body: { username: body.user.username, password: 'a-password-for-tests' },
  });
  return String(answer.headers['set-cookie']).split(';')[0] ?? '';
}

describe('the connection to the stream', () => {
  test('[API-02] opens with a key or a cookie, and carries events', async () => {
    const { host } = new URL(url);
    for (const headers of [
      api.as.supervisor.headers,
      { cookie: await cookieOf(api.as.supervisor), origin: `http://${host}` },
    ]) {
      const { socket, next } = open(headers);
      expect(await next()).toMatchObject({ type: 'hello' });
      socket.send(JSON.stringify({ type: 'subscribe', topics: ['queues'] }));
      expect(await next()).toMatchObject({ type: 'snapshot' });
      expect(await next()).toMatchObject({ type: 'subscribed' });
      const queueId = newId() as QueueId;
      api.centre.emit({ topic: 'queues', type: 'queue.changed', data: queueStats(queueId) });
      expect(await next()).toMatchObject({ topic: 'queues', data: { queueId } });
      socket.close();
      await once(socket, 'close');
    }
  });

  test('[OPS-05] is refused without credentials, to another site, and without the permission', async () => {
    expect(await refusal({})).toBe(401);
    expect(await refusal({ cookie: await cookieOf(api.as.supervisor), origin: 'https://evil.example' })).toBe(
      403,
    );
    const narrow = await api.addCaller({ username: 'narrow', role: 'admin', scopes: ['queues.read'] });
    expect(await refusal(narrow.headers)).toBe(403);
  });

  test('[OPS-05] is refused above the limit of one user', async () => {
    const sockets = Array.from({ length: 500 }, () => open(api.as.analyst.headers));
    for (const { next } of sockets) await next();
    expect(await refusal(api.as.analyst.headers)).toBe(503);
    const closed = sockets.map(({ socket }) => once(socket, 'close'));
    for (const { socket } of sockets) socket.close();
    await Promise.all(closed);
  });

  test('[OPS-05] a message that is too long closes it', async () => {
    const { socket, next } = open(api.as.admin.headers);
    await next();
    socket.send('x'.repeat(20_000));
    const [code] = await once(socket, 'close');
    expect(code).toBe(1009);
  });

  test('[API-02] is of another tenant only when its centre runs here', async () => {
    const tenantId = await api.addTenant('elsewhere');
    const foreign = await api.addCaller({ username: 'x', role: 'admin', tenantId });
    expect(await refusal(foreign.headers)).toBe(503);
  });

  test('[API-04] ends when an administrator ends the session, or the role changes', async () => {
    const leaver = await api.addCaller({ username: 'leaver', role: 'supervisor' });
    const { admin } = api.as;
    const headers = { cookie: await cookieOf(leaver), origin: `http://${new URL(url).host}` };
    const { socket, next } = open(headers);
    await next();
    const sessions = (await admin.get(`/users/${leaver.userId}/sessions`)).body.items;
    expect(sessions).toMatchObject([{ current: false, ip: '127.0.0.1' }]);
    const stays = open(api.as.supervisor.headers);
    await stays.next();
    const closed = once(socket, 'close', { signal: AbortSignal.timeout(60_000) });
    const path = `/users/${leaver.userId}/sessions/${sessions[0].id}`;
    expect((await admin.send('DELETE', path)).status).toBe(204);
    expect((await closed)[0]).toBe(STREAM_CLOSE.unauthenticated);
    expect(await refusal(headers)).toBe(401);
    expect((await admin.send('DELETE', path)).status).toBe(404);
    expect((await admin.get('/audit?limit=1')).body.items[0]).toMatchObject({
      ...{ action: 'user.sessions-ended', subjectId: leaver.userId, after: { count: 1 } },
    });
    const byKey = open(leaver.headers);
    await byKey.next();
    const ended = once(byKey.socket, 'close', { signal: AbortSignal.timeout(60_000) });
    const body = { username: 'leaver', name: 'Leaver', role: 'analyst' };
    await admin.send('PUT', `/users/${leaver.userId}`, { body });
    expect((await ended)[0]).toBe(STREAM_CLOSE.unauthenticated);
    expect(stays.socket.readyState).toBe(WebSocket.OPEN);
    stays.socket.close();
  });

  test('[TEAM-03] shows what another team has from the moment in which one belongs to it', async () => {
    const { admin } = api.as;
    const mover = await api.addCaller({ username: 'mover', role: 'supervisor' });
    const made = async (path: string, body: object): Promise<string> =>
      (await admin.send('POST', path, { body })).body.id;
    const [from, to] = [
      await made('/teams', { name: 'from', memberIds: [mover.userId] }),
      await made('/teams', { name: 'to' }),
    ];
    const queueId = (await made('/queues', { name: 'of the other', teamId: to })) as QueueId;
    api.centre.queues.set(queueId, queueStats(queueId));
    const { socket, next } = open(mover.headers);
    await next();
    socket.send(JSON.stringify({ type: 'subscribe', topics: ['queues'] }));
    expect(await next()).toMatchObject({ type: 'snapshot', data: [] });
    expect(await next()).toMatchObject({ type: 'subscribed' });
    api.centre.emit({ topic: 'queues', type: 'queue.changed', data: queueStats(queueId, { waiting: 1 }) });
    const body = { name: 'to', memberIds: [mover.userId] };
    expect((await admin.send('PUT', `/teams/${to}`, { body })).status).toBe(200);
    // The first that is heard after the change of the team, not the event before it.
    expect(await next()).toMatchObject({ type: 'reset' });
    expect(await next()).toMatchObject({ type: 'snapshot', data: [{ queueId }] });
    expect(await next()).toMatchObject({ type: 'subscribed' });
    expect((await admin.send('DELETE', `/teams/${from}`)).status).toBe(204);
    api.centre.queues.delete(queueId);
    socket.close();
    await once(socket, 'close');
  });

  test('[API-02] is closed with a code when the server stops', async () => {
    const { socket, next } = open(api.as.admin.headers);
    await next();
    const closed = once(socket, 'close');
    await api.app.close();
    const [code] = await closed;
    expect(code).toBe(1012);
  });
});
