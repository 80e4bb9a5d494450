import { parseUri } from '@crosspoint/sip';
import { describe, expect, test } from 'vitest';
import {
  addressTowards,
  contactFlow,
  dialogFlow,
  isPrivate,
  mediaAddressTowards,
  mediaHostOf,
} from './addressing.ts';

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

describe('where a registered telephone is called', () => {
  const flowFrom = (remoteAddress: string, remotePort: number, protocol: 'udp' | 'tcp' = 'udp') => {
    const ends = { localAddress: '10.0.0.1', localPort: 5060, remoteAddress, remotePort };
    return protocol === 'udp' ? { protocol, ...ends } : { protocol, ...ends, connectionId: 1 };
  };
  const portOf = (contact: string, ...from: Parameters<typeof flowFrom>) =>
    contactFlow({ contact, flow: flowFrom(...from) }).remotePort;

  test('[CAR-01] [RFC3261 §18.1.1] at the port that it names, when no NAT can have changed it', () => {
    expect(portOf('sip:ann@10.0.0.7:5060', '10.0.0.7', 49_152)).toBe(5060);
    expect(portOf('sip:ann@10.0.0.7', '10.0.0.7', 49_152)).toBe(5060);
    expect(portOf('sip:ann@[fd00::7]:5070', 'fd00::7', 49_152)).toBe(5070);
  });

  test('[CAR-01] [RFC3581] from where it was heard, when a NAT may lie in between, or a proxy or a connection leads there', () => {
    expect(portOf('sip:ann@192.168.1.7:5060', '10.0.0.7', 49_152)).toBe(49_152);
    // What STUN told it is the port towards somebody else.
    expect(portOf('sip:ann@203.0.113.7:5060', '203.0.113.7', 49_152)).toBe(49_152);
    expect(portOf('sip:ann@10.0.0.7:5060', '10.0.0.7', 49_152, 'tcp')).toBe(49_152);
    const flow = flowFrom('10.0.0.7', 49_152);
    expect(contactFlow({ contact: 'sip:ann@10.0.0.7:5060', flow, path: ['<sip:10.0.0.7;lr>'] })).toBe(flow);
    expect(portOf('sip:ann@10.0.0.7:5060;transport=tcp', '10.0.0.7', 49_152)).toBe(49_152);
  });

  test('[CAR-01] [RFC3261 §12.2.1.1] [RFC6665 §4.4.1] and so it is met within a call or a subscription, at a port that it names itself', () => {
    const portIn = (contact: string, ...from: Parameters<typeof flowFrom>) => {
      const uri = parseUri(contact);
      return uri && dialogFlow(uri, flowFrom(...from)).remotePort;
    };
    expect(portIn('sip:ann@10.0.0.7:5060', '10.0.0.7', 49_152)).toBe(5060);
    expect(portIn('sip:ann@10.0.0.7', '10.0.0.7', 49_152)).toBe(49_152);
    expect(portIn('sip:ann@192.168.1.7:5060', '10.0.0.7', 49_152)).toBe(49_152);
    expect(portIn('sip:ann@203.0.113.7:5060', '203.0.113.7', 49_152)).toBe(49_152);
    expect(portIn('sip:ann@10.0.0.7:5060', '10.0.0.7', 49_152, 'tcp')).toBe(49_152);
  });
});
