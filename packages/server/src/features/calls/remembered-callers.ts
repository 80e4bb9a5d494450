import type { AgentId, EpochMs, QueueId, QueueSettings, TenantId } from '@crosspoint/contracts';
import type { DistributorInput } from '@crosspoint/core';
import { sql } from 'kysely';
import { type Database, type DatabaseTransaction, ofTenant } from '../../platform/index.ts';

/** The distributor remembers no more callers than this, and nobody is recognised after so long. */
const callersMax = 50_000;
const agentsKnownMs = 30 * 86_400_000;

type Queues = ReadonlyMap<QueueId, { settings: Pick<QueueSettings, 'sticky' | 'resumeWindowSeconds'> }>;

/**
 * What the distributor knew of callers before a restart, from the facts: whom each spoke with last, and who hung up while waiting and
 * may come back to the old place. Only what a queue asks for is read; the oldest comes first, as it is forgotten first.
 */
export function rememberedCallers(
  database: Database,
  tenantId: TenantId,
  queues: Queues,
  now: EpochMs,
): Promise<DistributorInput[]> {
  const settings = [...queues.values()].map((queue) => queue.settings);
  const windowMs = Math.max(0, ...settings.map(({ resumeWindowSeconds }) => resumeWindowSeconds)) * 1_000;
  const asksForLast = settings.some(({ sticky }) => sticky.mode === 'last');
  return database.inTenant(tenantId, async (transaction) => [
    ...(asksForLast ? await lastAgents(transaction, now - agentsKnownMs) : []),
    ...(windowMs > 0 ? await leftPlaces(transaction, now - windowMs) : []),
  ]);
}

async function lastAgents(transaction: DatabaseTransaction, since: EpochMs): Promise<DistributorInput[]> {
  const rows = await transaction
    .selectFrom('contacts')
    .distinctOn('caller_phone')
    .select(['caller_phone', 'agent_id', 'answered_at'])
    .where(ofTenant('contacts'))
    .where('direction', '=', 'inbound')
    .where('started_at', '>=', new Date(since))
    .where('queue_id', 'is not', null)
    .where('agent_id', 'is not', null)
    .where('answered_at', 'is not', null)
    .where('caller_phone', '!=', '')
    .orderBy('caller_phone')
    .orderBy('started_at', 'desc')
    .limit(callersMax)
    .execute();
  return rows
    .toSorted((a, b) => Number(a.answered_at) - Number(b.answered_at))
    .map((row) => ({
      type: 'caller.remembered',
      caller: row.caller_phone,
      agentId: row.agent_id as AgentId,
    }));
}

async function leftPlaces(transaction: DatabaseTransaction, since: EpochMs): Promise<DistributorInput[]> {
  const rows = await transaction
    .selectFrom('contact_events as l')
    .innerJoin('contacts as c', 'c.id', 'l.contact_id')
    .innerJoin('contact_events as e', (join) =>
      join
        .onRef('e.contact_id', '=', 'l.contact_id')
        .on('e.type', '=', 'queue.entered')
        .on(sql`e.data ->> 'entryId'`, '=', sql`l.data ->> 'entryId'`),
    )
    .select(['c.caller_phone', 'l.at as left_at', 'e.at as entered_at'])
    .select(sql<string>`l.data ->> 'queueId'`.as('queue_id'))
    .select(sql<number>`coalesce((e.data ->> 'agedMs')::float8, 0)`.as('aged_ms'))
    .where(ofTenant('l'))
    .where('l.type', '=', 'queue.left')
    .where('l.at', '>=', new Date(since))
    .where(sql`l.data ->> 'result'`, '=', 'abandoned')
    .where('c.caller_phone', '!=', '')
    .orderBy('l.at')
    .limit(callersMax)
    .execute();
  return rows.map((row) => ({
    type: 'place.remembered',
    queueId: row.queue_id as QueueId,
    caller: row.caller_phone,
    agedSince: row.entered_at.getTime() - row.aged_ms,
    leftAt: row.left_at.getTime(),
  }));
}
