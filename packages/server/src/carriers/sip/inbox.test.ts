import type { Flow, Protocol } from '@crosspoint/sip';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Inbox } from './inbox.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setImmediate', 'clearImmediate'] }));
afterEach(() => void vi.useRealTimers());

function flowOf(remoteAddress: string, remotePort = 5060, protocol: Protocol = 'udp'): Flow {
  const ends = { localAddress: '192.0.2.1', localPort: 5060, remoteAddress, remotePort };
  return protocol === 'udp' ? { protocol, ...ends } : { protocol, ...ends, connectionId: remotePort };
}

/** An inbox in front of somebody who works so long on each message. */
function open({ workMs = 1, trusted = '10.0.0.' } = {}) {
  let nowMs = 0;
  const served: { from: string; text: string; atMs: number; isOverloaded: boolean }[] = [];
  const closed: string[] = [];
  const waiting: string[] = [];
  const inbox: Inbox = new Inbox({
    now: () => nowMs,
    isTrusted: (address) => address.startsWith(trusted),
    waits: (bytes) => void waiting.push(Buffer.from(bytes).toString()),
    events: {
      received: (bytes, flow) => {
        const { isOverloaded } = inbox;
        const text = Buffer.from(bytes).toString();
        served.push({ from: flow.remoteAddress, text, atMs: nowMs, isOverloaded });
        nowMs += workMs;
      },
      closed: (flow) => void closed.push(`${flow.remoteAddress} after ${served.length}`),
    },
  });
  const send = (text: string, flow: Flow) => inbox.received(Buffer.from(text), flow);
  const advance = (turns: number) => {
    for (let i = 0; i < turns; i++) vi.advanceTimersToNextTimer();
  };
  return { inbox, served, closed, waiting, send, advance };
}

test('[OPS-05] what arrives while nothing waits is worked on at once', () => {
  const { served, send, advance } = open({ workMs: 0 });
  for (let i = 0; i < 100; i++) expect(send(`${i}`, flowOf('203.0.113.1'))).toBeUndefined();
  expect(served).toHaveLength(100);
  advance(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('[OPS-05] the OPTIONS of a bystander is answered within milliseconds beside 5,000 messages of somebody else', () => {
  const { served, send, advance } = open();
  for (let i = 0; i < 5_000; i++) void send('flood', flowOf('10.0.0.1', 1_000 + (i % 4)));
  void send('bystander', flowOf('203.0.113.9'));
  void send('neighbour', flowOf('10.0.0.1', 9));
  advance(20);
  expect(served.find(({ text }) => text === 'bystander')?.atMs).toBeLessThan(5);
  expect(served.find(({ text }) => text === 'neighbour')?.atMs).toBeLessThan(12);
  advance(10_000);
  expect(served).toHaveLength(5_002);
});

test('[OPS-05] telephones have three of four turns beside strangers without number', () => {
  const { served, send, advance } = open();
  for (let i = 0; i < 2_000; i++) void send('stranger', flowOf(`203.0.113.${i % 200}`));
  for (let i = 0; i < 30; i++) void send(`telephone ${i}`, flowOf('10.0.0.7'));
  advance(50);
  expect(served.filter(({ from }) => from === '10.0.0.7')).toHaveLength(30);
});

test('[OPS-05] new calls of whoever sends too much are to be refused from a delay of four seconds until it is under three', () => {
  const { served, send, advance } = open({ workMs: 2 });
  for (let i = 0; i < 3_000; i++) void send('flood', flowOf('203.0.113.1'));
  advance(400);
  void send('caller', flowOf('203.0.113.2'));
  advance(4_000);
  const late = served.filter(({ isOverloaded }) => isOverloaded);
  expect(late[0]?.atMs).toBeGreaterThanOrEqual(4_000);
  expect(late[0]?.atMs).toBeLessThan(4_010);
  expect(late.every(({ from }) => from === '203.0.113.1')).toBe(true);
  for (let i = 0; i < 10; i++) void send('again', flowOf('203.0.113.1'));
  advance(20);
  expect(served.at(-1)).toMatchObject({ text: 'again', isOverloaded: false });
});

test('[OPS-05] beyond the limit whoever has most of the datagrams loses old ones, and nobody else', () => {
  const { served, send, advance } = open();
  void send('first', flowOf('203.0.113.1'));
  for (let i = 0; i < 3; i++) void send(`caller ${i}`, flowOf('203.0.113.2'));
  void send('neighbour', flowOf('203.0.113.1', 9));
  for (let i = 0; i < 20_000; i++) void send(`flood ${i}`, flowOf('203.0.113.1'));
  void send('caller 3', flowOf('203.0.113.2'));
  advance(20_000);
  expect(served.filter(({ from }) => from === '203.0.113.2')).toHaveLength(4);
  expect(served.map(({ text }) => text)).toContain('neighbour');
  expect(served.length).toBeLessThan(8_200);
  expect(served.at(-1)?.text).toBe('flood 19999');
});

test('[OPS-05] a chunk of a connection is read in slices, the connection waits for its end, and its end comes after it', async () => {
  const { inbox, served, closed, send, advance } = open();
  void send('flood', flowOf('203.0.113.1'));
  const connection = flowOf('203.0.113.2', 7, 'tcp');
  const taken = vi.fn();
  const waits = send('x'.repeat(5_000), connection);
  void waits?.then(taken);
  inbox.closed(connection, 'closed by the peer');
  advance(2);
  await Promise.resolve();
  expect(taken).not.toHaveBeenCalled();
  advance(3);
  await waits;
  expect(served.slice(1).map(({ text }) => text.length)).toEqual([2_048, 2_048, 904]);
  expect(closed).toEqual(['203.0.113.2 after 4']);
  inbox.closed(flowOf('203.0.113.3', 8, 'tcp'), 'closed by the peer');
  expect(closed).toHaveLength(2);
});

test('[RFC3261 §17.2.1] whoever has to wait behind others of the same source is told so, what goes on with a call is not', () => {
  const { waiting, send } = open();
  for (let i = 0; i < 40; i++) void send(`call ${i}`, flowOf('203.0.113.1'));
  void send('BYE sip:us\r\nTo: <sip:us>;tag=1', flowOf('203.0.113.1'));
  void send('bystander', flowOf('203.0.113.2'));
  // The first is worked on at once, and behind a few of them nobody waits long.
  expect(waiting).toEqual(Array.from({ length: 23 }, (_, i) => `call ${i + 17}`));
});

test('[RFC3261 §17.2.1] whoever has to wait behind many other sources is told so, though each of them has little', () => {
  const { waiting, send } = open();
  for (let i = 0; i < 40; i++) void send(`call ${i}`, flowOf(`203.0.113.${i}`));
  // The first is worked on at once.
  expect(waiting).toEqual(Array.from({ length: 23 }, (_, i) => `call ${i + 17}`));
});

test('[OPS-05] what goes on with a call has three of four turns before new calls of the same source, and is never late', () => {
  const { served, send, advance } = open({ workMs: 2 });
  for (let i = 0; i < 3_000; i++) void send('new', flowOf('203.0.113.1'));
  advance(2_200);
  for (let i = 0; i < 90; i++) void send(`SIP/2.0 200 OK ${i}`, flowOf('203.0.113.1'));
  const from = served.length;
  advance(121);
  const texts = served.slice(from).map(({ text }) => text);
  const begun = texts.filter((text) => text !== 'new');
  expect(begun).toEqual(Array.from({ length: 90 }, (_, i) => `SIP/2.0 200 OK ${i}`));
  expect(served.slice(from).some(({ isOverloaded }) => isOverloaded)).toBe(true);
  expect(served.filter(({ text, isOverloaded }) => text !== 'new' && isOverloaded)).toEqual([]);
});
