import type { AgentId, TenantId } from '@crosspoint/contracts';
import type { Binding } from '@crosspoint/sip';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { DEFAULT_TENANT_ID } from '../../platform/index.ts';
import { SipAccounts } from './accounts.ts';
import { StoredRegistrations } from './registrations.ts';

const tenantId = DEFAULT_TENANT_ID as TenantId;
const nowMs = Date.now();

let store: TestDatabase;
beforeAll(async () => {
  store = await createTestDatabase();
});
afterAll(() => store.drop());

function binding(user: string, more: Partial<Binding>): Binding {
  return {
    ...{ aor: `sip:${user}@crosspoint`, user, contact: `sip:${user}@192.168.1.10;transport=udp`, q: 1 },
    ...{ callId: 'c', sequence: 1, expiresAtMs: nowMs + 600_000 },
    flow: {
      ...{ protocol: 'udp', localAddress: '10.0.0.1', localPort: 5060 },
      ...{ remoteAddress: '198.51.100.7', remotePort: 5060 },
    },
    ...more,
  };
}

test('[CAR-03] telephones with equal Contacts are stored, by instance, flow and NAT, and everybody else with them', async () => {
  const accounts = new SipAccounts();
  const agentId = '0190a0b0-0000-7000-8000-000000000001' as AgentId;
  for (const username of ['alice', 'bob']) {
    accounts.addTemporary({ tenantId, agentId, username, ha1Md5: null, ha1Sha256: null });
  }
  const faults: string[] = [];
  const open = () => new StoredRegistrations(store.database, accounts, (detail) => faults.push(detail));
  const otherNat = { ...binding('alice', {}).flow, remoteAddress: '203.0.113.8' };
  const alice = [
    binding('alice', { instanceId: '<urn:uuid:one>' }),
    binding('alice', { instanceId: '<urn:uuid:two>' }),
    binding('alice', { instanceId: '<urn:uuid:two>', registrationId: 2 }),
    binding('alice', { flow: otherNat }),
  ];
  const before = open();
  before.changed('sip:alice@crosspoint', 'alice', alice);
  before.changed('sip:bob@crosspoint', 'bob', [binding('bob', {})]);
  await before.close();
  const loaded = await open().load(nowMs);
  expect(loaded.filter(({ user }) => user === 'alice')).toHaveLength(alice.length);
  expect(loaded.filter(({ user }) => user === 'bob')).toHaveLength(1);
  expect(faults).toEqual([]);
});
