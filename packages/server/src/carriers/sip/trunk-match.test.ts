import type { TrunkId } from '@crosspoint/contracts';
import type { Flow } from '@crosspoint/sip';
import { describe, expect, test } from 'vitest';
import { comesFrom, TrunkMatcher } from './trunk-match.ts';

const [a, b] = ['trunk-a', 'trunk-b'] as [TrunkId, TrunkId];

describe('the source of a call', () => {
  test('[CAR-01] names its trunk by address or network, of both families', () => {
    const matcher = new TrunkMatcher([
      { id: a, match: ['192.0.2.0/24', '2001:db8::/32'] },
      { id: b, match: ['198.51.100.7'] },
    ]);
    expect(matcher.bySource('192.0.2.255')).toBe(a);
    expect(matcher.bySource('192.0.3.0')).toBeUndefined();
    expect(matcher.bySource('2001:db8:1::5')).toBe(a);
    expect(matcher.bySource('2001:db9::5')).toBeUndefined();
    expect(matcher.bySource('198.51.100.7')).toBe(b);
    expect(matcher.bySource('198.51.100.8')).toBeUndefined();
  });

  test('[CAR-01] goes to the first trunk when two name the address', () => {
    const matcher = new TrunkMatcher([
      { id: b, match: ['192.0.2.9'] },
      { id: a, match: ['192.0.2.0/24'] },
    ]);
    expect(matcher.bySource('192.0.2.9')).toBe(b);
    expect(matcher.bySource('192.0.2.8')).toBe(a);
  });

  test('[CAR-01] counts with its port for UDP only, because connections come from any port', () => {
    const flow: Flow = {
      protocol: 'udp',
      localAddress: '192.0.2.1',
      localPort: 5060,
      remoteAddress: '198.51.100.7',
      remotePort: 5060,
    };
    const target = { address: '198.51.100.7', port: 5060 };
    expect(comesFrom(flow, target)).toBe(true);
    expect(comesFrom({ ...flow, remotePort: 5061 }, target)).toBe(false);
    expect(comesFrom({ ...flow, protocol: 'tls', remotePort: 40_000 }, target)).toBe(true);
    expect(comesFrom({ ...flow, remoteAddress: '198.51.100.8' }, target)).toBe(false);
  });
});
