import type { StreamServerMessage } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { createStream, retryDelayMs, type StreamSocket, type StreamState } from './stream.ts';

type Heard = Parameters<StreamSocket['listen']>[0];

/** A world without network: sockets that the test opens and closes, and a clock that it moves. */
function world() {
  let now = 1_000_000;
  const timers = new Map<number, { at: number; act: () => void }>();
  const sockets: { sent: unknown[]; heard: Heard | null; closed: boolean }[] = [];
  const states: StreamState[] = [];
  const messages: StreamServerMessage[] = [];
  let lastTimer = 0;
  const stream = createStream({
    topics: ['queues', 'agents'],
    now: () => now,
    draw: () => 1,
    onmessage: (message) => messages.push(message),
    onstate: (state) => states.push(state),
    after(delayMs, act) {
      lastTimer += 1;
      const id = lastTimer;
      timers.set(id, { at: now + delayMs, act });
      return () => timers.delete(id);
    },
    open() {
      const socket = { sent: [] as unknown[], heard: null as Heard | null, closed: false };
      sockets.push(socket);
      return {
        send: (text) => socket.sent.push(JSON.parse(text)),
        close: () => {
          socket.closed = true;
        },
        listen: (heard) => {
          socket.heard = heard;
        },
        silence: () => {
          socket.heard = null;
        },
      };
    },
  });
  const pass = (ms: number): void => {
    const end = now + ms;
    for (;;) {
      const due = [...timers].filter(([, timer]) => timer.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      now = due[1].at;
      timers.delete(due[0]);
      due[1].act();
    }
    now = end;
  };
  const socket = () => {
    const last = sockets.at(-1);
    if (!last) throw new Error('no socket was opened');
    return last;
  };
  const say = (message: object): void =>
    socket().heard?.message(JSON.stringify({ at: '2026-11-21T09:00:00Z', ...message }));
  const goLive = (seq: number): void => {
    socket().heard?.opened();
    say({ type: 'hello', seq, heartbeatSeconds: 10 });
    say({ type: 'subscribed', seq, topics: ['queues', 'agents'], resumed: false });
  };
  return { stream, sockets, states, messages, timers, pass, socket, say, goLive, clock: () => now };
}

describe('[API-02] the stream of the console', () => {
  test('subscribes without since at first and is live once the server says so', () => {
    const it = world();
    it.stream.start();
    it.goLive(7);
    expect(it.socket().sent).toEqual([{ type: 'subscribe', topics: ['queues', 'agents'] }]);
    expect(it.stream.state).toEqual({ kind: 'live' });
  });

  test('resumes after the last number it saw, and says since when what it shows is old', () => {
    const it = world();
    it.stream.start();
    it.goLive(7);
    it.say({ type: 'queue.changed', topic: 'queues', seq: 12, data: {} });
    const lostAt = it.clock();
    it.socket().heard?.closed(1006);
    expect(it.stream.state).toMatchObject({ kind: 'lost', since: lostAt, attempt: 1 });
    it.pass(500);
    it.socket().heard?.opened();
    expect(it.socket().sent).toEqual([{ type: 'subscribe', topics: ['queues', 'agents'], since: 12 }]);
    it.say({ type: 'subscribed', seq: 14, topics: ['queues', 'agents'], resumed: true });
    expect(it.stream.state).toEqual({ kind: 'live' });
  });

  test('the age counts from the first loss, through all attempts', () => {
    const it = world();
    it.stream.start();
    it.goLive(1);
    const lostAt = it.clock();
    it.socket().heard?.closed(1006);
    it.pass(500);
    it.socket().heard?.closed(1006);
    it.pass(1_000);
    it.socket().heard?.closed(1006);
    expect(it.stream.state).toMatchObject({ kind: 'lost', since: lostAt, attempt: 3 });
  });

  test('silence of two and a half heartbeats is a dead connection', () => {
    const it = world();
    it.stream.start();
    it.goLive(1);
    it.pass(24_999);
    expect(it.stream.state.kind).toBe('live');
    it.pass(1);
    expect(it.stream.state.kind).toBe('lost');
    expect(it.sockets[0]?.closed).toBe(true);
  });

  test('a heartbeat keeps it alive', () => {
    const it = world();
    it.stream.start();
    it.goLive(1);
    it.pass(20_000);
    it.say({ type: 'heartbeat', seq: 1 });
    it.pass(20_000);
    expect(it.stream.state.kind).toBe('live');
  });

  test('a reset makes it resume from the number of the reset, even a lower one', () => {
    const it = world();
    it.stream.start();
    it.goLive(90);
    it.say({ type: 'reset', seq: 3 });
    it.socket().heard?.closed(1006);
    it.pass(500);
    it.socket().heard?.opened();
    expect(it.socket().sent[0]).toMatchObject({ since: 3 });
  });

  test('an ended session ends the stream: nothing more is tried', () => {
    const it = world();
    it.stream.start();
    it.goLive(1);
    it.socket().heard?.closed(4401);
    it.pass(600_000);
    expect(it.stream.state).toEqual({ kind: 'ended' });
    expect(it.sockets).toHaveLength(1);
    expect(it.timers.size).toBe(0);
  });

  test('a connection that never opens is given up after 8 s and tried again', () => {
    const it = world();
    it.stream.start();
    it.pass(8_000);
    expect(it.stream.state).toMatchObject({ kind: 'connecting', attempt: 2 });
    it.pass(10_000);
    expect(it.sockets.length).toBeGreaterThan(1);
  });

  test('a nudge does not wait for the next attempt', () => {
    const it = world();
    it.stream.start();
    it.goLive(1);
    it.socket().heard?.closed(1006);
    it.stream.nudge();
    expect(it.sockets).toHaveLength(2);
  });

  test('what nobody understands is passed over', () => {
    const it = world();
    it.stream.start();
    it.goLive(1);
    const before = it.messages.length;
    it.socket().heard?.message('{broken');
    it.socket().heard?.message('null');
    it.socket().heard?.message(new ArrayBuffer(2));
    expect(it.messages).toHaveLength(before);
    expect(it.stream.state.kind).toBe('live');
  });

  test('stopping leaves no timer and no socket behind', () => {
    const it = world();
    it.stream.start();
    it.goLive(1);
    it.stream.stop();
    expect(it.timers.size).toBe(0);
    expect(it.socket().closed).toBe(true);
    expect(it.stream.state).toEqual({ kind: 'idle' });
  });
});

test('[API-02] pauses double from half a second to ten seconds, and never exceed them', () => {
  expect([1, 2, 3, 4, 5, 6, 7].map((attempt) => retryDelayMs(attempt, 1))).toEqual([
    500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000,
  ]);
  expect(retryDelayMs(1, 0)).toBe(375);
});
