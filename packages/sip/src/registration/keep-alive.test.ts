import { describe, expect, it } from 'vitest';
import { World } from '../../test/world.ts';
import { decodeUtf8, encodeUtf8, type Flow, type RegistrationCommand } from '../index.ts';
import { answerStun, isStun } from '../stun/index.ts';
import { TimerQueue } from '../timers/index.ts';
import { KeepAlive } from './keep-alive.ts';
import type { RegistrationHost } from './index.ts';

const udp: Flow = {
  protocol: 'udp',
  localAddress: '10.0.0.1',
  localPort: 5060,
  remoteAddress: '192.0.2.20',
  remotePort: 5060,
};
const tcp: Flow = { ...udp, protocol: 'tcp' };
const ping = encodeUtf8('\r\n\r\n');

/** A keep-alive with its server played by hand. */
function setup(flow: Flow, options: { expectsAnswer?: boolean; intervalSeconds?: number } = {}) {
  const { expectsAnswer = true, intervalSeconds } = options;
  const timers = new TimerQueue();
  const sent: Array<{ bytes: Uint8Array; atMs: number }> = [];
  const deaths: number[] = [];
  let nowMs = 0;
  let draws = 0;
  const host: Pick<RegistrationHost, 'timers' | 'draw' | 'sendBytes'> = {
    timers,
    draw: (below) => draws++ % below,
    sendBytes: (_flow, bytes) => sent.push({ bytes, atMs: nowMs }),
  };
  const keepAlive = new KeepAlive(host, (atMs) => deaths.push(atMs));
  const pass = (untilMs: number): void => {
    for (
      let next = timers.nextDeadlineMs();
      next !== undefined && next <= untilMs;
      next = timers.nextDeadlineMs()
    ) {
      nowMs = next;
      timers.fire(nowMs);
    }
    nowMs = untilMs;
  };
  /** Goes on until so many signs of life have been sent; the instant of the last one. */
  const untilSent = (count: number): number => {
    while (sent.length < count) pass(timers.nextDeadlineMs() ?? Number.NaN);
    return nowMs;
  };
  keepAlive.start({ flow, intervalSeconds, expectsAnswer }, nowMs);
  return { keepAlive, timers, sent, deaths, pass, untilSent };
}

describe('keeping a flow alive', () => {
  it('[RGC-14] [RFC5626 §4.4.1] a stream is pinged within 80–100 % of its time, and dead without a pong in 10 s', () => {
    const { keepAlive, sent, deaths, pass, timers, untilSent } = setup(tcp);
    const firstMs = untilSent(1);
    expect(sent.map(({ bytes }) => bytes)).toEqual([ping]);
    expect(firstMs).toBeGreaterThanOrEqual(96_000);
    expect(firstMs).toBeLessThanOrEqual(120_000);
    keepAlive.heard({ ...tcp, connectionId: 3 }, undefined, firstMs + 9_999);
    pass(firstMs + 10_000);
    expect(deaths).toEqual([]);
    const secondMs = untilSent(2);
    pass(secondMs + 9_999);
    expect(deaths).toEqual([]);
    pass(secondMs + 10_000);
    expect(deaths).toEqual([secondMs + 10_000]);
    expect([sent.length, timers.size]).toEqual([2, 0]);
  });

  it('[RGC-14] a pong on another connection is none, nor is one that nobody has asked for', () => {
    const { keepAlive, sent, deaths, pass } = setup(tcp, { intervalSeconds: 30 });
    keepAlive.heard(tcp, undefined, 1);
    pass(30_000);
    keepAlive.heard({ ...tcp, remotePort: 5_061 }, undefined, 30_001);
    pass(60_000);
    expect([sent.length, deaths.length]).toEqual([1, 1]);
  });

  it('[RGC-15] [RFC5626 §4.4.2] over UDP it asks by STUN, three times at most, and notices another address', () => {
    const { keepAlive, sent, deaths, untilSent } = setup(udp);
    /** Answers the last request as if it had come from that port. */
    const answerFrom = (port: number, atMs: number): void => {
      const request = sent.at(-1)?.bytes ?? new Uint8Array(0);
      const answer = answerStun(request, { ...udp, remoteAddress: '203.0.113.5', remotePort: port });
      keepAlive.heard(udp, answer, atMs);
    };
    const firstMs = untilSent(1);
    expect(isStun(sent[0]?.bytes ?? ping)).toBe(true);
    expect(firstMs).toBeGreaterThanOrEqual(23_200);
    expect(firstMs).toBeLessThanOrEqual(29_000);
    // The question is asked again, the same one, until its answer comes.
    expect(untilSent(2)).toBe(firstMs + 1_000);
    expect(sent[1]?.bytes).toEqual(sent[0]?.bytes);
    answerFrom(1_024, firstMs + 1_500);
    const nextMs = untilSent(3);
    expect(nextMs).toBeGreaterThanOrEqual(firstMs + 1_500 + 23_200);
    expect(sent[2]?.bytes).not.toEqual(sent[0]?.bytes);
    // Masked by another transaction, it is the same address.
    answerFrom(1_024, nextMs + 1);
    const lastMs = untilSent(4);
    expect(deaths).toEqual([]);
    answerFrom(1_025, lastMs + 1);
    expect(deaths).toEqual([lastMs + 1]);
  });

  it('[RGC-15] silence over UDP is death after 10 s, and the answer of another transaction is silence', () => {
    const { keepAlive, sent, deaths, pass, untilSent } = setup(udp);
    const first = untilSent(1);
    const foreign = answerStun(
      (sent[0]?.bytes ?? ping).map((byte, i) => (i === 19 ? byte ^ 1 : byte)),
      udp,
    );
    keepAlive.heard(udp, foreign, first + 1);
    keepAlive.heard(udp, encodeUtf8('x'.repeat(20)), first + 1);
    pass(first + 9_999);
    expect(sent.map(({ atMs }) => atMs - first)).toEqual([0, 1_000, 4_000]);
    expect(deaths).toEqual([]);
    pass(first + 10_000);
    expect(deaths).toEqual([first + 10_000]);
  });

  it('[RGC-16] where the server has promised no answer, none is expected', () => {
    const { sent, deaths, pass } = setup(udp, { expectsAnswer: false, intervalSeconds: 20 });
    pass(100_000);
    expect(sent.length).toBeGreaterThanOrEqual(5);
    expect(sent.every(({ bytes }) => decodeUtf8(bytes) === '\r\n\r\n')).toBe(true);
    expect(deaths).toEqual([]);
  });

  it('[RGC-17] a registration under outbound is kept alive by its registrar, and made again when that falls silent', () => {
    const world = new World(5);
    const registrar = world.add('10.0.0.9');
    const phone = world.add('10.0.0.1');
    const command: RegistrationCommand = {
      registrationId: 'r',
      registrar: 'sip:example.test',
      addressOfRecord: 'sip:alice@example.test',
      credentials: { username: 'alice', password: 'secret' },
      targets: [phone.flowTo(registrar)],
      outbound: { instanceId: 'urn:uuid:1' },
    };
    phone.do((stack, nowMs) => stack.register(command, nowMs));
    world.pass(1_000_000);
    expect(phone.stack.registration('r')).toMatchObject({ kind: 'registered', isOutbound: true });
    const registers = () => world.sent.filter((text) => text.includes('\nREGISTER ')).length;
    const before = registers();
    const stuns = world.sent.filter(
      (text) => text.startsWith('10.0.0.1') && !text.includes('SIP/2.0'),
    ).length;
    expect(stuns).toBeGreaterThan(30);
    // Binding requests get lost from now on, REGISTER does not.
    world.filter = (text, from) => from === phone && !text.includes('SIP/2.0');
    world.pass(60_000);
    expect(registers()).toBeGreaterThan(before);
    phone.do((stack, nowMs) => stack.unregister({ registrationId: 'r' }, nowMs));
    world.pass(40_000);
    expect(phone.stack.statistics()).toMatchObject({ registrations: 0, timers: 0 });
  });
});
