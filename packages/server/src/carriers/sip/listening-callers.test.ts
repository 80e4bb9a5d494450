import type { ContactId, LegId } from '@crosspoint/contracts';
import type { Flow } from '@crosspoint/sip';
import { expect, test } from 'vitest';
import { newLeg, SipLegs } from './leg.ts';
import { ListeningCallers } from './listening-callers.ts';

const minuteMs = 60_000;
const flow = (remotePort: number, protocol: Flow['protocol'] = 'udp'): Flow => ({
  ...{ protocol, localAddress: '127.0.0.1', localPort: 5060 },
  ...{ remoteAddress: '127.0.0.1', remotePort },
});

function world() {
  const legs = new SipLegs();
  const flows = new Map<string, Flow>();
  const clock = { now: 0 };
  const listeners = new ListeningCallers({
    legs,
    flowOf: (sessionId) => flows.get(sessionId),
    now: () => clock.now,
  });
  const call = (name: string, from: Flow, role: 'caller' | 'callee' = 'caller'): LegId => {
    const legId = name as LegId;
    const leg = newLeg({ legId, contactId: name as ContactId }, role);
    Object.assign(leg, { sessionId: name, state: 'up' });
    legs.add(leg);
    flows.set(name, from);
    return legId;
  };
  return { legs, clock, listeners, call };
}

test('[SIP-07] a caller who was never heard may listen for ten minutes, and no longer', () => {
  const { call, listeners } = world();
  const leg = call('a', flow(5070));
  expect(listeners.mayListen(leg, 10_000)).toBe(true);
  expect(listeners.mayListen(leg, 10 * minuteMs - 1)).toBe(true);
  expect(listeners.mayListen(leg, 10 * minuteMs)).toBe(false);
});

test('[SIP-07] not a leg that we called, a page, one that is not confirmed, or one that is gone', () => {
  const { call, legs, listeners } = world();
  expect(listeners.mayListen(call('called', flow(5070), 'callee'), 10_000)).toBe(false);
  expect(listeners.mayListen(call('page', flow(5071, 'ws')), 10_000)).toBe(false);
  const answering = call('answering', flow(5072));
  Object.assign(legs.byLeg(answering) ?? {}, { state: 'answering' });
  expect(listeners.mayListen(answering, 10_000)).toBe(false);
  expect(listeners.mayListen('gone' as LegId, 10_000)).toBe(false);
});

test('[OPS-05] a source that sends what is no SIP message is not trusted for ten minutes, and its neighbours are', () => {
  const { call, clock, listeners } = world();
  const [hostile, decent] = [call('hostile', flow(5070)), call('decent', flow(5071))];
  expect(listeners.mayListen(hostile, 10_000)).toBe(true);
  listeners.distrust(flow(5070));
  expect(listeners.mayListen(hostile, minuteMs)).toBe(false);
  expect(listeners.mayListen(decent, minuteMs)).toBe(true);
  clock.now += 10 * minuteMs;
  expect(listeners.mayListen(hostile, minuteMs)).toBe(true);
});

test('[OPS-05] 2,000 of one source and not one more; who hangs up makes room', () => {
  const { call, legs, listeners } = world();
  for (let nth = 0; nth < 2_000; nth++)
    expect(listeners.mayListen(call(`${nth}`, flow(5070)), 10_000)).toBe(true);
  const last = call('last', flow(5070));
  expect(listeners.mayListen(last, 10_000)).toBe(false);
  expect(listeners.mayListen('0' as LegId, minuteMs)).toBe(true);
  expect(listeners.mayListen(call('other', flow(5071)), 10_000)).toBe(true);
  const first = legs.byLeg('0' as LegId);
  if (first !== undefined) legs.remove(first);
  expect(listeners.mayListen(last, minuteMs)).toBe(true);
});

test('[OPS-05] over a connection only as long as it is there', () => {
  const { call, listeners } = world();
  const connection = { ...flow(5070, 'tcp'), connectionId: 7 };
  const leg = call('connected', connection);
  expect(listeners.mayListen(leg, 10_000)).toBe(true);
  listeners.distrust(connection);
  expect(listeners.mayListen(leg, minuteMs)).toBe(false);
  expect(listeners.mayListen(call('without', flow(5071, 'tcp')), 10_000)).toBe(false);
});
