import type { Binding, Flow } from '@crosspoint/sip';
import { expect, test } from 'vitest';
import { DeviceFlows } from './device-flows.ts';

const proxy: Flow = {
  protocol: 'udp',
  localAddress: '10.0.0.1',
  localPort: 5060,
  remoteAddress: '192.0.2.10',
  remotePort: 5070,
};
const at = (flow: Flow): Binding[] => [{ flow } as Binding];

test('[RFC3327] telephones behind one proxy share its path: it is known until the last of them is gone', () => {
  const devices = new DeviceFlows();
  for (const user of ['alice', 'bob', 'carol']) devices.update(user, at(proxy));
  devices.update('alice', at(proxy));
  devices.update('carol', []);
  expect(devices.has(proxy)).toBe(true);
  devices.update('alice', []);
  expect(devices.has(proxy)).toBe(true);
  devices.update('bob', at({ ...proxy, remotePort: 5080 }));
  expect(devices.has(proxy)).toBe(false);
});

test('[RFC3261 §18.1.1] a telephone registered over UDP is known on TCP, by its user and address only', () => {
  const devices = new DeviceFlows();
  devices.update('alice', at(proxy));
  const stream: Flow = { ...proxy, protocol: 'tcp', remotePort: 40_000, connectionId: 7 };
  expect(devices.has(stream)).toBe(false);
  expect(devices.isNear('alice', stream)).toBe(true);
  expect(devices.isNear('bob', stream)).toBe(false);
  expect(devices.isNear('alice', { ...stream, remoteAddress: '192.0.2.11' })).toBe(false);
});
