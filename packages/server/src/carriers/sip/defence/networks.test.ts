import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NetworkMap, parseNetwork, sourceOf } from './networks.ts';

describe('networks', () => {
  test.each([
    ['192.0.2.77/24', '192.0.2.0/24'],
    ['192.0.2.77', '192.0.2.77'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8:0:0:1::/48', '2001:db8::/48'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::1', '::1'],
    ['::/0', '::/0'],
  ])('[OPS-05] %s is read as %s', (text, expected) => {
    expect(parseNetwork(text)?.text).toBe(expected);
  });

  test.each([
    '',
    '192.0.2',
    '192.0.2.1/33',
    '192.0.2.1/',
    '192.0.2.1/8/8',
    '::1/129',
    'fe80::1%eth0',
    '1.2.3.4/-1',
    'x',
  ])('[OPS-05] %j is no network', (text) => {
    expect(parseNetwork(text)).toBeUndefined();
  });

  test('[OPS-05] the longest network that holds an address decides', () => {
    const map = new NetworkMap(
      (['10.0.0.0/8', '10.1.0.0/16', '10.1.2.3', '2001:db8::/32'] as const).map((text) => {
        const network = parseNetwork(text);
        if (network === undefined) throw new Error(text);
        return [network, text] as const;
      }),
    );
    const find = (address: string) => map.find(address)?.value;
    expect(['10.9.9.9', '10.1.9.9', '10.1.2.3', '11.0.0.1'].map(find)).toEqual([
      '10.0.0.0/8',
      '10.1.0.0/16',
      '10.1.2.3',
      undefined,
    ]);
    expect(['2001:db8::7', '::ffff:10.1.2.3', '2001:db9::7', 'nonsense'].map(find)).toEqual([
      '2001:db8::/32',
      '10.1.2.3',
      undefined,
      undefined,
    ]);
  });

  test('[OPS-05] every address is in the networks that are made of it, and in no network beside them', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 1, max: 32 }), (address, length) => {
        const network = parseNetwork(`${address}/${length}`);
        expect(network).toBeDefined();
        if (network === undefined) return;
        const map = new NetworkMap([[network, true]]);
        expect(map.find(address)).toEqual({ value: true, length: length + 96 });
        const bit = 32 - length;
        const beside = BigInt(network.base) ^ (1n << BigInt(bit));
        const text = [24n, 16n, 8n, 0n].map((shift) => (beside >> shift) & 255n).join('.');
        expect(map.find(text)).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(fc.ipV6(), fc.integer({ min: 0, max: 128 }), (address, length) => {
        const network = parseNetwork(`${address}/${length}`);
        if (network === undefined) throw new Error(address);
        expect(new NetworkMap([[network, 1]]).find(address)).toEqual({ value: 1, length: network.length });
        expect(parseNetwork(network.text)).toEqual(network);
      }),
    );
  });

  test('[OPS-05] one customer of IPv6 is one source, whatever the lower bits are', () => {
    expect(sourceOf('2001:db8:1:2:aaaa::1')).toBe('2001:db8:1:2::/64');
    expect(sourceOf('2001:db8:1:2:bbbb::2')).toBe('2001:db8:1:2::/64');
    expect(sourceOf('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(sourceOf('192.0.2.1')).toBe('192.0.2.1');
  });
});
