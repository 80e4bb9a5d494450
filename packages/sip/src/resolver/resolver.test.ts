import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generator } from '../../test/world.ts';
import { parseUri } from '../message/index.ts';
import {
  destinationOf,
  Resolver,
  type Destination,
  type DnsAnswer,
  type DnsQuery,
  type Records,
  type RecordType,
  type ResolverEffect,
  type ResolverOptions,
} from './index.ts';

type Zone = Record<string, ReadonlyArray<Records[RecordType]>>;

const naptr = (
  order: number,
  preference: number,
  service: string,
  replacement: string,
): Records['NAPTR'] => ({
  order,
  preference,
  flags: 's',
  service,
  replacement,
});
const srv = (priority: number, weight: number, port: number, name: string): Records['SRV'] => ({
  priority,
  weight,
  port,
  name,
});

/** A resolver with name servers that answer from a zone at once, or not at all. */
class Net {
  readonly resolver: Resolver;
  readonly asked: string[] = [];
  zone: Zone;
  nowMs = 1_000;
  ttlSeconds = 60;
  isDown = false;

  constructor(zone: Zone = {}, options: Partial<ResolverOptions> = {}) {
    this.zone = zone;
    this.resolver = new Resolver({ random32: generator(7), ...options });
  }

  answer({ type, name }: DnsQuery): DnsAnswer {
    if (this.isDown) return { kind: 'failed' };
    const records = this.zone[`${type} ${name}`];
    return records === undefined
      ? { kind: 'not-found' }
      : { kind: 'records', records, ttlSeconds: this.ttlSeconds };
  }

  resolve(destination: Destination): Exclude<ResolverEffect, { type: 'look-up' }> {
    let effects = this.resolver.handle({ type: 'resolve', resolutionId: 'r', destination }, this.nowMs);
    for (let rounds = 0; rounds < 20; rounds++) {
      const end = effects.find((effect) => effect.type !== 'look-up');
      if (end !== undefined) return end;
      effects = effects.flatMap((effect) => {
        if (effect.type !== 'look-up') return [];
        this.asked.push(`${effect.query.type} ${effect.query.name}`);
        return this.resolver.handle(
          { type: 'answer', query: effect.query, answer: this.answer(effect.query) },
          this.nowMs,
        );
      });
    }
    throw new Error('no end');
  }

  /** Targets as `transport address:port`. */
  targets(destination: Destination): string[] {
    const result = this.resolve(destination);
    if (result.type !== 'resolved') return [result.reason];
    return result.targets.map(({ transport, address, port }) => `${transport} ${address}:${port}`);
  }
}

const provider: Zone = {
  'NAPTR p.example': [
    naptr(50, 60, 'SIP+D2T', '_sip._tcp.p.example'),
    naptr(50, 50, 'SIPS+D2T', '_sips._tcp.p.example'),
    naptr(90, 50, 'SIP+D2U', '_sip._udp.p.example'),
    naptr(10, 10, 'E2U+email', 'mail.p.example'),
  ],
  'SRV _sips._tcp.p.example': [srv(0, 0, 5_071, 'a.p.example'), srv(1, 0, 5_072, 'b.p.example')],
  'SRV _sip._tcp.p.example': [srv(0, 0, 5_080, 'a.p.example')],
  'SRV _sip._udp.p.example': [srv(0, 0, 5_090, 'a.p.example')],
  'A a.p.example': ['192.0.2.1', '192.0.2.2'],
  'AAAA a.p.example': ['2001:db8::1'],
  'A b.p.example': ['192.0.2.3'],
  'A p.example': ['192.0.2.9'],
};

describe('finding servers', () => {
  it('[RES-01] [RFC3263 §4.1] the domain chooses the transport by NAPTR, and SRV the servers', () => {
    const net = new Net(provider);
    expect(net.targets({ host: 'p.example' })).toEqual([
      'tls 192.0.2.1:5071',
      'tls 192.0.2.2:5071',
      'tls 2001:db8::1:5071',
      'tls 192.0.2.3:5072',
      'tcp 192.0.2.1:5080',
      'tcp 192.0.2.2:5080',
      'tcp 2001:db8::1:5080',
    ]);
    expect(new Net(provider, { transports: ['udp'] }).targets({ host: 'p.example' })[0]).toBe(
      'udp 192.0.2.1:5090',
    );
    expect(new Net(provider).targets({ host: 'p.example', isSecure: true })).toHaveLength(4);
    const resolved = new Net(provider).resolve({ host: 'p.example.' });
    expect(resolved.type === 'resolved' && resolved.targets.every(({ host }) => host === 'p.example')).toBe(
      true,
    );
  });

  it('[RES-02] [RFC3263 §4.2] a transport named asks for its SRV records alone, a port for addresses alone', () => {
    const net = new Net(provider);
    expect(net.targets({ host: 'p.example', transport: 'udp' })[0]).toBe('udp 192.0.2.1:5090');
    expect(net.asked[0]).toBe('SRV _sip._udp.p.example');
    const port = new Net(provider);
    expect(port.targets({ host: 'p.example', port: 5_066 })).toEqual(['udp 192.0.2.9:5066']);
    expect(port.asked).toEqual(['A p.example', 'AAAA p.example']);
    expect(port.targets({ host: 'p.example', port: 5_066, isSecure: true })).toEqual(['tls 192.0.2.9:5066']);
  });

  it('[RES-03] addresses need no look-up', () => {
    const net = new Net();
    expect(net.targets({ host: '192.0.2.7' })).toEqual(['udp 192.0.2.7:5060']);
    expect(net.targets({ host: '2001:db8::7', transport: 'tcp', isSecure: true })).toEqual([
      'tls 2001:db8::7:5061',
    ]);
    const browser = new Net({}, { transports: ['wss'] });
    expect(browser.targets({ host: '[2001:db8::7]', port: 5_070, transport: 'wss' })).toEqual([
      'wss 2001:db8::7:5070',
    ]);
    expect(net.asked).toEqual([]);
  });

  it('[RES-04] without NAPTR the SRV records of each transport count, without those the addresses', () => {
    const { 'NAPTR p.example': _naptr, ...rest } = provider;
    expect(new Net(rest).targets({ host: 'p.example' })).toEqual([
      'udp 192.0.2.1:5090',
      'udp 192.0.2.2:5090',
      'udp 2001:db8::1:5090',
      'tcp 192.0.2.1:5080',
      'tcp 192.0.2.2:5080',
      'tcp 2001:db8::1:5080',
    ]);
    const bare: Zone = { 'A q.example': ['192.0.2.5'], 'AAAA q.example': ['2001:db8::5'] };
    expect(new Net(bare).targets({ host: 'q.example' })).toEqual([
      'udp 192.0.2.5:5060',
      'udp 2001:db8::5:5060',
    ]);
    expect(new Net(bare, { families: ['ipv6'] }).targets({ host: 'q.example', isSecure: true })).toEqual([
      'tls 2001:db8::5:5061',
    ]);
    expect(new Net(bare, { transports: ['tcp'] }).targets({ host: 'q.example' })[0]).toBe(
      'tcp 192.0.2.5:5060',
    );
    expect(new Net(bare).targets({ host: 'q.example', transport: 'ws' })).toEqual(['no-transport']);
    expect(new Net(bare, { transports: ['ws'] }).targets({ host: 'q.example', transport: 'ws' })[0]).toBe(
      'ws 192.0.2.5:80',
    );
  });

  it('[RES-05] says why there is no server', () => {
    expect(new Net().targets({ host: 'none.example' })).toEqual(['not-found']);
    const none: Zone = { 'SRV _sip._tcp.n.example': [srv(0, 0, 0, '.')], 'A n.example': ['192.0.2.1'] };
    // RFC 2782: a single dot says that the service is decidedly not there.
    expect(new Net(none).targets({ host: 'n.example', transport: 'tcp' })).toEqual(['not-found']);
    expect(new Net(provider).targets({ host: 'p.example', transport: 'udp', isSecure: true })).toEqual([
      'no-transport',
    ]);
    const down = new Net(provider);
    down.isDown = true;
    expect(down.targets({ host: 'p.example' })).toEqual(['failed']);
    const full = new Net({}, { resolutionsMax: 0 });
    expect(full.targets({ host: 'p.example' })).toEqual(['limit-reached']);
  });

  it('[RES-06] [RFC2782] priority is obeyed and weight decides how often a server comes first', () => {
    const server = fc.record({
      priority: fc.nat(3),
      weight: fc.nat(100),
      port: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(server, { minLength: 1, maxLength: 8, selector: ({ port }) => port }),
        fc.nat(),
        (servers, seed) => {
          const zone: Zone = {
            'SRV _sip._udp.x.example': servers.map(({ priority, weight, port }) =>
              srv(priority, weight, port, '192.0.2.1'),
            ),
          };
          const net = new Net(zone, { random32: generator(seed) });
          const ports = net
            .targets({ host: 'x.example', transport: 'udp' })
            .map((text) => Number(text.split(':')[1]));
          expect(new Set(ports)).toEqual(new Set(servers.map(({ port }) => port)));
          expect(ports).toHaveLength(servers.length);
          const priorities = ports.map((port) => servers.find((one) => one.port === port)?.priority ?? -1);
          expect(priorities).toEqual(priorities.toSorted((a, b) => a - b));
        },
      ),
    );
    const weighted: Zone = {
      'SRV _sip._udp.x.example': [
        srv(0, 60, 1, '192.0.2.1'),
        srv(0, 30, 2, '192.0.2.1'),
        srv(0, 10, 3, '192.0.2.1'),
        srv(0, 0, 4, '192.0.2.1'),
      ],
    };
    const net = new Net(weighted);
    const firsts = new Map<string, number>();
    for (let i = 0; i < 10_000; i++) {
      const [target = ''] = net.targets({ host: 'x.example', transport: 'udp' });
      const port = target.split(':')[1] ?? '';
      firsts.set(port, (firsts.get(port) ?? 0) + 1);
    }
    const share = (port: string) => (firsts.get(port) ?? 0) / 10_000;
    expect(share('1')).toBeCloseTo(0.6, 1);
    expect(share('2')).toBeCloseTo(0.3, 1);
    expect(share('3')).toBeCloseTo(0.1, 1);
    expect(share('4')).toBeLessThan(0.01);
  });

  it('[RES-07] answers are kept by their time to live, and nobody is asked twice at once', () => {
    const net = new Net(provider);
    net.targets({ host: 'p.example' });
    const asked = net.asked.length;
    net.targets({ host: 'P.Example' });
    expect(net.asked).toHaveLength(asked);
    const resolved = net.resolve({ host: 'p.example' });
    // Names that have no IPv6 address are asked about again first.
    expect(resolved.type === 'resolved' && resolved.expiresAtMs).toBe(net.nowMs + 30_000);
    net.nowMs += 60_000;
    net.targets({ host: 'p.example' });
    expect(net.asked).toHaveLength(2 * asked);
    const twice = new Net(provider);
    const ask = (resolutionId: string) =>
      twice.resolver.handle(
        { type: 'resolve', resolutionId, destination: { host: 'p.example', port: 1 } },
        0,
      );
    const query: DnsQuery = { type: 'A', name: 'p.example' };
    expect([ask('1').length, ask('2').length]).toEqual([2, 0]);
    twice.resolver.handle({ type: 'answer', query, answer: twice.answer(query) }, 0);
    const ends = twice.resolver.handle(
      { type: 'answer', query: { ...query, type: 'AAAA' }, answer: { kind: 'not-found' } },
      0,
    );
    expect(ends.map((effect) => effect.type === 'resolved' && effect.resolutionId)).toEqual(['1', '2']);
  });

  it('[RES-08] silence of the name servers is a failure, and records that have just ended are better than none', () => {
    const net = new Net(provider);
    const start = net.resolver.handle(
      { type: 'resolve', resolutionId: 'r', destination: { host: 'p.example', port: 9 } },
      0,
    );
    expect(start.map(({ type }) => type)).toEqual(['look-up', 'look-up']);
    expect(net.resolver.nextDeadlineMs()).toBe(3_000);
    expect(net.resolver.handle({ type: 'time' }, 2_999)).toEqual([]);
    expect(net.resolver.handle({ type: 'time' }, 3_000)).toEqual([
      { type: 'unresolved', resolutionId: 'r', reason: 'failed' },
    ]);
    expect(net.resolver.nextDeadlineMs()).toBeUndefined();
    const stale = new Net(provider);
    expect(stale.targets({ host: 'p.example', port: 9 })).toEqual(['udp 192.0.2.9:9']);
    stale.isDown = true;
    stale.nowMs += 600_000;
    expect(stale.targets({ host: 'p.example', port: 9 })).toEqual(['udp 192.0.2.9:9']);
    stale.nowMs += 3_600_000;
    expect(stale.targets({ host: 'p.example', port: 9 })).toEqual(['failed']);
  });

  it('[RES-09] a server that failed comes after the others for a time, or as long as it asked for', () => {
    const net = new Net(provider);
    const order = () => net.targets({ host: 'p.example', isSecure: true });
    const [best] = order();
    const target = { transport: 'tls', address: '192.0.2.1', port: 5_071, host: 'p.example' } as const;
    net.resolver.handle({ type: 'target-failed', target }, net.nowMs);
    expect(order().at(-1)).toBe(best);
    net.nowMs += 60_000;
    expect(order()[0]).toBe(best);
    net.resolver.handle({ type: 'target-failed', target, retryAfterSeconds: 300 }, net.nowMs);
    net.nowMs += 299_000;
    expect(order().at(-1)).toBe(best);
    net.resolver.handle({ type: 'target-worked', target }, net.nowMs);
    expect(order()[0]).toBe(best);
  });

  it('[RES-10] nothing grows without bound, whatever the answers are', () => {
    const record = fc.record({
      order: fc.nat(3),
      preference: fc.nat(3),
      flags: fc.constantFrom('s', 'u', 'a', ''),
      service: fc.constantFrom('SIP+D2U', 'SIP+D2T', 'x'),
      replacement: fc.constantFrom('_sip._udp.x', 'x', ''),
      priority: fc.nat(2),
      weight: fc.nat(2),
      port: fc.nat(70_000),
      name: fc.constantFrom('x', 'y', '.', '', '192.0.2.1'),
    });
    const answer: fc.Arbitrary<DnsAnswer> = fc.oneof(
      fc.constant({ kind: 'failed' as const }),
      fc.constant({ kind: 'not-found' as const }),
      fc.record({
        kind: fc.constant('records' as const),
        records: fc.array(record, { maxLength: 60 }),
        ttlSeconds: fc.integer(),
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ maxLength: 5 }), answer), { maxLength: 60 }), (steps) => {
        const resolver = new Resolver({ random32: generator(1), answersMax: 10 });
        let nowMs = 0;
        const open: DnsQuery[] = [];
        const carry = (effects: ResolverEffect[]) => {
          for (const effect of effects) if (effect.type === 'look-up') open.push(effect.query);
        };
        for (const [host, given] of steps) {
          carry(resolver.handle({ type: 'resolve', resolutionId: host, destination: { host } }, nowMs));
          const query = open.shift();
          const text =
            given.kind === 'records' && query !== undefined && query.type.startsWith('A')
              ? { ...given, records: given.records.map(() => '192.0.2.1') }
              : given;
          if (query !== undefined) carry(resolver.handle({ type: 'answer', query, answer: text }, nowMs));
          nowMs += 100;
          expect(resolver.statistics.answers).toBeLessThanOrEqual(10);
        }
        for (let rounds = 0; rounds < 10; rounds++)
          carry(resolver.handle({ type: 'time' }, (nowMs += 3_000)));
        expect(resolver.statistics).toMatchObject({ resolutions: 0, questions: 0 });
      }),
    );
  });

  it('[RES-11] a URI says where it leads', () => {
    const of = (text: string) => {
      const uri = parseUri(text);
      return uri === undefined ? undefined : destinationOf(uri);
    };
    expect(of('sips:a@b.example:5070;transport=TCP;maddr=192.0.2.1')).toEqual({
      host: '192.0.2.1',
      port: 5_070,
      transport: 'tcp',
      isSecure: true,
    });
    expect(of('sip:b.example')).toMatchObject({ host: 'b.example', isSecure: false });
    expect(of('sip:b.example;transport=sctp')).toBeUndefined();
    expect(of('tel:+1234')).toBeUndefined();
  });
});
