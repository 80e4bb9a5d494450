import { type RefusalReason, SecuritySettings } from '@crosspoint/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BanEntry } from './bans.ts';
import { LineGuard } from './line-guard.ts';
import { parseNetwork } from './networks.ts';

const attacker = '203.0.113.9';
const office = '198.51.100.20';
type Given = Parameters<typeof SecuritySettings.parse>[0];

function network(text: string) {
  const parsed = parseNetwork(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

/** A guard with a clock, to which things happen. */
class Line {
  readonly bans: BanEntry[] = [];
  readonly refusals: RefusalReason[] = [];
  readonly guard: LineGuard;
  now = 1_700_000_000_000;
  #ids = 0;

  constructor(settings: Given = {}) {
    this.guard = new LineGuard({
      settings: SecuritySettings.parse(settings),
      newId: () => `ban-${++this.#ids}`,
      onBan: (ban) => this.bans.push({ ...ban }),
      onRefusal: (_source, reason) => this.refusals.push(reason),
    });
  }

  send(address: string, text = message('OPTIONS')): boolean {
    return this.guard.datagram(Buffer.from(text), address, this.now);
  }
  fail(address: string, username: string, provesAddress = true): void {
    this.guard.authenticated({ address, username, outcome: 'failed', provesAddress }, this.now);
  }
  succeed(address: string, username = 'alice'): void {
    this.guard.authenticated({ address, username, outcome: 'succeeded', provesAddress: true }, this.now);
  }
  challenge(address: string, username: string): void {
    this.guard.authenticated({ address, username, outcome: 'challenged', provesAddress: false }, this.now);
  }
}

function message(method: string, { user = 'bob', agent = 'Telephone/1', more = '' } = {}): string {
  return [
    `${method} sip:example.test SIP/2.0`,
    'Via: SIP/2.0/UDP 203.0.113.9;branch=z9hG4bK1',
    `From: <sip:${user}@example.test>;tag=1`,
    'To: <sip:example.test>',
    `User-Agent: ${agent}`,
    more,
    'Content-Length: 0\r\n\r\n',
  ].join('\r\n');
}

describe('known scanners', () => {
  test.each([
    ['friendly-scanner', ''],
    ['FRIENDLY-SCANNER', ''],
    ['sipcli/v1.8', ''],
    ['sip-scan', ''],
    ['pplsip', ''],
    ['VaxSIPUserAgent/3.1', ''],
    ['sundayddr', ''],
    ['Telephone/1', 'Contact: <sip:100@1.1.1.1>'],
    ['Telephone/1', 'X: "sipvicious"'],
  ])('[OPS-05] %s is dropped at its first message, then unread', (agent, more) => {
    const line = new Line();
    expect(line.send(attacker, message('OPTIONS', { agent, more }))).toBe(false);
    expect(line.refusals).toEqual(['scanner']);
    expect(line.send(attacker)).toBe(false);
    expect(line.bans[0]).toMatchObject({ reason: 'scanner', isStored: false });
  });

  test('[OPS-05] a name like that further inside is none', () => {
    const line = new Line();
    for (const agent of ['Telephone (no sipcli)', 'Yealink SIP-T46S', 'Asterisk PBX'])
      expect(line.send(attacker, message('REGISTER', { agent }))).toBe(true);
  });

  test('[OPS-05] a forged one bans nobody for longer than a minute, and no registered phone at all', () => {
    const line = new Line();
    line.send(office, message('OPTIONS', { agent: 'sipcli' }));
    line.now += 60_000;
    expect(line.send(office)).toBe(true);
    line.succeed(office);
    line.send(office, message('OPTIONS', { agent: 'sipcli' }));
    expect(line.send(office)).toBe(true);
  });

  test('[OPS-05] on a connection nothing is forged: its ban is stored and the connection closed', () => {
    const line = new Line();
    const bytes = Buffer.from(message('OPTIONS', { agent: 'sipvicious' }));
    expect(line.guard.chunk(bytes, attacker, line.now)).toBe('close');
    expect(line.bans[0]).toMatchObject({ isStored: true });
    expect(line.guard.connection(attacker, 0, line.now)).toBe('banned');
  });

  test('[OPS-05] signatures can be added, and the whole turned off', () => {
    const line = new Line({ scannerSignatures: ['Bad Tool'] });
    expect(line.send(attacker, message('OPTIONS', { agent: 'bad tool 2' }))).toBe(false);
    const off = new Line({ dropScanners: false });
    expect(off.send(attacker, message('OPTIONS', { agent: 'sipcli' }))).toBe(true);
  });
});

describe('failed authentication', () => {
  test('[OPS-05] bans the user from that source first: the rest of the office goes on', () => {
    const line = new Line();
    line.succeed(office, 'alice');
    for (let n = 0; n < 10; n++) line.fail(office, 'bob');
    expect(line.bans).toMatchObject([{ source: office, username: 'bob', reason: 'wrong-password' }]);
    expect(line.send(office, message('REGISTER', { user: 'bob' }))).toBe(false);
    expect(line.send(office, message('REGISTER', { user: 'alice' }))).toBe(true);
    const digest = 'Authorization: Digest username="bob", realm="r"';
    expect(line.send(office, message('REGISTER', { user: 'alice', more: digest }))).toBe(false);
  });

  test('[OPS-05] an office in which a phone is registered is never banned as a whole', () => {
    const line = new Line();
    line.succeed(office);
    for (let n = 0; n < 100; n++) line.fail(office, `user-${n}`);
    expect(line.bans).toEqual([]);
    expect(line.send(office)).toBe(true);
  });

  test('[OPS-05] a source without phones that tries many users is banned, below the limit not', () => {
    const line = new Line({ bans: { usersMax: 3 } });
    line.fail(attacker, 'a');
    line.fail(attacker, 'b');
    expect(line.bans).toEqual([]);
    line.fail(attacker, 'c');
    expect(line.bans).toMatchObject([{ source: attacker, username: undefined, reason: 'many-users' }]);
    expect(line.send(attacker)).toBe(false);
  });

  test('[OPS-05] what a forged address could have sent does not count', () => {
    const line = new Line();
    for (let n = 0; n < 49; n++) line.fail(office, `user-${n}`, false);
    expect(line.bans).toEqual([]);
  });

  test('[OPS-05] only failures within the window count, and the right password forgives', () => {
    const line = new Line({ bans: { failuresMax: 3, windowSeconds: 60 } });
    line.fail(office, 'bob');
    line.fail(office, 'bob');
    line.now += 60_000;
    line.fail(office, 'bob');
    line.fail(office, 'bob');
    line.succeed(office, 'bob');
    line.fail(office, 'bob');
    line.fail(office, 'bob');
    expect(line.bans).toEqual([]);
    line.fail(office, 'bob');
    expect(line.bans).toHaveLength(1);
  });

  test('[OPS-05] each further ban within a day is twice as long, up to the longest', () => {
    const line = new Line({ bans: { failuresMax: 3, firstBanSeconds: 100, banSecondsMax: 350 } });
    const lengths: number[] = [];
    for (let ban = 0; ban < 4; ban++) {
      for (let n = 0; n < 3; n++) line.fail(attacker, 'bob');
      const last = line.bans.at(-1);
      lengths.push(((last?.untilMs ?? 0) - line.now) / 1_000);
      line.now = last?.untilMs ?? 0;
      expect(line.send(attacker, message('REGISTER'))).toBe(true);
    }
    expect(lengths).toEqual([100, 200, 350, 350]);
    expect(line.bans.at(-1)?.offences).toBe(4);
    line.now += 2 * 86_400_000;
    for (let n = 0; n < 3; n++) line.fail(attacker, 'bob');
    expect(line.bans.at(-1)?.offences).toBe(1);
  });

  test('[OPS-05] a lifted ban is forgotten with its offences', () => {
    const line = new Line({ bans: { failuresMax: 3 } });
    for (let n = 0; n < 3; n++) line.fail(attacker, 'bob');
    line.guard.bans.lift(line.bans[0]?.id ?? '');
    expect(line.send(attacker, message('REGISTER'))).toBe(true);
    for (let n = 0; n < 3; n++) line.fail(attacker, 'bob');
    expect(line.bans.at(-1)?.offences).toBe(1);
  });

  test('[OPS-05] what is remembered of failures and bans has a limit', () => {
    const line = new Line({ bans: { failuresMax: 3, usersMax: 2 } });
    for (let n = 0; n < 25_000; n++) {
      const source = `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
      line.fail(source, 'a');
      line.fail(source, 'b');
    }
    expect(line.guard.bans.size).toBeLessThanOrEqual(20_000);
    expect(line.guard.sources.size).toBeLessThanOrEqual(20_000);
  });
});

describe('behaviour without a signature', () => {
  test('[OPS-05] who calls one unknown number after the other is looking for a way out', () => {
    const line = new Line();
    for (let n = 0; n < 30; n++) line.guard.unknownNumber(attacker, '900441234', line.now);
    expect(line.bans).toEqual([]);
    for (let n = 0; n < 20; n++) line.guard.unknownNumber(attacker, `90044${n}`, line.now);
    expect(line.bans[0]).toMatchObject({ reason: 'number-scan' });
    line.succeed(office);
    for (let n = 0; n < 50; n++) line.guard.unknownNumber(office, `90044${n}`, line.now);
    expect(line.bans.filter(({ source }) => source === office)).toEqual([]);
  });

  test('[OPS-05] who asks for many users and answers no challenge enumerates; an office that starts does not', () => {
    const line = new Line();
    for (let n = 0; n < 200; n++) line.challenge(office, `user-${n}`);
    expect(line.bans).toEqual([]);
    line.succeed(office);
    line.now += 20_000;
    for (let n = 0; n < 200; n++) line.challenge(office, `user-${n}`);
    expect(line.bans).toEqual([]);
    line.challenge(attacker, 'user-0');
    line.now += 11_000;
    for (let n = 1; n < 50; n++) line.challenge(attacker, `user-${n}`);
    expect(line.bans).toMatchObject([{ source: attacker, reason: 'many-users' }]);
  });

  test('[OPS-05] a source of nothing but nonsense is not read any more', () => {
    const line = new Line();
    for (let n = 0; n < 50; n++) line.guard.malformed(attacker, 'no Via', line.now);
    expect(line.bans).toMatchObject([{ reason: 'malformed' }]);
  });
});

describe('rules of access', () => {
  const policy = {
    rules: [
      { network: network('203.0.113.0/24'), action: 'deny' as const },
      { network: network('203.0.113.128/25'), action: 'allow' as const },
      { network: network('2001:db8::/32'), action: 'deny' as const },
    ],
    trunks: [network('192.0.2.10')],
    own: [network('127.0.0.1'), network('::1')],
  };

  test('[OPS-05] the longest network decides, for both families', () => {
    const line = new Line();
    line.guard.permit(policy);
    expect(
      ['203.0.113.9', '203.0.113.200', '2001:db8::1', '2001:db9::1'].map((from) => line.send(from)),
    ).toEqual([false, true, false, true]);
    expect(line.guard.connection('203.0.113.9', 0, line.now)).toBe('denied');
  });

  test('[OPS-05] own addresses, trunks and allowed networks are never banned and never limited', () => {
    const line = new Line({ rates: { requestsPerSecond: 1, requestsBurst: 1 }, bans: { failuresMax: 3 } });
    line.guard.permit(policy);
    for (const from of ['127.0.0.1', '::1', '192.0.2.10', '203.0.113.200']) {
      for (let n = 0; n < 60; n++) {
        line.fail(from, `user-${n % 2}`);
        line.guard.malformed(from, '', line.now);
        line.guard.unknownNumber(from, String(n), line.now);
        expect(line.guard.call(from, undefined, line.now)).toBeUndefined();
        expect(line.send(from, message('OPTIONS', { agent: 'sipcli' }))).toBe(true);
      }
    }
    expect(line.bans).toEqual([]);
  });

  test('[OPS-05] with unknown sources denied only rules, trunks and own addresses are let in, at once', () => {
    const line = new Line();
    line.guard.permit(policy);
    expect(line.send(office)).toBe(true);
    line.guard.configure(SecuritySettings.parse({ unknownSources: 'deny' }));
    expect([office, '127.0.0.1', '192.0.2.10', '203.0.113.200'].map((from) => line.send(from))).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });

  test('[OPS-05] a rule for one IPv6 address is not one for its neighbours', () => {
    const line = new Line();
    line.guard.permit({ ...policy, rules: [{ network: network('2001:db8:5::1'), action: 'deny' }] });
    expect(['2001:db8:5::1', '2001:db8:5::2', '2001:db8:5::1'].map((from) => line.send(from))).toEqual([
      false,
      true,
      false,
    ]);
  });
});

describe('rates', () => {
  test('[OPS-05] a source may send its burst at once, then so many a second', () => {
    const line = new Line({ rates: { requestsPerSecond: 10, requestsBurst: 5 } });
    const sent = () => Array.from({ length: 20 }, () => line.send(attacker)).filter(Boolean).length;
    expect(sent()).toBe(5);
    line.now += 300;
    expect(sent()).toBe(3);
    expect(line.send(office)).toBe(true);
    expect(line.refusals).toEqual(['request-rate']);
  });

  test('[OPS-05] registered phones have more, and what all the unknown take together is limited', () => {
    const rates = {
      requestsPerSecond: 100,
      requestsBurst: 100,
      unknownRequestsPerSecond: 50,
      knownFactor: 2,
    };
    const line = new Line({ rates });
    line.succeed(office);
    const unknown = Array.from({ length: 200 }, (_, n) => line.send(`10.0.0.${n}`)).filter(Boolean).length;
    expect(unknown).toBe(50);
    expect(Array.from({ length: 300 }, () => line.send(office)).filter(Boolean)).toHaveLength(200);
  });

  test('[OPS-05] a stream that sends too fast is paused for as long as it is ahead', () => {
    const line = new Line({ rates: { requestsPerSecond: 10, requestsBurst: 10 } });
    expect(line.guard.chunk(Buffer.alloc(10 * 512), attacker, line.now)).toBe(0);
    expect(line.guard.chunk(Buffer.alloc(5 * 512), attacker, line.now)).toBe(500);
  });

  test('[OPS-05] new calls are limited by source, agent and trunk, with the time to try again', () => {
    const line = new Line({
      rates: { callsPerSecond: 0.5, callsBurst: 2, agentCallsPerSecond: 0.1, agentCallsBurst: 1 },
    });
    const { guard, now } = line;
    expect([1, 2, 3].map(() => guard.call(attacker, undefined, now))).toEqual([
      undefined,
      undefined,
      { reason: 'call-rate', retryAfterSeconds: 2 },
    ]);
    expect([1, 2].map(() => guard.call(office, 'alice', now)?.reason)).toEqual([
      undefined,
      'agent-call-rate',
    ]);
    expect([1, 2, 3].map(() => guard.trunkCall('carrier', 2, now)?.reason)).toEqual([
      undefined,
      undefined,
      'trunk-call-rate',
    ]);
    expect(guard.trunkCall('carrier', 2, now + 500)).toBeUndefined();
  });

  test('[OPS-05] one source gets only so many connections', () => {
    const line = new Line({ rates: { connectionsPerSource: 2, knownFactor: 3 } });
    expect(line.guard.connection(attacker, 1, line.now)).toBeUndefined();
    expect(line.guard.connection(attacker, 2, line.now)).toBe('connections');
    line.succeed(office);
    expect(line.guard.connection(office, 5, line.now)).toBeUndefined();
    expect(line.guard.connection(office, 6, line.now)).toBe('connections');
  });
});

describe('amplification', () => {
  const answer = Buffer.from(`SIP/2.0 401 Unauthorized\r\n${'x'.repeat(600)}`);

  test('[OPS-05] answers to an unproven address stay below three times what came from there', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 30, max: 2_000 })), {
          maxLength: 100,
          size: 'max',
        }),
        (steps) => {
          const line = new Line();
          let [asked, answered] = [0, 0];
          for (const [asks, length] of steps) {
            if (asks) {
              line.send(attacker, 'x'.repeat(length));
              asked += length;
            } else {
              const bytes = Buffer.from('SIP/2.0 200 OK'.padEnd(length, 'x'));
              if (line.guard.mayAnswer(bytes, attacker, line.now)) answered += length;
            }
            expect(answered).toBeLessThanOrEqual(3 * asked);
          }
        },
      ),
    );
  });

  test('[OPS-05] an ACK, a right password or a connection proves the address; our own requests are our decision', () => {
    const line = new Line();
    const may = (address: string) => line.guard.mayAnswer(answer, address, line.now);
    expect(may(attacker)).toBe(false);
    expect(line.guard.mayAnswer(Buffer.from('INVITE sip:x SIP/2.0'), attacker, line.now)).toBe(true);
    line.guard.confirmed('192.0.2.1');
    line.succeed('192.0.2.2');
    line.guard.chunk(answer, '192.0.2.3', line.now);
    expect(['192.0.2.1', '192.0.2.2', '192.0.2.3'].map(may)).toEqual([true, true, true]);
  });
});

describe('memory', () => {
  test('[OPS-05] forged addresses push out only each other', () => {
    const line = new Line({ rates: { unknownRequestsPerSecond: 100_000 } });
    line.succeed(office);
    for (let n = 0; n < 60_000; n++) line.send(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, 'x');
    expect(line.guard.sources.size).toBeLessThanOrEqual(20_001);
    expect(line.guard.standingOf(office, line.now)).toBe('known');
    expect(line.guard.refusals.list().length).toBeLessThanOrEqual(500);
    line.now += 3 * 3_600_000;
    line.guard.sweep(line.now);
    expect(line.guard.standingOf(office, line.now)).toBe('unknown');
  });

  test('[OPS-05] recent refusals are counted by source and reason, the last one first, without control characters', () => {
    const line = new Line();
    line.guard.refused(attacker, 'unknown-number', '1\u001b[2J', line.now);
    line.guard.refused(office, 'banned', '', line.now);
    line.now += 5;
    line.guard.refused(attacker, 'unknown-number', '2', line.now);
    expect(line.guard.refusals.list()).toMatchObject([
      { source: attacker, count: 2, detail: '2', atMs: line.now, firstAtMs: line.now - 5 },
      { source: office, count: 1 },
    ]);
    expect(line.guard.refusals.total).toBe(3);
  });
});
