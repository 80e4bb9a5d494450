import type { QueueId, TenantId } from '@crosspoint/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApi, type TestApi } from '../../../test/api.ts';
import { DEFAULT_TENANT_ID, newId } from '../../platform/index.ts';
import { rememberedCallers } from './remembered-callers.ts';

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

const tenantId = DEFAULT_TENANT_ID as TenantId;
const now = Date.UTC(2030, 0, 7, 12);
const queueId = newId() as QueueId;
const [ann, bob] = [newId(), newId()] as const;

interface Past {
  caller: string;
  minutesAgo: number;
  agentId?: string;
  /** Abandoned after so many seconds, with an age that was brought along. */
  abandoned?: { waitSeconds: number; agedMs?: number };
}

async function add({ caller, minutesAgo, agentId, abandoned }: Past): Promise<void> {
  const id = newId();
  const at = (seconds: number) => new Date(now - minutesAgo * 60_000 + seconds * 1_000);
  await api.database.inTenant(tenantId, async (transaction) => {
    await transaction
      .insertInto('contacts')
      .values({
        ...{ id, tenant_id: tenantId, number: '700', direction: 'inbound', caller_phone: caller },
        ...{ queue_id: queueId, agent_id: agentId ?? null, started_at: at(0), state: 'closed', last_seq: 3 },
        answered_at: agentId === undefined ? null : at(5),
      })
      .execute();
    if (abandoned === undefined) return;
    const { waitSeconds, agedMs } = abandoned;
    const stay = { entryId: `${id}/q1`, queueId };
    const row = { tenant_id: tenantId, contact_id: id };
    const left = { ...stay, result: 'abandoned', reason: 'customer-hung-up', waitMs: waitSeconds * 1_000 };
    await transaction
      .insertInto('contact_events')
      .values([
        { ...row, seq: 2, at: at(1), type: 'queue.entered', data: JSON.stringify({ ...stay, agedMs }) },
        { ...row, seq: 3, at: at(1 + waitSeconds), type: 'queue.left', data: JSON.stringify(left) },
      ])
      .execute();
  });
}

const asking = (mode: 'none' | 'last', resumeWindowSeconds: number) =>
  new Map([[queueId, { settings: { sticky: { mode, waitSeconds: 0 }, resumeWindowSeconds } }]]);
const remembered = (queues: ReturnType<typeof asking>) =>
  rememberedCallers(api.database, tenantId, queues, now);

describe('callers from before a restart', () => {
  beforeAll(async () => {
    await add({ caller: '+1', minutesAgo: 300, agentId: ann });
    await add({ caller: '+1', minutesAgo: 200, agentId: bob });
    await add({ caller: '+2', minutesAgo: 250, agentId: ann });
    await add({ caller: '+3', minutesAgo: 60 * 24 * 40, agentId: ann });
    await add({ caller: '', minutesAgo: 5, abandoned: { waitSeconds: 10 } });
    await add({ caller: '+4', minutesAgo: 10, abandoned: { waitSeconds: 60 } });
    await add({ caller: '+5', minutesAgo: 5, abandoned: { waitSeconds: 30, agedMs: 90_000 } });
    await add({ caller: '+6', minutesAgo: 90, abandoned: { waitSeconds: 30 } });
  });

  test('[ACD-30] are remembered with the agent they spoke with last, the longest ago first', async () => {
    expect(await remembered(asking('last', 0))).toEqual([
      { type: 'caller.remembered', caller: '+2', agentId: ann },
      { type: 'caller.remembered', caller: '+1', agentId: bob },
    ]);
  });

  test('[ACD-36] are remembered with the place that they may come back to', async () => {
    const minute = 60_000;
    expect(await remembered(asking('none', 1_800))).toEqual([
      {
        ...{ type: 'place.remembered', queueId, caller: '+4' },
        ...{ agedSince: now - 10 * minute + 1_000, leftAt: now - 10 * minute + 61_000 },
      },
      {
        ...{ type: 'place.remembered', queueId, caller: '+5' },
        ...{ agedSince: now - 5 * minute + 1_000 - 90_000, leftAt: now - 5 * minute + 31_000 },
      },
    ]);
  });

  test('[ACD-30 ACD-36] are not looked up where no queue asks for it', async () => {
    expect(await remembered(asking('none', 0))).toEqual([]);
  });
});
