import { expect, test } from 'vitest';
import { AllowedNetworks } from './private-addresses.ts';

const none = new AllowedNetworks([]);

test.each([
  ...['8.8.8.8', '1.1.1.1', '93.184.215.14', '172.15.255.255', '172.32.0.0', '223.255.255.255'],
  ...['2606:4700::1111', '2a00:1450:4014:80c::200e', '2001:4860:4860::8888'],
])('[IVR-01] %s of the public internet is asked', (address) => {
  expect(none.allows(address)).toBe(true);
});

test.each([
  ...['127.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254'],
  ...['100.64.0.1', '0.0.0.0', '255.255.255.255', '224.0.0.1', '198.19.0.1'],
  ...['::1', '::', 'fe80::1', 'fc00::1', 'fdff::1', 'ff02::1', '2001:db8::1', '2002:7f00:1::', '2001::1'],
  // IPv4 in the clothes of IPv6: as it is written, as it is mapped, behind a gateway.
  ...['::ffff:127.0.0.1', '::ffff:8.8.8.8', '::127.0.0.1', '64:ff9b::10.0.0.1', '64:ff9b:1::1'],
  ...['', 'localhost', '1.2.3', '010.1.1.1x'],
])('[IVR-01] %s is refused', (address) => {
  expect(none.allows(address)).toBe(false);
});

test('[IVR-01] what is allowed is allowed in its own family', () => {
  const four = new AllowedNetworks(['10.1.0.0/16', '127.0.0.1']);
  expect(['10.1.2.3', '127.0.0.1', '10.2.0.1', '127.0.0.2'].map((each) => four.allows(each))).toEqual([
    ...[true, true, false, false],
  ]);
  const six = new AllowedNetworks(['fd00::/8', '::1', '::/0']);
  expect(['fd12::1', '::1', 'fe80::1'].map((each) => six.allows(each))).toEqual([true, true, true]);
  // Every address of IPv6 is none of IPv4.
  expect(['10.1.2.3', '127.0.0.1'].map((each) => six.allows(each))).toEqual([false, false]);
});
