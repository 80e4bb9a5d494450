import { describe, expect, test } from 'vitest';
import { addressTowards, isPrivate } from './addressing.ts';

describe('the address that a peer is told', () => {
  test('[CAR-01] a bound address is told as it is', () => {
    expect(addressTowards('192.0.2.1', '198.51.100.7', undefined)).toBe('198.51.100.7');
  });

  test('[CAR-01] the public address is told to public peers only', () => {
    expect(addressTowards('192.0.2.1', '0.0.0.0', '203.0.113.9')).toBe('203.0.113.9');
    expect(addressTowards('127.0.0.1', '0.0.0.0', '203.0.113.9')).toBe('127.0.0.1');
    expect(addressTowards('10.1.2.3', '10.0.0.1', '203.0.113.9')).toBe('10.0.0.1');
  });

  test.each([
    ['127.0.0.1', true],
    ['::1', true],
    ['10.0.0.1', true],
    ['172.15.0.1', false],
    ['172.16.0.1', true],
    ['172.31.255.1', true],
    ['172.32.0.1', false],
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
