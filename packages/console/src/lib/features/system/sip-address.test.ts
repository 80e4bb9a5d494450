import type { SystemInfo } from '@crosspoint/contracts';
import { expect, test } from 'vitest';
import { sipAddress } from './sip-address.ts';

const sip = (values: Partial<SystemInfo['sip']>): Pick<SystemInfo, 'sip'> => ({
  sip: {
    realm: 'crosspoint',
    host: '127.0.0.1',
    publicHost: null,
    transports: [{ transport: 'udp', port: 5060 }],
    ...values,
  },
});

test('[CAR-05] the address names the port only where it is not the standard one', () => {
  expect(sipAddress(sip({}), 'alice')).toBe('sip:alice@127.0.0.1');
  expect(sipAddress(sip({ transports: [{ transport: 'udp', port: 5080 }] }), 'alice')).toBe(
    'sip:alice@127.0.0.1:5080',
  );
});

test('[CAR-05] the public address wins, and an IPv6 address stands in brackets', () => {
  expect(sipAddress(sip({ publicHost: 'sip.example.com' }), 'bob')).toBe('sip:bob@sip.example.com');
  expect(sipAddress(sip({ host: '::1', transports: [{ transport: 'tcp', port: 5070 }] }), 'bob')).toBe(
    'sip:bob@[::1]:5070',
  );
});
