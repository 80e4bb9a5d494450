import { describe, expect, it } from 'vitest';
import { headerOf, reply, Wire } from '../../test/wire.ts';
import { World } from '../../test/world.ts';
import { parseUri, type Flow } from '../index.ts';
import type { RegistrationCommand, RegistrationState } from './index.ts';

const first: Flow = {
  protocol: 'udp',
  localAddress: '10.0.0.1',
  localPort: 5060,
  remoteAddress: '192.0.2.20',
  remotePort: 5060,
};
const second: Flow = { ...first, remoteAddress: '192.0.2.21' };
const second2: Flow = { ...first, remoteAddress: '192.0.2.22' };

const command: RegistrationCommand = {
  registrationId: 'trunk',
  registrar: 'sip:provider.example',
  addressOfRecord: '"Desk" <sip:desk@provider.example>',
  targets: [first, second],
  credentials: { username: 'desk', password: 'secret' },
  contactUser: 'c0ffee',
};

/** A registering stack with the registrar played by hand. */
class Client extends Wire {
  start(change: Partial<RegistrationCommand> = {}): string {
    const result = this.stack.register({ ...command, ...change }, this.nowMs);
    if (!result.ok) throw new Error(result.detail);
    this.collect();
    return this.last;
  }

  /** Answers the last request; the contact is granted as asked unless headers say otherwise. */
  answer(status: string, headers?: string[], request = this.last): string {
    const contact = `Contact: ${headerOf(request, 'Contact')}`;
    return (
      this.receive(reply(request, status, { headers: headers ?? [contact] }), this.sent.at(-1)?.flow)[0] ?? ''
    );
  }

  get state(): RegistrationState {
    const state = this.of('registration-state').at(-1)?.state;
    if (state === undefined) throw new Error('no state');
    return state;
  }

  /** State of that kind, or a failure of the test. */
  in<Kind extends RegistrationState['kind']>(kind: Kind): Extract<RegistrationState, { kind: Kind }> {
    expect(this.state.kind).toBe(kind);
    return this.state as Extract<RegistrationState, { kind: Kind }>;
  }
}

const challenge = (nonce: string, extra = '') =>
  `WWW-Authenticate: Digest realm="provider.example", nonce="${nonce}", algorithm=MD5, qop="auth"${extra}`;

describe('registering elsewhere', () => {
  it('[RGC-01] [RFC3261 §10.2] names account, contact and lifetime, and answers the challenge', () => {
    const client = new Client();
    const request = client.start();
    expect(request).toMatch(/^REGISTER sip:provider.example SIP\/2.0\r\n/);
    expect(headerOf(request, 'To')).toBe('"Desk" <sip:desk@provider.example>');
    expect(headerOf(request, 'From')).toMatch(/^"Desk" <sip:desk@provider.example>;tag=/);
    expect(headerOf(request, 'Contact')).toBe('<sip:c0ffee@10.0.0.1:5060>;expires=3600');
    expect(headerOf(request, 'Expires')).toBe('3600');
    expect(headerOf(request, 'Supported')).toBe('path');
    expect(client.in('registering').target).toEqual(first);
    const again = client.answer('401 Unauthorized', [challenge('n1')]);
    expect(headerOf(again, 'Authorization')).toContain('nc=00000001');
    expect(headerOf(again, 'CSeq')).toBe('2 REGISTER');
    expect(headerOf(again, 'Call-ID')).toBe(headerOf(request, 'Call-ID'));
    client.answer('200 OK', [
      `Contact: ${headerOf(again, 'Contact').replace('3600', '600')}`,
      'Contact: <sip:other@192.0.2.99>;expires=20',
      'Service-Route: <sip:edge.provider.example;lr>, <sip:core.provider.example;lr>',
      'Path: <sip:p.provider.example;lr>',
    ]);
    expect(client.in('registered')).toMatchObject({
      target: first,
      expiresAtMs: client.nowMs + 600_000,
      serviceRoute: ['<sip:edge.provider.example;lr>', '<sip:core.provider.example;lr>'],
      path: ['<sip:p.provider.example;lr>'],
      isOutbound: false,
    });
  });

  it('[RGC-02] refreshes before the end, spread at random, with the nonce it has and the same Call-ID', () => {
    const client = new Client();
    client.start();
    client.answer('401 Unauthorized', [challenge('n1')]);
    client.answer('200 OK');
    for (let round = 2; round < 6; round++) {
      const { nextAttemptAtMs, expiresAtMs } = client.in('registered');
      const share = (nextAttemptAtMs - client.nowMs) / (expiresAtMs - client.nowMs);
      expect(share).toBeGreaterThanOrEqual(0.81);
      expect(share).toBeLessThanOrEqual(0.9);
      const [refresh = ''] = client.pass(nextAttemptAtMs - client.nowMs);
      expect(headerOf(refresh, 'Authorization')).toContain(`nc=0000000${round}`);
      client.answer('200 OK');
    }
  });

  it('[RGC-02] a short lifetime is refreshed at half of it', () => {
    const client = new Client();
    client.start();
    client.answer('200 OK', ['Expires: 60']);
    const { nextAttemptAtMs } = client.in('registered');
    expect(nextAttemptAtMs - client.nowMs).toBeGreaterThanOrEqual(27_000);
    expect(nextAttemptAtMs - client.nowMs).toBeLessThanOrEqual(30_000);
  });

  it('[RGC-03] [RFC3261 §10.2.8] asks for longer after 423, and only for a sensible time', () => {
    const client = new Client();
    client.start({ expiresSeconds: 120 });
    const again = client.answer('423 Interval Too Brief', ['Min-Expires: 1800']);
    expect(headerOf(again, 'Expires')).toBe('1800');
    expect(client.answer('423 Interval Too Brief', ['Min-Expires: 1800'])).toBe('');
    expect(client.in('failed').lastFailure).toMatchObject({ cause: 'refused', code: 423 });
    const greedy = new Client();
    greedy.start();
    expect(greedy.answer('423 Interval Too Brief', ['Min-Expires: 4000000'])).toBe('');
  });

  it('[RGC-04] a wrong password is refused once, with a long pause and the reason', () => {
    const client = new Client();
    client.start();
    client.answer('401 Unauthorized', [challenge('n1')]);
    expect(client.answer('401 Unauthorized', [challenge('n2')])).toBe('');
    const { lastFailure, nextAttemptAtMs } = client.in('failed');
    expect(lastFailure).toMatchObject({ cause: 'refused', code: 401, reason: 'Unauthorized' });
    expect(nextAttemptAtMs - client.nowMs).toBeGreaterThanOrEqual(60_000);
    const stale = new Client();
    stale.start();
    stale.answer('401 Unauthorized', [challenge('n1')]);
    expect(stale.answer('401 Unauthorized', [challenge('n2', ', stale=true')])).toContain('nonce="n2"');
    const without = new Client();
    without.start({ credentials: undefined });
    without.answer('401 Unauthorized', [challenge('n1')]);
    expect(without.in('failed').lastFailure.code).toBe(401);
  });

  it('[RGC-05] answers proxies too, with both in one request, and gives up after six requests', () => {
    const client = new Client();
    client.start();
    client.answer('407 Proxy Authentication Required', [
      'Proxy-Authenticate: Digest realm="p", nonce="1", qop="auth"',
    ]);
    const both = client.answer('401 Unauthorized', [challenge('n1')]);
    expect(headerOf(both, 'Proxy-Authorization')).not.toBe('');
    expect(headerOf(both, 'Authorization')).not.toBe('');
    const endless = new Client();
    endless.start();
    let requests = 1;
    for (let i = 0; endless.answer('401 Unauthorized', [challenge(`n${i}`, ', stale=true')]) !== ''; i++)
      requests++;
    expect(requests).toBeLessThanOrEqual(6);
  });

  it('[RGC-06] goes to the next server when one is silent, broken or says 5xx, and stays with the one that serves', () => {
    const client = new Client();
    client.start({ targets: [first, second, second2] });
    client.pass(32_001);
    expect(client.sent.at(-1)?.flow).toEqual(second);
    expect(client.in('registering').lastFailure).toMatchObject({ code: 408, cause: 'unreachable' });
    client.answer('503 Service Unavailable', []);
    expect(client.sent.at(-1)?.flow).toEqual(second2);
    client.answer('200 OK');
    expect(client.in('registered').target).toEqual(second2);
    client.pass(client.in('registered').nextAttemptAtMs - client.nowMs);
    expect(client.sent.at(-1)?.flow).toEqual(second2);
    client.stack.flowClosed(second2, client.nowMs);
    client.collect();
    expect(client.sent.at(-1)?.flow).toEqual(first);
    expect(client.state).toMatchObject({
      kind: 'registered',
      lastFailure: { code: 503, reason: 'Not Reachable' },
    });
  });

  it('[RGC-07] [RFC5626 §4.5] pauses longer with each round of failures, and as long as Retry-After says', () => {
    const client = new Client();
    client.start({ targets: [first], retryBaseSeconds: 30, retryMaxSeconds: 100 });
    const pauses: number[] = [];
    for (let round = 0; round < 5; round++) {
      client.answer('500 Server Error', []);
      const { nextAttemptAtMs } = client.in('failed');
      pauses.push((nextAttemptAtMs - client.nowMs) / 1000);
      client.pass(nextAttemptAtMs - client.nowMs);
    }
    [30, 60, 100, 100, 100].forEach((full, i) => {
      expect(pauses[i]).toBeGreaterThanOrEqual(full / 2);
      expect(pauses[i]).toBeLessThanOrEqual(full);
    });
    client.answer('503 Service Unavailable', ['Retry-After: 300 (busy)']);
    const { nextAttemptAtMs } = client.in('failed');
    expect(nextAttemptAtMs - client.nowMs).toBeGreaterThanOrEqual(300_000);
    expect(nextAttemptAtMs - client.nowMs).toBeLessThanOrEqual(330_000);
    client.stack.registerAgain({ registrationId: 'trunk', targets: [second] }, client.nowMs);
    client.collect();
    expect(client.sent.at(-1)?.flow).toEqual(second);
    client.answer('200 OK');
    expect(client.in('registered').target).toEqual(second);
  });

  it('[RGC-07] without a server it waits, and takes the ones it is given', () => {
    const client = new Client();
    client.stack.register({ ...command, targets: [] }, client.nowMs);
    client.collect();
    expect(client.in('failed').lastFailure).toMatchObject({ code: 503, reason: 'No Server' });
    client.stack.setRegistrationTargets({ registrationId: 'trunk', targets: [first] }, client.nowMs);
    client.pass(client.in('failed').nextAttemptAtMs - client.nowMs);
    expect(client.in('registering').target).toEqual(first);
  });

  it('[RGC-08] takes the registration away at the end, with credentials, and leaves nothing behind', () => {
    const client = new Client();
    client.start();
    client.answer('401 Unauthorized', [challenge('n1')]);
    client.answer('200 OK');
    client.stack.unregister({ registrationId: 'trunk' }, client.nowMs);
    client.collect();
    expect(headerOf(client.last, 'Contact')).toBe('<sip:c0ffee@10.0.0.1:5060>;expires=0');
    expect(headerOf(client.last, 'Expires')).toBe('0');
    expect(headerOf(client.last, 'Authorization')).toContain('nc=00000002');
    client.answer('200 OK', []);
    expect(client.state.kind).toBe('unregistered');
    client.pass(60_000);
    expect(client.stack.statistics()).toMatchObject({ registrations: 0, timers: 0, clientTransactions: 0 });
    expect(client.stack.unregister({ registrationId: 'trunk' }, 0)).toMatchObject({
      reason: 'unknown-session',
    });
  });

  it('[RGC-08] also while an attempt is under way, and when nobody answers', () => {
    const client = new Client();
    client.start();
    client.stack.unregister({ registrationId: 'trunk' }, client.nowMs);
    client.answer('200 OK');
    expect(headerOf(client.last, 'Expires')).toBe('0');
    client.pass(40_000);
    expect(client.state).toMatchObject({ kind: 'unregistered', lastFailure: { code: 408 } });
    expect(client.stack.statistics().registrations).toBe(0);
    const silent = new Client();
    silent.start();
    silent.stack.unregister({ registrationId: 'trunk' }, silent.nowMs);
    silent.pass(40_000);
    expect(silent.state.kind).toBe('unregistered');
    expect(silent.stack.statistics()).toMatchObject({ registrations: 0, timers: 0 });
  });

  it('[RGC-09] [RFC5626 §4.2] outbound names instance and flow, and does without after 439', () => {
    const client = new Client();
    const outbound = { instanceId: 'urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6', registrationId: 2 };
    const request = client.start({ outbound });
    const instance = '+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"';
    expect(headerOf(request, 'Contact')).toBe(`<sip:c0ffee@10.0.0.1:5060>;${instance};reg-id=2;expires=3600`);
    expect(headerOf(request, 'Supported')).toBe('path, outbound');
    const without = client.answer('439 First Hop Lacks Outbound Support', []);
    expect(headerOf(without, 'Contact')).not.toContain('reg-id');
    client.answer('200 OK', [
      `Contact: <sip:c0ffee@203.0.113.9:1024>;${instance};expires=300`,
      'Contact: <sip:x@192.0.2.1>;expires=9',
      'Require: outbound',
      'Flow-Timer: 120',
    ]);
    expect(client.in('registered')).toMatchObject({
      isOutbound: true,
      flowTimerSeconds: 120,
      expiresAtMs: client.nowMs + 300_000,
    });
  });

  it('[RGC-10] an answer that registers others but not us is a failure', () => {
    const client = new Client();
    client.start();
    client.answer('200 OK', ['Contact: <sip:a@192.0.2.1>', 'Contact: <sip:b@192.0.2.2>']);
    expect(client.in('failed').lastFailure).toMatchObject({ cause: 'refused', code: 200 });
    const rewritten = new Client();
    rewritten.start();
    rewritten.answer('200 OK', ['Contact: <sip:c0ffee@203.0.113.9:1024>;expires=77']);
    expect(rewritten.in('registered').expiresAtMs).toBe(rewritten.nowMs + 77_000);
  });

  it('[RGC-11] a connection that breaks is opened again at once', () => {
    const client = new Client();
    const stream: Flow = { ...first, protocol: 'tcp' };
    client.start({ targets: [stream] });
    expect(headerOf(client.last, 'Contact')).toContain(';transport=tcp>');
    client.answer('200 OK');
    client.stack.flowClosed({ ...stream, connectionId: 4 }, client.nowMs);
    const [again = ''] = client.pass(1_000);
    expect(again).toMatch(/^REGISTER /);
  });

  it('[RGC-12] senseless commands are refused as values', () => {
    const { stack, nowMs } = new Client();
    const reason = (change: Partial<RegistrationCommand>) => {
      const result = stack.register({ ...command, ...change }, nowMs);
      return result.ok ? 'ok' : result.reason;
    };
    expect(reason({ registrar: 'mailto:x' })).toBe('invalid-argument');
    expect(reason({ addressOfRecord: 'desk' })).toBe('invalid-argument');
    expect(reason({})).toBe('ok');
    expect(reason({})).toBe('duplicate-session');
  });

  it('[RGC-13] registers with a registrar of our own over a lossy network, and is gone after it', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const world = new World(seed);
      world.network.loss = 0.3;
      world.network.duplication = 0.2;
      const registrar = world.add('10.0.0.9', { digestAlgorithms: () => ['SHA-512-256', 'SHA-256', 'MD5'] });
      const phone = world.add('10.0.0.1');
      phone.do((stack, nowMs) =>
        stack.register(
          {
            ...command,
            registrar: 'sip:example.test',
            addressOfRecord: 'sip:alice@example.test',
            credentials: { username: 'alice', password: 'secret' },
            targets: [phone.flowTo(registrar)],
          },
          nowMs,
        ),
      );
      world.pass(20_000_000);
      const [binding] = registrar.stack.bindings('alice');
      expect(parseUri(binding?.contact ?? '')?.user).toBe('c0ffee');
      world.network.loss = 0;
      phone.do((stack, nowMs) => stack.unregister({ registrationId: 'trunk' }, nowMs));
      world.pass(100_000);
      expect(registrar.stack.bindings('alice')).toEqual([]);
      expect(phone.stack.statistics()).toMatchObject({ registrations: 0, timers: 0 });
    }
  });
});
