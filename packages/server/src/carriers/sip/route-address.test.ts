import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { routeAddress } from './route-address.ts';

const own = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .filter(({ address }) => !address.startsWith('fe80'));

describe('the way to a peer', () => {
  test('[CAR-01] [CAR-05] begins at the address of this host that belongs to its network', () => {
    expect(own.length).toBeGreaterThan(0);
    for (const { address } of own) {
      // Towards oneself the way begins where it ends.
      expect(routeAddress(address, 0)).toBe(address);
    }
  });

  test('[CAR-05] is not known for names, for what is no address and for where no route leads', () => {
    for (const remote of ['phone.example', '', '255.255.255.255', '300.1.1.1', ':::'])
      expect(routeAddress(remote, 0)).toBeUndefined();
  });

  test('[CAR-05] is looked up anew after some time, for as many peers as there are', () => {
    for (let peer = 0; peer < 3_000; peer++)
      expect(routeAddress(`127.1.${peer >> 8}.${peer & 255}`, peer)).toBe('127.0.0.1');
    expect(routeAddress('127.1.0.0', 60_000)).toBe('127.0.0.1');
  });
});
