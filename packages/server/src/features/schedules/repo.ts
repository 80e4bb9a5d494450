import { type AgentActivity, type AgentId, type Schedule, ScheduleInput } from '@crosspoint/contracts';
import type { ActivitySpan } from '@crosspoint/core';
import { sql } from 'kysely';
import { anyHolds, keysetPage } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';

export interface ScheduledAgent {
  id: AgentId;
  name: string;
  schedule: Schedule | null;
}

/** Whose schedules are meant; undefined members leave everybody. */
export interface AgentChoice {
  /** Who may be seen. */
  within: readonly string[] | undefined;
  agentIds?: readonly string[] | undefined;
  teamIds?: readonly string[] | undefined;
  /** Part of a name or username. */
  search?: string | undefined;
}

function selectAgents(transaction: DatabaseTransaction, { within, agentIds, teamIds, search }: AgentChoice) {
  let select = transaction
    .selectFrom('agents as a')
    .innerJoin('users as u', 'u.id', 'a.user_id')
    .leftJoin('schedules as s', 's.agent_id', 'a.user_id')
    .select(['u.id', 'u.name', 's.settings']);
  for (const ids of [within, agentIds]) {
    if (ids !== undefined) select = select.where(sql<boolean>`u.id = any(${[...ids]}::uuid[])`);
  }
  if (teamIds !== undefined) {
    select = select.where('u.id', 'in', (where) =>
      where.selectFrom('team_members').select('user_id').where('team_id', 'in', teamIds),
    );
  }
  if (search) select = select.where(anyHolds(search, ['u.name', 'u.username']));
  return select;
}
type AgentRow = Awaited<ReturnType<ReturnType<typeof selectAgents>['executeTakeFirstOrThrow']>>;

const agentOf = ({ id, name, settings }: AgentRow): ScheduledAgent => ({
  ...{ id: id as AgentId, name },
  schedule: settings === null ? null : ScheduleInput.parse(settings),
});

/** One page of agents by name, those without a schedule too. */
export async function listSchedules(
  transaction: DatabaseTransaction,
  choice: AgentChoice,
  page: { limit: number; cursor: string | undefined },
): Promise<{ items: ScheduledAgent[]; nextCursor: string | null }> {
  const found = await keysetPage(selectAgents(transaction, choice), {
    sort: 'name',
    keys: [
      { expression: sql`lower(u.name)`, type: 'text' },
      { expression: sql.ref('u.id'), type: 'uuid' },
    ],
    ...page,
  });
  return { items: found.items.map(agentOf), nextCursor: found.nextCursor };
}

/** Agents who have a schedule, by name. */
export async function scheduledAgents(
  transaction: DatabaseTransaction,
  choice: AgentChoice,
): Promise<(ScheduledAgent & { schedule: Schedule })[]> {
  const rows = await selectAgents(transaction, choice)
    .where('s.agent_id', 'is not', null)
    .orderBy(sql`lower(u.name)`)
    .orderBy('u.id')
    .execute();
  return rows.map(agentOf).flatMap((agent) => {
    const { schedule } = agent;
    return schedule === null ? [] : [{ ...agent, schedule }];
  });
}

export async function findSchedule(
  transaction: DatabaseTransaction,
  id: string,
  within: readonly string[] | undefined,
): Promise<ScheduledAgent | undefined> {
  const row = await selectAgents(transaction, { within, agentIds: [id] }).executeTakeFirst();
  return row === undefined ? undefined : agentOf(row);
}

export async function storeSchedule(
  transaction: DatabaseTransaction,
  tenantId: string,
  agentId: string,
  schedule: Schedule,
): Promise<void> {
  const settings = JSON.stringify(schedule);
  await transaction
    .insertInto('schedules')
    .values({ tenant_id: tenantId, agent_id: agentId, settings })
    .onConflict((conflict) => conflict.column('agent_id').doUpdateSet({ settings }))
    .execute();
}

export async function deleteSchedule(transaction: DatabaseTransaction, agentId: string): Promise<void> {
  await transaction.deleteFrom('schedules').where('agent_id', '=', agentId).execute();
}

/** What an agent did in a period, from the facts; nothing before the first one that is known. */
export async function activitiesOf(
  transaction: DatabaseTransaction,
  agentId: AgentId,
  { from, to }: { from: number; to: number },
): Promise<ActivitySpan[]> {
  const { rows } = await sql<{ at: Date; activity: AgentActivity }>`
    (
      select at, id, data ->> 'activity' as activity from agent_events
      where agent_id = ${agentId} and type = 'activity.changed' and at < ${new Date(from)}
      order by at desc, id desc limit 1
    )
    union all
    select at, id, data ->> 'activity' as activity from agent_events
    where agent_id = ${agentId} and type = 'activity.changed' and at >= ${new Date(from)} and at < ${new Date(to)}
    order by at, id
  `.execute(transaction);
  return rows.flatMap(({ at, activity }, index) => {
    const begins = Math.max(from, at.getTime());
    const ends = rows[index + 1]?.at.getTime() ?? to;
    return ends > begins ? [{ from: begins, to: ends, activity }] : [];
  });
}
