import { AgentActivity, type AgentId, type TenantId } from '@crosspoint/contracts';
import { type AgentCounts, emptyAgentCounts } from '@crosspoint/core';
import { sql } from 'kysely';
import { type DatabaseTransaction, ofTenant } from '../../platform/index.ts';
import type { Counts } from './count-facts.ts';

/** Changes with what is counted: days that were added up by another formula count as not added up. */
const FORMULA_VERSION = 1;

/** A day of UTC as the database and the API write it. */
export const dayName = (at: number): string => new Date(at).toISOString().slice(0, 10);

const activityColumn = (activity: AgentActivity) =>
  `activity_${activity.replaceAll('-', '_')}_ms` as 'activity_idle_ms';

/** The column of each count. */
const COLUMNS = {
  answered: 'answered',
  handled: 'handled',
  talkMs: 'talk_ms',
  holdMs: 'hold_ms',
  wrapUpMs: 'wrap_up_ms',
  missed: 'missed',
  rejected: 'rejected',
  transfers: 'transfers',
} as const satisfies Record<keyof Omit<AgentCounts, 'activityMs'>, string>;
const COUNT_NAMES = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];

/** Which days of those from the first until before the last are added up. */
export async function summedDays(
  transaction: DatabaseTransaction,
  period: { from: string; to: string },
): Promise<Set<string>> {
  const rows = await transaction
    .selectFrom('summed_days')
    .select(sql<string>`day::text`.as('day'))
    .where('formula_version', '=', FORMULA_VERSION)
    .where(sql<boolean>`day >= ${period.from}::date and day < ${period.to}::date`)
    .execute();
  return new Set(rows.map(({ day }) => day));
}

/** What the agents did on these days together. */
export async function sumsOf(
  transaction: DatabaseTransaction,
  days: readonly string[],
  agentIds: readonly AgentId[],
): Promise<Counts> {
  const columns = [...Object.values(COLUMNS), ...AgentActivity.options.map(activityColumn)];
  const { rows } = await sql<Record<string, number> & { agent_id: AgentId }>`
    select agent_id, ${sql.join(columns.map((name) => sql`sum(${sql.ref(name)})::bigint as ${sql.ref(name)}`))}
    from agent_days
    where agent_id = any(${[...agentIds]}::uuid[]) and day = any(${[...days]}::date[])
    group by agent_id
  `.execute(transaction);
  return new Map(
    rows.map((row) => {
      const counts = emptyAgentCounts();
      for (const name of COUNT_NAMES) counts[name] = row[COLUMNS[name]] ?? 0;
      for (const activity of AgentActivity.options)
        counts.activityMs[activity] = row[activityColumn(activity)] ?? 0;
      return [row.agent_id, counts];
    }),
  );
}

/** Rows are written in pieces: a statement takes only so many parameters. */
const ROWS_AT_ONCE = 500;

/** Puts what was added up of a day in the place of what was there. */
export async function storeDay(
  transaction: DatabaseTransaction,
  tenantId: TenantId,
  day: string,
  counts: Counts,
  at: Date,
): Promise<void> {
  await transaction.deleteFrom('agent_days').where(sql<boolean>`day = ${day}::date`).execute();
  const rows = [...counts].map(([agentId, { activityMs, ...sums }]) => ({
    ...{ tenant_id: tenantId, day, agent_id: agentId },
    ...{ answered: sums.answered, handled: sums.handled, missed: sums.missed, rejected: sums.rejected },
    ...{ transfers: sums.transfers, talk_ms: sums.talkMs, hold_ms: sums.holdMs, wrap_up_ms: sums.wrapUpMs },
    ...{ activity_idle_ms: activityMs.idle, activity_offered_ms: activityMs.offered },
    ...{ activity_on_contact_ms: activityMs['on-contact'], activity_hold_ms: activityMs.hold },
    ...{ activity_wrap_up_ms: activityMs['wrap-up'], activity_break_ms: activityMs.break },
    ...{ activity_not_responding_ms: activityMs['not-responding'] },
    ...{ activity_unreachable_ms: activityMs.unreachable, activity_offline_ms: activityMs.offline },
  }));
  for (let first = 0; first < rows.length; first += ROWS_AT_ONCE) {
    await transaction
      .insertInto('agent_days')
      .values(rows.slice(first, first + ROWS_AT_ONCE))
      .execute();
  }
  const summed = { formula_version: FORMULA_VERSION, summed_at: at };
  await transaction
    .insertInto('summed_days')
    .values({ tenant_id: tenantId, day, ...summed })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'day']).doUpdateSet(summed))
    .execute();
}

/**
 * Has days added up anew; until then they are counted. Sums of days whose facts were deleted with age stay as they are.
 *
 * @returns how many were added up.
 */
export async function forgetDays(
  transaction: DatabaseTransaction,
  { from, to }: { from: string; to: string },
): Promise<number> {
  const first = await firstFactAt(transaction);
  if (first === undefined) return 0;
  const gone = await transaction
    .deleteFrom('summed_days')
    .where(sql<boolean>`day between greatest(${from}::date, ${dayName(first)}::date) and ${to}::date`)
    .returning('day')
    .execute();
  return gone.length;
}

/** When the oldest fact about agents is from; undefined while there is none. */
export async function firstFactAt(transaction: DatabaseTransaction): Promise<number | undefined> {
  const { rows } = await sql<{ at: Date | null }>`
    select least(
      (select min(at) from agent_events where ${ofTenant('agent_events')}),
      (select min(at) from contact_events where ${ofTenant('contact_events')})
    ) as at
  `.execute(transaction);
  return rows[0]?.at?.getTime();
}
