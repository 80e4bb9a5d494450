import { describe, expect, test } from 'vitest';
import { addressTowards, isPrivate, mediaAddressTowards, mediaHostOf } from './addressing.ts';

describe('the address that a peer is told', () => {
  test('[CAR-01] a bound address is told as it is', () => {
    expect(addressTowards('192.0.2.1', '198.51.100.7', undefined)).toBe('198.51.100.7');
  });

  test('[CAR-01] the public address is told to public peers only', () => {
    expect(addressTowards('192.0.2.1', '0.0.0.0', '203.0.113.9')).toBe('203.0.113.9');
    expect(addressTowards('127.0.0.1', '0.0.0.0', '203.0.113.9')).toBe('127.0.0.1');
    expect(addressTowards('10.1.2.3', '10.0.0.1', '203.0.113.9')).toBe('10.0.0.1');
  });

  test('[CAR-01] on a socket for both families a peer is told an address of its own', () => {
    expect(addressTowards('::1', '::', undefined)).toBe('::1');
    expect(addressTowards('127.0.0.1', '::', undefined)).toBe('127.0.0.1');
    expect(addressTowards('2001:db8::9', '::1', '203.0.113.9')).toBe('::1');
    expect(addressTowards('2001:db8::9', '::1', '2001:db8::7')).toBe('2001:db8::7');
    expect(addressTowards('192.0.2.1', '0.0.0.0', 'sip.example')).toBe('sip.example');
  });

  test('[CAR-02] for sound a peer is told an address of the family it asks for, or none', () => {
    expect(mediaHostOf('::')).toBe('0.0.0.0');
    expect(mediaHostOf('::1')).toBe('127.0.0.1');
    expect(mediaHostOf('192.0.2.1')).toBe('192.0.2.1');
    expect(mediaAddressTowards('::1', mediaHostOf('::'), undefined)).toBe('::1');
    expect(mediaAddressTowards('::1', mediaHostOf('::1'), undefined)).toBe('::1');
    expect(mediaAddressTowards('::1', mediaHostOf('::'), undefined, 4)).toBe('127.0.0.1');
    expect(mediaAddressTowards('127.0.0.1', '127.0.0.1', undefined, 6)).toBe('::1');
    expect(mediaAddressTowards('2001:db8::9', '0.0.0.0', '2001:db8::7')).toBe('2001:db8::7');
    expect(mediaAddressTowards('203.0.113.1', '0.0.0.0', '203.0.113.9')).toBe('203.0.113.9');
    expect(mediaAddressTowards('10.0.0.1', '192.0.2.1', '203.0.113.9')).toBe('192.0.2.1');
    expect(mediaAddressTowards('::1', '192.0.2.1', '2001:db8::7')).toBeUndefined();
    expect(mediaAddressTowards('192.0.2.5', '192.0.2.1', undefined, 6)).toBeUndefined();
  });

  test.each([
    ['127.0.0.1', true],
    ['::1', true],
    ['10.0.0.1', true],
    ['172.15.0.1', false],
    ['172.16.0.1', true],
    ['172.31.255.1', true],
    ['172.32.0.1', false],
    ['100.64.0.1', true],
    ['100.127.255.1', true],
    ['100.128.0.1', false],
    ['192.168.1.1', true],
    ['169.254.1.1', true],
    ['fd00::1', true],
    ['fe80::1', true],
    ['2001:db8::1', false],
    ['8.8.8.8', false],
  ])('[CAR-01] %s is private: %s', (address, expected) => {
    expect(isPrivate(address)).toBe(expected);
  });
});
