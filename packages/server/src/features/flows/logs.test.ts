import type { FlowAnalytics, FlowLogEntry } from '@crosspoint/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApi, type TestApi } from '../../../test/api.ts';
import { DEFAULT_TENANT_ID, newId } from '../../platform/index.ts';

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

type Fact = [type: string, data: object];
const step = (flow: string, node: string, exit: string, more: object = {}): Fact => [
  'flow.passed',
  { flow, node, kind: 'say', exit, input: '', durationMs: 1_000, ...more },
];
const began = (flow: string): Fact => ['flow.started', { flow, version: 1 }];

/** A contact with these facts. */
async function contact(...facts: Fact[]): Promise<string> {
  const contactId = newId();
  const at = new Date(api.clock.nowMs - 60_000);
  const shared = { tenant_id: DEFAULT_TENANT_ID, contact_id: contactId, at };
  const rows = facts.map(([type, data], index) => ({
    ...shared,
    ...{ seq: index + 1, type, data: JSON.stringify(data) },
  }));
  await api.database.inTenant(DEFAULT_TENANT_ID, (transaction) =>
    transaction.insertInto('contact_events').values(rows).execute(),
  );
  return contactId;
}

async function flowNamed(name: string): Promise<string> {
  const nodes = { bye: { kind: 'end' } };
  const { body } = await api.as.admin.send('POST', '/ivr/flows', { body: { name, start: 'bye', nodes } });
  return String(body.id);
}

async function figuresOf(id: string): Promise<FlowAnalytics> {
  return (await api.as.admin.get(`/ivr/flows/${id}/analytics`)).body as FlowAnalytics;
}

describe('figures and logs of flows', () => {
  test('[IVR-07] whoever hangs up in a sub-flow has not gone through the flow that called it', async () => {
    const [outer, inner] = [await flowNamed('outer'), await flowNamed('inner')];
    await contact(began('outer'), step('outer', 'hello', 'next'), step('inner', 'ask', 'customer-hung-up'));
    await contact(began('outer'), step('inner', 'ask', 'next'), step('outer', 'bye', 'end'));
    // Another flow behind it, as that of an overflow, has a figure of its own.
    await contact(
      ...[began('outer'), step('outer', 'bye', 'end')],
      ...[began('other'), step('other', 'hello', 'customer-hung-up')],
    );
    await contact(began('outer'), step('outer', 'hello', 'customer-hung-up'));
    expect(await figuresOf(outer)).toMatchObject({ started: 4, completionRate: 0.5 });
    const called = await figuresOf(inner);
    expect(called).toMatchObject({ started: 0, completionRate: null });
    expect(called.nodes).toMatchObject([{ node: 'ask', entries: 2, dropOffs: 1 }]);
  });

  test('[IVR-03] a step that failed or was refused is logged with its reason, others without one', async () => {
    const id = await contact(
      began('outer'),
      step('outer', 'crm', 'failed', { kind: 'http', reason: 'status-503' }),
      step('outer', 'bye', 'end'),
    );
    const { body } = await api.as.admin.get(`/ivr/logs?contactId=${id}`);
    expect((body.items as FlowLogEntry[]).map(({ node, reason }) => [node, reason])).toEqual([
      ['bye', ''],
      ['crm', 'status-503'],
    ]);
  });
});
