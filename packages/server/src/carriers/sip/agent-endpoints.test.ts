import { AgentEndpoint, type AgentId, type TenantId } from '@crosspoint/contracts';
import type { Binding } from '@crosspoint/sip';
import { describe, expect, test } from 'vitest';
import { SipAccounts } from './accounts.ts';
import { AgentEndpoints } from './agent-endpoints.ts';

const tenantId = 'tenant' as TenantId;
const agentId = 'ann' as AgentId;
const endpoint = (given: object) => AgentEndpoint.parse(given);

function binding(contact: string, more: Partial<Binding> = {}): Binding {
  const protocol = contact.startsWith('web') ? ('wss' as const) : ('udp' as const);
  const flow = { protocol, localAddress: '', localPort: 0, remoteAddress: contact, remotePort: 1 };
  const about = { aor: 'sip:ann@x', user: 'ann', q: 1, callId: contact, sequence: 1, expiresAtMs: 1 };
  return { ...about, contact, flow, ...more };
}

function endpointsWith(
  bindings: Binding[],
  reachable: readonly string[] = [],
  silent: readonly string[] = [],
) {
  const accounts = new SipAccounts();
  accounts.replace(tenantId, [{ tenantId, agentId, username: 'ann', ha1Md5: '', ha1Sha256: '' }]);
  return new AgentEndpoints({
    accounts,
    bindingsOf: (username) => (username === 'ann' ? bindings : []),
    browserOf: () => undefined,
    answers: ({ contact }) => !silent.includes(contact),
    heardAtMs: ({ contact }) => (contact === 'desk' ? 1_000 : contact === 'soft' ? 2_000 : undefined),
    isReachable: (number) => reachable.includes(number),
  });
}

const contacts = (endpoints: AgentEndpoints) =>
  endpoints.of(agentId).stages.map(({ bindings }) => bindings.map(({ contact }) => contact));

describe('the endpoints of an agent', () => {
  test('[CAR-05] without any configured are all registered devices, together', () => {
    const endpoints = endpointsWith([binding('desk'), binding('web'), binding('soft')]);
    expect(contacts(endpoints)).toEqual([['desk', 'soft', 'web']]);
    expect(endpoints.statesOf(agentId)).toMatchObject([
      { kind: 'sip', reachable: true, reason: 'registered' },
      { kind: 'browser', reachable: true, reason: 'registered' },
    ]);
    expect(contacts(endpointsWith([]))).toEqual([]);
    expect(endpointsWith([]).statesOf(agentId)).toMatchObject([
      { reachable: false, reason: 'not-registered' },
    ]);
  });

  test('[AVL-01] say when one of their devices was heard of last', () => {
    const endpoints = endpointsWith([binding('desk'), binding('web'), binding('soft')]);
    expect(endpoints.statesOf(agentId).map(({ lastHeartbeatAt }) => lastHeartbeatAt)).toEqual([
      '1970-01-01T00:00:02.000Z',
      null,
    ]);
    expect(endpointsWith([]).statesOf(agentId)).toMatchObject([{ lastHeartbeatAt: null }]);
  });

  test('[AVL-02] that do not answer are left out; with no other one the agent cannot be reached', () => {
    const some = endpointsWith([binding('desk'), binding('soft')], [], ['desk']);
    expect(contacts(some)).toEqual([['soft']]);
    expect(some.statesOf(agentId)).toMatchObject([{ reachable: true, reason: 'registered' }]);
    const none = endpointsWith([binding('desk'), binding('web')], [], ['desk', 'web']);
    expect(contacts(none)).toEqual([]);
    expect(none.isReachable(agentId)).toBe(false);
    expect(none.statesOf(agentId)).toMatchObject([
      { kind: 'sip', reachable: false, reason: 'not-answering' },
      { kind: 'browser', reachable: false, reason: 'not-answering' },
    ]);
  });

  test('[CAR-05] ring in their order, those that cannot be reached left out', () => {
    const endpoints = endpointsWith([binding('desk'), binding('web')], ['+420777000111']);
    const mobile = endpoint({ kind: 'external', address: '+420777000111' });
    const all = [
      endpoint({ kind: 'browser', ringSeconds: 10 }),
      endpoint({ kind: 'external', address: '+999' }),
      mobile,
      endpoint({ kind: 'sip', enabled: true }),
    ];
    endpoints.configure(tenantId, [{ agentId, ringMode: 'in-order', endpoints: all }]);
    expect(contacts(endpoints)).toEqual([['web'], [], ['desk']]);
    expect(endpoints.of(agentId)).toMatchObject({
      stages: [{ ringTimeoutMs: 10_000 }, {}, {}],
      external: [{ number: '+420777000111', confirmKey: '1', stage: 1 }],
    });
    endpoints.configure(tenantId, [{ agentId, ringMode: 'together', endpoints: all }]);
    expect(contacts(endpoints)).toEqual([['web', 'desk']]);
    expect(endpoints.of(agentId).external).toMatchObject([{ stage: 0 }]);
    expect(endpoints.withExternal()).toEqual([agentId]);
  });

  test('[CAR-05] make the agent reachable as soon as one of them is', () => {
    const endpoints = endpointsWith([], ['+420777000111']);
    const mobile = { kind: 'external', address: '+420777000111' };
    const configure = (...all: object[]) =>
      endpoints.configure(tenantId, [{ agentId, ringMode: 'together', endpoints: all.map(endpoint) }]);
    configure({ kind: 'sip' });
    expect(endpoints.isReachable(agentId)).toBe(false);
    configure({ kind: 'sip' }, mobile);
    expect(endpoints.isReachable(agentId)).toBe(true);
    expect(endpoints.statesOf(agentId)).toMatchObject([
      { reason: 'not-registered' },
      { address: '+420777000111', reason: 'trunk-available' },
    ]);
    configure({ ...mobile, enabled: false });
    expect(endpoints.statesOf(agentId)).toMatchObject([{ reachable: false, reason: 'disabled' }]);
  });

  test('[RFC5626 §5.3] of one device with two paths, one is called', () => {
    const same = { instanceId: 'urn:uuid:1' };
    const endpoints = endpointsWith([binding('one', same), binding('two', same), binding('other')]);
    expect(contacts(endpoints)).toEqual([['one', 'other']]);
  });
});
