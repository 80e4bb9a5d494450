import { type ContactFact, type ContactId, type QueueId, STREAM_CLOSE } from '@crosspoint/contracts';
import { beforeEach, describe, expect, test } from 'vitest';
import { FakeCentre, queueStats } from '../../../test/api.ts';
import { connectTo } from '../../../test/stream-socket.ts';
import { newId } from '../../platform/index.ts';
import { HEARTBEAT_MS } from './client.ts';
import { StreamHub } from './hub.ts';
import type { HubEvent } from './hub-event.ts';
import { Outbox, OUTBOX_LIMITS } from './outbox.ts';

const FIRST_SEQ = 1000;
const alerts = { lasting: () => [], listen: () => () => undefined };
const [served, unserved] = [newId() as QueueId, newId() as QueueId];
let centre: FakeCentre;
let hub: StreamHub;
let nowMs: number;

beforeEach(() => {
  nowMs = Date.parse('2026-11-21T08:00:00.000Z');
  centre = new FakeCentre();
  for (const id of [served, unserved]) centre.queues.set(id, queueStats(id));
  hub = new StreamHub(centre, FIRST_SEQ, alerts, () => FIRST_SEQ);
});

const connect = () => connectTo(hub, { tenantId: centre.tenantId, now: () => nowMs });

const queueChanged = (id: QueueId, waiting: number) =>
  centre.emit({ topic: 'queues', type: 'queue.changed', data: queueStats(id, { waiting }) }, nowMs);
const fact = (contactId: ContactId, seq: number, type: ContactFact['type']) => {
  const data = { contactId, seq, at: nowMs, type, data: {} } as ContactFact;
  centre.emit({ topic: 'contacts', type: 'contact.fact', data }, nowMs);
};

describe('a slow client', () => {
  test('[API-02] gets the newest state of each thing, every fact, and all in order', () => {
    const { socket, client } = connect();
    socket.says({ type: 'subscribe', topics: ['queues', 'contacts'] });
    socket.sent.length = 0;
    socket.bufferedAmount = OUTBOX_LIMITS.heldAboveBytes + 1;
    const contactId = newId() as ContactId;
    queueChanged(served, 1);
    fact(contactId, 1, 'contact.started');
    queueChanged(unserved, 1);
    queueChanged(served, 2);
    fact(contactId, 2, 'contact.closed');
    queueChanged(served, 3);
    client.flush();
    expect(socket.sent).toEqual([]);
    socket.bufferedAmount = 0;
    client.flush();
    expect(socket.sent.map((message) => message.data.waiting ?? `fact ${message.data.seq}`)).toEqual([
      'fact 1',
      1,
      'fact 2',
      3,
    ]);
    const numbers = socket.sent.map((message) => message.seq);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    queueChanged(served, 4);
    expect(socket.sent.at(-1)?.data.waiting).toBe(4);
  });

  test('[API-02] that never reads is given up with a code, and can resume', () => {
    const { socket, client } = connect();
    socket.says({ type: 'subscribe', topics: ['queues'] });
    socket.bufferedAmount = OUTBOX_LIMITS.heldAboveBytes + 1;
    queueChanged(served, 1);
    nowMs += OUTBOX_LIMITS.heldMsMax;
    client.flush();
    expect(socket.closed).toBeUndefined();
    nowMs += 1;
    client.flush();
    expect(socket.closed?.code).toBe(STREAM_CLOSE.slow);
    const again = connect();
    again.socket.says({ type: 'subscribe', topics: ['queues'], since: FIRST_SEQ });
    expect(again.socket.types).toEqual(['hello', 'queues queue.changed', 'subscribed']);
  });

  test('[API-02] holds at most so many facts', () => {
    const outbox = new Outbox({ bufferedAmount: Number.MAX_SAFE_INTEGER, send: () => undefined });
    const heldUntil = (count: number) => {
      while (outbox.heldCount < count) outbox.push({ seq: outbox.heldCount, stateKey: null } as HubEvent, 0);
      return outbox.flush(0);
    };
    expect(heldUntil(OUTBOX_LIMITS.heldEventsMax)).toBe('fine');
    expect(heldUntil(OUTBOX_LIMITS.heldEventsMax + 1)).toBe('slow');
  });
});

describe('a connection', () => {
  test('[API-02] that does not answer pings is dead', () => {
    const { socket, client } = connect();
    client.beat();
    socket.emit('pong');
    client.beat();
    expect(socket).toMatchObject({ pings: 2, terminated: false });
    client.beat();
    expect(socket.terminated).toBe(true);
  });

  test('[API-02] hears a heartbeat when nothing else happens', () => {
    const { socket, client } = connect();
    client.beat();
    socket.emit('pong');
    expect(socket.types).toEqual(['hello']);
    nowMs += HEARTBEAT_MS;
    client.beat();
    expect(socket.sent.at(-1)).toEqual({ type: 'heartbeat', seq: FIRST_SEQ, at: '2026-11-21T08:00:15.000Z' });
  });

  test('[API-02] measures the clock by ping', () => {
    const { socket } = connect();
    socket.says({ type: 'ping', id: 'a' });
    expect(socket.sent.at(-1)).toEqual({ type: 'pong', at: '2026-11-21T08:00:00.000Z', id: 'a' });
  });

  test.each([
    ['no json', 'The message is not JSON.'],
    ['', 'The message is not JSON.'],
    ['[]', 'The message is not an object.'],
    ['{"type":"subscribe"}', 'topics is missing.'],
    ['{"type":"subscribe","topics":["everything"]}', 'topics.0 is not one of the possible values.'],
    ['{"type":"subscribe","topics":["queues"],"since":-1}', 'since must be at least 0.'],
    ['{"type":"shout"}', 'type is not one of the possible values.'],
  ])('[API-02] that says %s is told what is wrong, and stays', (text, detail) => {
    const { socket } = connect();
    socket.says(text);
    expect(socket.sent.at(-1)).toMatchObject({ detail: expect.stringContaining(detail) });
    expect(socket.sent.at(-1)).toMatchObject({ type: 'error', code: 'validation-failed' });
    expect(socket.closed).toBeUndefined();
  });

  test('[OPS-05] that floods is closed', () => {
    const { socket } = connect();
    for (let count = 0; count < 60; count++) socket.says({ type: 'ping' });
    expect(socket.closed).toBeUndefined();
    socket.says({ type: 'ping' });
    expect(socket.closed?.code).toBe(STREAM_CLOSE.flood);
  });

  test('[API-02] that is closed listens no more', () => {
    const { socket } = connect();
    socket.says({ type: 'subscribe', topics: ['queues'] });
    socket.close(1000, '');
    socket.sent.length = 0;
    queueChanged(served, 1);
    expect(socket.sent).toEqual([]);
  });
});
