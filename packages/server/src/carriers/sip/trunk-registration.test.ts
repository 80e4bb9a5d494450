import type { Flow } from '@crosspoint/sip';
import { expect, test } from 'vitest';
import type { SipShell } from './shell.ts';
import { TrunkRegistration } from './trunk-registration.ts';

const flowTo = (remoteAddress: string): Flow => ({
  ...{ protocol: 'udp', localAddress: '192.0.2.1', localPort: 5060, remoteAddress, remotePort: 5060 },
});

test('[CAR-01] [RFC3608 §6.1] the way that a server names is that of calls to itself, and of none to the next one', () => {
  const [first, second] = [flowTo('192.0.2.10'), flowTo('192.0.2.20')];
  const registration = new TrunkRegistration({ run: () => undefined } as unknown as SipShell, {
    ...{ id: 'trunk', contactUser: 't-trunk', host: 'carrier.example', changed: () => undefined },
    account: { username: 'acme', expirySeconds: 3600 },
  });
  const registeredAt = (target: Flow) =>
    registration.stateChanged({
      ...{ kind: 'registered', sinceMs: 0, target, expiresAtMs: 3_600_000, nextAttemptAtMs: 3_000_000 },
      ...{ serviceRoute: [`<sip:${target.remoteAddress};lr>`], path: [], isOutbound: false },
    });
  expect(registration.routeAt(first)).toEqual([]);
  registeredAt(first);
  expect(registration.routeAt(first)).toEqual(['<sip:192.0.2.10;lr>']);
  expect(registration.routeAt(second)).toEqual([]);
  registration.stateChanged({ kind: 'registering', sinceMs: 0, target: first });
  expect(registration.routeAt(first)).toHaveLength(1);
  registeredAt(second);
  expect(registration.routeAt(first)).toEqual([]);
  expect(registration.routeAt(second)).toEqual(['<sip:192.0.2.20;lr>']);
});
