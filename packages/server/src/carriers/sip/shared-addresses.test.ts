import type { Flow } from '@crosspoint/sip';
import { expect, test } from 'vitest';
import { SharedAddresses } from './shared-addresses.ts';
import type { SipTrunk } from './trunk.ts';

const flowFrom = (remoteAddress: string): Flow => ({
  ...{ protocol: 'udp', localAddress: '192.0.2.1', localPort: 5060 },
  ...{ remoteAddress, remotePort: 5060 },
});

test('[CAR-01] a telephone that registers from where a trunk sends is told once, with what follows', () => {
  const told: unknown[] = [];
  const trunk = { id: 'trunk', config: { name: 'carrier' } } as unknown as SipTrunk;
  const trunks = {
    size: 1,
    ofIncoming: (_user: string, flow: Flow) => (flow.remoteAddress === '192.0.2.10' ? trunk : undefined),
  };
  const shared = new SharedAddresses(trunks, (fields) => void told.push(fields));
  shared.registered('anna', flowFrom('198.51.100.1'));
  shared.registered('anna', flowFrom('192.0.2.10'));
  shared.registered('berta', flowFrom('192.0.2.10'));
  expect(told).toEqual([{ trunk: 'carrier', user: 'anna', address: '192.0.2.10' }]);
});
