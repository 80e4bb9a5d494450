import type { AgentId, TenantId } from '@crosspoint/contracts';
import type { SipEvent, SipRequest } from '@crosspoint/sip';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createTestDatabase, silentLog, type TestDatabase } from '../../../../test/database.ts';
import { DEFAULT_TENANT_ID } from '../../../platform/index.ts';
import { LineDefence } from './line-defence.ts';

const attacker = '203.0.113.9';
const tenantId = DEFAULT_TENANT_ID as TenantId;
const agentId = '0190a0b0-0000-7000-8000-000000000001' as AgentId;
const options = Buffer.from('OPTIONS sip:x SIP/2.0\r\nUser-Agent: Telephone\r\n\r\n');

let store: TestDatabase;
beforeAll(async () => {
  store = await createTestDatabase();
});
afterAll(() => store.drop());

class Log {
  readonly lines: { level: string; fields: object; message: string }[] = [];
  info = (fields: object, message: string) => void this.lines.push({ level: 'info', fields, message });
  warn = (fields: object, message: string) => void this.lines.push({ level: 'warn', fields, message });
}

async function open(now: () => number, log = new Log()) {
  const audits: { action: string; after: unknown }[] = [];
  const cut: string[] = [];
  const gone = new Set<string>();
  const defence = new LineDefence({
    database: store.database,
    tenantId,
    now,
    log,
    audit: async (_transaction, action, _id, after) => void audits.push({ action, after }),
    cutCall: (callId) => void cut.push(callId),
    isCallUp: (callId) => !gone.has(callId),
  });
  await defence.open();
  return { defence, audits, cut, gone, log };
}

function failure(username: string, address = attacker): SipEvent {
  const flow = {
    protocol: 'udp' as const,
    localAddress: '127.0.0.1',
    localPort: 5060,
    remoteAddress: address,
    remotePort: 5060,
  };
  const attempt = { outcome: 'failed' as const, username, method: 'REGISTER', provesAddress: true };
  return { type: 'authentication', ...attempt, flow };
}

test('[OPS-05] the log says once what to do when a provider that no trunk names calls too often', async () => {
  const { defence, log } = await open(() => 1_000_000);
  try {
    const invite = { method: 'INVITE' } as SipRequest;
    const refused = Array.from({ length: 300 }, () => defence.admit(invite, attacker, undefined)).filter(
      (refusal) => refusal !== undefined,
    );
    expect(refused).toHaveLength(100);
    expect(refused[0]).toMatchObject({ status: 503 });
    const lines = log.lines.filter(({ message }) => message.startsWith('turned away'));
    expect(lines).toMatchObject([{ fields: { source: attacker, reason: 'call-rate' } }]);
    expect(lines[0]?.message).toContain('a trunk whose match names this address');
  } finally {
    await defence.close();
  }
});

describe('over a restart', () => {
  test('[OPS-05] a ban stands, and so do its offences; the log says what to do, the audit log that it happened', async () => {
    let now = Date.now();
    const first = await open(() => now);
    for (let n = 0; n < 10; n++) first.defence.hear(failure('alice'));
    const [ban] = first.defence.bans();
    expect(ban).toMatchObject({ username: 'alice', offences: 1 });
    expect(first.log.lines.at(-1)?.message).toContain('lift the ban');
    await first.defence.close();
    expect(first.audits).toMatchObject([{ action: 'ban.created', after: { source: attacker } }]);

    now += 1_000;
    const second = await open(() => now);
    expect(second.defence.bans()).toMatchObject([{ id: ban?.id, untilMs: ban?.untilMs }]);
    now = (ban?.untilMs ?? 0) + 1;
    expect(second.defence.bans()).toEqual([]);
    for (let n = 0; n < 10; n++) second.defence.hear(failure('alice'));
    expect(second.defence.bans()).toMatchObject([{ offences: 2 }]);
    await second.defence.close();
  });

  test('[OPS-05] [TOL-8] outgoing calls are remembered, and the first above the limit is refused', async () => {
    await store.database.inTenant(tenantId, (transaction) =>
      transaction
        .insertInto('security_settings')
        .values({
          tenant_id: tenantId,
          settings: JSON.stringify({ outgoing: { agent: { callsPerHourMax: 2 } } }),
        })
        .execute(),
    );
    const now = () => Date.now();
    const dial = (defence: LineDefence, callId: string) =>
      defence.mayDial({ callId, agentId, trunkId: undefined, number: '+420222333444' });
    const first = await open(now);
    expect(dial(first.defence, 'a')).toEqual({ allowed: true });
    first.defence.callEnded('a');
    await first.defence.close();

    const second = await open(now);
    expect(dial(second.defence, 'b')).toEqual({ allowed: true });
    expect(dial(second.defence, 'c')).toMatchObject({
      allowed: false,
      refusal: { reason: 'calls-per-hour', scope: 'agent', id: agentId, limit: 2 },
    });
    expect(second.log.lines.some(({ message }) => message.includes('stolen password'))).toBe(true);
    await second.defence.close();
    expect(second.audits).toMatchObject([{ action: 'outgoing-limit.reached' }]);
  });
});

test('[OPS-05] a database that fails keeps the ban in force, and it is stored later', async () => {
  const now = Date.now();
  const { database } = store;
  let isBroken = false;
  const flaky = new Proxy(database, {
    get(target, name) {
      if (name === 'inTenant' && isBroken) return () => Promise.reject(new Error('gone'));
      const value = Reflect.get(target, name) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const audit = async () => undefined;
  const given = {
    tenantId,
    now: () => now,
    log: silentLog,
    audit,
    cutCall: () => undefined,
    isCallUp: () => true,
  };
  const defence = new LineDefence({ database: flaky, ...given });
  await defence.open();
  isBroken = true;
  for (let n = 0; n < 10; n++) defence.hear(failure('bob', '203.0.113.10'));
  await defence.close();
  expect(defence.bans().some(({ source }) => source === '203.0.113.10')).toBe(true);
  isBroken = false;
  for (let n = 0; n < 10; n++) defence.hear(failure('carol', '203.0.113.10'));
  await defence.close();
  const again = new LineDefence({ database, ...given });
  await again.open();
  const users = again
    .bans()
    .filter(({ source }) => source === '203.0.113.10')
    .map(({ username }) => username);
  expect(new Set(users)).toEqual(new Set(['bob', 'carol']));
  await again.close();
});

test('[OPS-05] trunks are trusted by their networks, but not by half of the internet', async () => {
  const { defence } = await open(Date.now);
  defence.trunksAre(['192.0.2.0/24', '0.0.0.0/0', 'not resolved yet']);
  expect([defence.isExempt('192.0.2.7'), defence.isExempt(attacker)]).toEqual([true, false]);
  expect(defence.screen.datagram(options, '192.0.2.7')).toBe(true);
  await defence.close();
});

test('[OPS-05] [TOL-4] calls that are up are hung up when their minutes are used up', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  await store.database.inTenant(tenantId, (transaction) =>
    transaction
      .insertInto('security_settings')
      .values({ tenant_id: tenantId, settings: '{}' })
      .onConflict((conflict) =>
        conflict
          .column('tenant_id')
          .doUpdateSet({ settings: JSON.stringify({ outgoing: { agent: { minutesPerDayMax: 10 } } }) }),
      )
      .execute(),
  );
  const { defence, cut } = await open(Date.now);
  const other = agentId.replace(/1$/, '2') as AgentId;
  const call = { agentId: other, trunkId: undefined, number: '+420222333444' };
  for (const callId of ['one', 'two']) {
    expect(defence.mayDial({ ...call, callId })).toEqual({ allowed: true });
    defence.callAnswered(callId);
  }
  await vi.advanceTimersByTimeAsync(5 * 60_000 - 1);
  expect(cut).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(cut).toEqual(['one', 'two']);
  for (const callId of cut) defence.callEnded(callId);
  expect(defence.mayDial({ ...call, callId: 'three' })).toMatchObject({
    allowed: false,
    refusal: { reason: 'minutes-per-day', scope: 'agent' },
  });
  vi.useRealTimers();
  await defence.close();
});

test('[OPS-05] a call whose end nobody told does not count for ever', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const { defence, gone, log } = await open(Date.now);
  const other = agentId.replace(/1$/, '3') as AgentId;
  defence.mayDial({ callId: 'lost', agentId: other, trunkId: undefined, number: '+420222333444' });
  const concurrent = () => defence.usage().find(({ id }) => id === other)?.concurrentCalls;
  await vi.advanceTimersByTimeAsync(60_000);
  gone.add('lost');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(concurrent()).toBe(1);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(concurrent()).toBe(0);
  expect(log.lines.at(-1)?.message).toContain('repaired');
  vi.useRealTimers();
  await defence.close();
});
