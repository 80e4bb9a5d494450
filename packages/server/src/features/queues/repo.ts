import {
  type AgentId,
  type Queue,
  type QueueId,
  type QueueInput,
  QueueSettings,
  type TeamId,
} from '@crosspoint/contracts';
import { reviewQueues } from '@crosspoint/core';
import { sql } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import type { z } from 'zod';
import {
  type Bounds,
  escapeLike,
  keysetPage,
  nameTaken,
  onConstraint,
  queueBounds,
  unknownReference,
} from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { asksForNumbers, type NumberReach, numberReach, readNumberReach } from './reach.ts';
import { describeFinding, reviewedQueue } from './review.ts';

/** A queue as it is stored; what it lives through is added by the routes. */
export type StoredQueue = Omit<Queue, 'stats'>;

function selectQueues(transaction: DatabaseTransaction) {
  return transaction
    .selectFrom('queues as q')
    .select(['q.id', 'q.name', 'q.settings', 'q.version'])
    .select((where) => [
      jsonArrayFrom(
        where
          .selectFrom('queue_agents as m')
          .innerJoin('users as u', 'u.id', 'm.agent_id')
          .innerJoin('agents as a', 'a.user_id', 'm.agent_id')
          .select(['u.id', 'u.username', 'u.name', 'm.priority', 'm.delay_seconds as delaySeconds'])
          .select(['m.weight', 'a.skills', 'a.languages'])
          .whereRef('m.queue_id', '=', 'q.id')
          .orderBy('m.priority')
          .orderBy('u.name')
          .orderBy('u.id'),
      ).as('agents'),
      jsonArrayFrom(
        where
          .selectFrom('numbers as n')
          .select('n.number')
          .where(sql<boolean>`n.target ->> 'queueId' = q.id::text`)
          .orderBy('n.number'),
      ).as('numbers'),
    ]);
}
type QueueRow = Awaited<ReturnType<ReturnType<typeof selectQueues>['executeTakeFirstOrThrow']>>;

/** What they lead to is asked for where any of them names a number. */
async function queuesOf(transaction: DatabaseTransaction, rows: readonly QueueRow[]): Promise<StoredQueue[]> {
  const parsed = rows.map((row) => ({
    row,
    settings: QueueSettings.parse({ ...(row.settings as object), name: row.name }),
  }));
  const isAsked = parsed.some(({ settings }) => asksForNumbers(settings));
  const reach = isAsked ? await readNumberReach(transaction) : numberReach([], []);
  return parsed.map(({ row, settings }) => queueOf(row, settings, reach));
}

function queueOf(row: QueueRow, settings: QueueSettings, reach: NumberReach): StoredQueue {
  const members = row.agents.map(({ id: key, skills, languages, delaySeconds }) => ({
    ...{ key, languages, delaySeconds },
    skills: skills as Record<string, number>,
  }));
  const findings = reviewQueues([reviewedQueue(row.id, settings, members, reach)], Date.now());
  return {
    id: row.id as QueueId,
    ...settings,
    version: row.version,
    agents: row.agents.map(({ skills: _skills, languages: _languages, ...agent }) => ({
      ...agent,
      id: agent.id as AgentId,
      agentId: agent.id as AgentId,
    })),
    warnings: findings.map((finding) => describeFinding(finding)),
    numbers: row.numbers.map((number) => number.number),
  };
}

export interface QueueFilter {
  search?: string | undefined;
  sort: 'name' | '-name';
  limit: number;
  cursor?: string | undefined;
  bounds: Bounds;
  /** Only queues of these teams. */
  teamIds?: readonly TeamId[] | undefined;
}

export async function listQueues(
  transaction: DatabaseTransaction,
  filter: QueueFilter,
): Promise<{ items: StoredQueue[]; nextCursor: string | null }> {
  let select = selectQueues(transaction);
  if (filter.search) select = select.where('q.name', 'ilike', `%${escapeLike(filter.search)}%`);
  const { bounds, teamIds } = filter;
  if (teamIds !== undefined) {
    select = select.where(sql<string>`q.settings ->> 'teamId'`, 'in', teamIds);
  }
  select = select.where(queueBounds('q.id', bounds));
  const page = await keysetPage(select, {
    sort: filter.sort,
    keys: [
      { expression: sql`lower(q.name)`, type: 'text' },
      { expression: sql.ref('q.id'), type: 'uuid' },
    ],
    limit: filter.limit,
    cursor: filter.cursor,
  });
  return { items: await queuesOf(transaction, page.items), nextCursor: page.nextCursor };
}

/**
 * @param bounds hide a queue that is not within them.
 * @param lock keeps others from changing the queue until the transaction ends.
 */
export async function findQueue(
  transaction: DatabaseTransaction,
  id: string,
  { bounds, lock = false }: { bounds?: Bounds; lock?: boolean } = {},
): Promise<StoredQueue | undefined> {
  if (lock) {
    await transaction.selectFrom('queues').select('id').where('id', '=', id).forUpdate().execute();
  }
  let select = selectQueues(transaction).where('q.id', '=', id);
  if (bounds !== undefined) select = select.where(queueBounds('q.id', bounds));
  const row = await select.executeTakeFirst();
  return row === undefined ? undefined : (await queuesOf(transaction, [row]))[0];
}

const violations = (name: string) =>
  onConstraint({ queues_tenant_id_name_key: () => nameTaken('name', name, 'queue') });

type Input = z.output<typeof QueueInput>;

export async function insertQueue(
  transaction: DatabaseTransaction,
  id: string,
  tenantId: string,
  input: Input,
): Promise<void> {
  const { name, agents = [], ...settings } = input;
  await transaction
    .insertInto('queues')
    .values({ id, tenant_id: tenantId, name, settings: JSON.stringify(settings) })
    .execute()
    .catch(violations(name));
  await addQueueAgents(transaction, id, tenantId, agents, 'agents');
}

/** Replaces the settings and, when the input names agents, who serves the queue. */
export async function updateQueue(
  transaction: DatabaseTransaction,
  id: string,
  tenantId: string,
  input: Input,
): Promise<void> {
  const { name, agents, ...settings } = input;
  await transaction
    .updateTable('queues')
    .set({ name, settings: JSON.stringify(settings), version: sql`version + 1` })
    .where('id', '=', id)
    .execute()
    .catch(violations(name));
  if (agents === undefined) return;
  await transaction.deleteFrom('queue_agents').where('queue_id', '=', id).execute();
  await addQueueAgents(transaction, id, tenantId, agents, 'agents');
}

/** An agent's place in a queue. */
export type QueueAgent = NonNullable<Input['agents']>[number];

/** Puts agents into the queue, or moves them within it. @param path names the field in an error. */
export async function addQueueAgents(
  transaction: DatabaseTransaction,
  queueId: string,
  tenantId: string,
  agents: readonly QueueAgent[],
  path: string,
): Promise<void> {
  if (agents.length === 0) return;
  const wanted = new Map(agents.map((agent) => [agent.agentId as string, agent]));
  const known = await transaction
    .selectFrom('agents')
    .select('user_id')
    .where('user_id', 'in', [...wanted.keys()])
    .execute();
  const found = new Set(known.map((row) => row.user_id));
  const missing = agents.findIndex((agent) => !found.has(agent.agentId));
  if (missing !== -1) {
    throw unknownReference(`${path}.${missing}.agentId`, agents[missing]?.agentId ?? '', 'agent');
  }
  await transaction
    .insertInto('queue_agents')
    .values(
      [...wanted.values()].map((agent) => ({
        tenant_id: tenantId,
        queue_id: queueId,
        agent_id: agent.agentId,
        priority: agent.priority,
        delay_seconds: agent.delaySeconds,
        weight: agent.weight,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['queue_id', 'agent_id']).doUpdateSet((excluded) => ({
        priority: excluded.ref('excluded.priority'),
        delay_seconds: excluded.ref('excluded.delay_seconds'),
        weight: excluded.ref('excluded.weight'),
      })),
    )
    .execute();
}

export async function removeQueueAgents(
  transaction: DatabaseTransaction,
  queueId: string,
  agentIds: readonly string[],
): Promise<void> {
  if (agentIds.length === 0) return;
  await transaction
    .deleteFrom('queue_agents')
    .where('queue_id', '=', queueId)
    .where('agent_id', 'in', agentIds)
    .execute();
}

export async function deleteQueue(transaction: DatabaseTransaction, id: string): Promise<void> {
  await transaction.deleteFrom('queues').where('id', '=', id).execute();
}

/** Names by id, for whatever shows queues. */
export async function queueNames(transaction: DatabaseTransaction): Promise<Map<string, string>> {
  const rows = await transaction.selectFrom('queues').select(['id', 'name']).execute();
  return new Map(rows.map((row) => [row.id, row.name]));
}
