import type { AccessRule } from '@crosspoint/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApi, type TestApi } from '../../../test/api.ts';

let api: TestApi;
const attacker = '203.0.113.9';
const options = Buffer.from('OPTIONS sip:x SIP/2.0\r\nUser-Agent: Telephone\r\n\r\n');
const isHeard = (address: string) => api.defence.screen.datagram(options, address);

beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

async function auditOf(action: string): Promise<unknown[]> {
  const { body } = await api.as.admin.send('GET', `/audit?action=${action}`);
  return body.items;
}

describe('bans', () => {
  test('[OPS-05] a person bans a source, sees what was dropped, and lifts the ban', async () => {
    const { admin } = api.as;
    const input = { source: attacker, seconds: 600, note: 'seen in the log' };
    const added = await admin.send('POST', '/security/bans', { body: input });
    expect(added.status).toBe(201);
    expect(isHeard(attacker)).toBe(false);
    const listed = await admin.send('GET', '/security/bans?search=203.0');
    expect(listed.body.items).toMatchObject([
      { id: added.body.id, source: attacker, username: null, reason: 'manual', dropped: 1, note: input.note },
    ]);
    expect(await auditOf('ban.created')).toMatchObject([{ subjectId: added.body.id }]);
    expect((await admin.send('DELETE', `/security/bans/${added.body.id}`)).status).toBe(204);
    expect(isHeard(attacker)).toBe(true);
    expect(await auditOf('ban.lifted')).toHaveLength(1);
    expect((await admin.send('DELETE', `/security/bans/${added.body.id}`)).status).toBe(404);
  });

  test('[OPS-05] of IPv6 the network of one customer is banned', async () => {
    const { body } = await api.as.admin.send('POST', '/security/bans', {
      body: { source: '2001:db8:7::1', username: 'alice' },
    });
    expect(body).toMatchObject({ source: '2001:db8:7::/64', username: 'alice', until: null });
    expect(isHeard('2001:db8:7::99')).toBe(true);
  });

  test.each([
    ['10.0.0.0/8', 'is a network'],
    ['10.0.0', 'is no IP address'],
    ['127.0.0.1', 'is never banned'],
  ])('[OPS-05] %s cannot be banned, and the answer says what to do', async (source, message) => {
    const { status, body } = await api.as.admin.send('POST', '/security/bans', { body: { source } });
    expect(status).toBe(400);
    expect(body.errors[0]?.message).toContain(message);
    expect(body.errors[0]?.remedy).not.toBe('');
  });
});

describe('rules of access', () => {
  test('[OPS-05] hold at once, in the form in which networks are compared', async () => {
    const { admin } = api.as;
    const deny = {
      action: 'deny',
      network: '198.51.100.77/24',
      note: 'a provider that answers no complaint',
    };
    const added = await admin.send('POST', '/security/rules', { body: deny });
    expect(added.body).toMatchObject({ network: '198.51.100.0/24', action: 'deny' });
    expect(isHeard('198.51.100.3')).toBe(false);
    const twice = await admin.send('POST', '/security/rules', {
      body: { ...deny, network: '198.51.100.1/24' },
    });
    expect(twice.status).toBe(409);
    const allow = { action: 'allow', network: '198.51.100.3', note: '' };
    await admin.send('POST', '/security/rules', { body: allow });
    expect([isHeard('198.51.100.3'), isHeard('198.51.100.4')]).toEqual([true, false]);
    const changed = await admin.send('PUT', `/security/rules/${added.body.id}`, {
      body: { ...deny, action: 'allow' },
    });
    expect(changed.body.action).toBe('allow');
    expect(isHeard('198.51.100.4')).toBe(true);
    const list = await admin.send('GET', '/security/rules');
    expect(list.body.items.map(({ network }: AccessRule) => network)).toEqual([
      '198.51.100.0/24',
      '198.51.100.3',
    ]);
    for (const { id } of list.body.items)
      expect((await admin.send('DELETE', `/security/rules/${id}`)).status).toBe(204);
  });

  test('[OPS-05] what is no network is refused with an example', async () => {
    const { status, body } = await api.as.admin.send('POST', '/security/rules', {
      body: { action: 'deny', network: '1.2.3.4/40' },
    });
    expect([status, JSON.stringify(body)]).toEqual([400, expect.stringContaining('192.0.2.0/24')]);
  });
});

describe('limits', () => {
  test('[OPS-05] are replaced as one document, hold at once and are audited', async () => {
    const { admin } = api.as;
    const before = await admin.send('GET', '/security/settings');
    expect(before.body.outgoing.premium).toBe(false);
    const rates = { ...before.body.rates, requestsPerSecond: 1, requestsBurst: 1 };
    const stale = await admin.send('PUT', '/security/settings', {
      body: { ...before.body, rates },
      headers: { 'if-match': '"another"' },
    });
    expect(stale.status).toBe(412);
    const stored = await admin.send('PUT', '/security/settings', {
      body: { ...before.body, rates },
    });
    expect(stored.body.rates.requestsPerSecond).toBe(1);
    expect([isHeard('192.0.2.50'), isHeard('192.0.2.50')]).toEqual([true, false]);
    const refusals = await admin.send('GET', '/security/refusals?reason=request-rate');
    expect(refusals.body.items).toMatchObject([{ source: '192.0.2.50', count: 1 }]);
    expect(await auditOf('security-settings.updated')).toHaveLength(1);
    await admin.send('PUT', '/security/settings', { body: {} });
    expect((await admin.send('GET', '/security/settings')).body).toEqual(before.body);
  });

  test('[OPS-05] of outgoing calls: what was used is shown against the limit', async () => {
    const { admin, agent } = api.as;
    const tenant = { concurrentCallsMax: 1, callsPerHourMax: null, minutesPerDayMax: null };
    const outgoing = { tenant, countries: ['CZ'] };
    expect((await admin.send('PUT', '/security/settings', { body: { outgoing } })).status).toBe(200);
    const agentId = agent.userId as never;
    const dial = (callId: string, number: string) => {
      const verdict = api.defence.mayDial({ callId, agentId, trunkId: undefined, number });
      return verdict.allowed ? 'allowed' : verdict.refusal.reason;
    };
    expect(dial('1', '+420 222 333 444')).toBe('allowed');
    expect(dial('2', '+420222333444')).toBe('concurrent-calls');
    expect(dial('3', '0025261234567')).toBe('country-not-allowed');
    expect(dial('4', '+420906123456')).toBe('premium-number');
    expect(dial('5', '112')).toBe('allowed');
    const { body } = await admin.send('GET', '/security/outgoing');
    expect(body.items).toContainEqual(
      expect.objectContaining({
        scope: 'agent',
        id: agent.userId,
        name: 'the-agent by name',
        concurrentCalls: 2,
      }),
    );
    for (const callId of ['1', '5']) api.defence.callEnded(callId);
  });
});

test('[TEAM-03] only administrators see and change any of it', async () => {
  for (const role of ['supervisor', 'agent', 'analyst'] as const) {
    for (const path of ['', '/bans', '/rules', '/settings', '/refusals', '/outgoing'])
      expect((await api.as[role].send('GET', `/security${path}`)).status).toBe(403);
    const ban = await api.as[role].send('POST', '/security/bans', { body: { source: attacker } });
    expect(ban.status).toBe(403);
  }
});

test('[TEAM-03] an administrator of another tenant does not see those of this line', async () => {
  const tenantId = await api.addTenant('other');
  const other = await api.addCaller({ username: 'other-admin', role: 'admin', tenantId });
  expect((await other.send('GET', '/security/bans')).status).toBe(503);
  expect((await other.send('GET', '/security')).status).toBe(503);
});

test('[OPS-05] counts for the overview', async () => {
  const { body } = await api.as.admin.send('GET', '/security');
  expect(body.refused).toBeGreaterThan(0);
  expect(body.sources).toBeGreaterThan(0);
});
