import {
  type AgentId,
  type Alert,
  type AlertId,
  type AlertKind,
  type AlertPage,
  type AlertQuery,
  AlertRule,
  type AlertRuleId,
  QueueAlerts,
  type QueueId,
  type UserId,
} from '@crosspoint/contracts';
import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import { anyHolds, keysetPage, oneOf, type Scope, type TeamScope } from '../../http/index.ts';
import { type DatabaseTransaction, ofTenant } from '../../platform/index.ts';
import { allNamed, type NamedRow } from '../named/index.ts';

/** More alerts than these are not open at once. */
const OPEN_MAX = 10_000;

/** What {@link alertOf} reads of `alerts as a` with `users as u`, who acknowledged it. */
export const alertColumns = [
  ...(['a.id', 'a.queue_id', 'a.queue_name', 'a.kind', 'a.value', 'a.worst', 'a.threshold'] as const),
  ...(['a.agent_id', 'a.agent_name', 'a.rule_id', 'a.rule_name'] as const),
  ...(['a.raised_at', 'a.cleared_at', 'a.acknowledged_at', 'a.acknowledged_by', 'a.note'] as const),
  'u.name as acknowledged_name',
] as const;

function selectAlerts(transaction: DatabaseTransaction) {
  return transaction
    .selectFrom('alerts as a')
    .leftJoin('users as u', 'u.id', 'a.acknowledged_by')
    .select(alertColumns);
}
type AlertRow = Awaited<ReturnType<ReturnType<typeof selectAlerts>['executeTakeFirstOrThrow']>>;

export function alertOf(row: AlertRow): Alert {
  return {
    id: row.id as AlertId,
    queueId: row.queue_id as QueueId | null,
    queueName: row.queue_name,
    agentId: row.agent_id as AgentId | null,
    agentName: row.agent_name,
    ruleId: row.rule_id as AlertRuleId | null,
    ruleName: row.rule_name,
    kind: row.kind as AlertKind,
    value: row.value,
    worst: row.worst,
    threshold: row.threshold,
    raisedAt: row.raised_at.toISOString(),
    clearedAt: row.cleared_at?.toISOString() ?? null,
    acknowledgedAt: row.acknowledged_at?.toISOString() ?? null,
    acknowledgedBy:
      row.acknowledged_by === null
        ? null
        : { id: row.acknowledged_by as UserId, name: row.acknowledged_name ?? '' },
    note: row.note,
  };
}

/** It lasts, or nobody has seen it yet. */
const isOpen = sql<boolean>`(a.cleared_at is null or a.acknowledged_at is null)`;

/** Whether an alert of `alerts as a` is about an agent or a queue in scope. */
export const alertWithin = ({ agentIds, queueIds }: TeamScope): RawBuilder<boolean> =>
  sql<boolean>`(
    (a.agent_id is null or ${oneOf('a.agent_id', agentIds)})
    and (a.queue_id is null or ${oneOf('a.queue_id', queueIds)})
  )`;

/** Whether a rule concerns one of the teams, as one for everybody does; to be changed, it must concern no others. */
export function ruleWithin({ teamIds }: TeamScope, access: 'read' | 'write'): RawBuilder<boolean> {
  const named = sql`coalesce(settings -> 'teamIds', '[]')`;
  const own = sql`${[...teamIds]}::text[]`;
  return access === 'read'
    ? sql<boolean>`(jsonb_array_length(${named}) = 0 or jsonb_exists_any(${named}, ${own}))`
    : sql<boolean>`(jsonb_array_length(${named}) > 0 and ${named} <@ to_jsonb(${own}))`;
}

export async function listAlerts(
  transaction: DatabaseTransaction,
  query: z.output<typeof AlertQuery>,
  scope: Scope,
): Promise<z.output<typeof AlertPage>> {
  let select = selectAlerts(transaction).where(ofTenant('a'));
  if (query.state !== 'all')
    select = select.where(query.state === 'open' ? isOpen : sql<boolean>`not ${isOpen}`);
  if (scope !== undefined) select = select.where(alertWithin(scope));
  if (query.agentId !== undefined) select = select.where('a.agent_id', 'in', query.agentId);
  if (query.queueId !== undefined) select = select.where('a.queue_id', 'in', query.queueId);
  if (query.kind !== undefined) select = select.where('a.kind', 'in', query.kind);
  if (query.search) {
    const columns = ['a.queue_name', 'a.agent_name', 'a.rule_name', 'a.note', 'u.name'];
    select = select.where(anyHolds(query.search, columns));
  }
  const page = await keysetPage(select, {
    sort: query.sort,
    keys: [
      { expression: sql.ref('a.raised_at'), type: 'timestamptz' },
      { expression: sql.ref('a.id'), type: 'uuid' },
    ],
    limit: query.limit,
    cursor: query.cursor,
  });
  return { items: page.items.map(alertOf), nextCursor: page.nextCursor };
}

/** Those that lasted when it was last looked. */
export async function lastingAlerts(transaction: DatabaseTransaction): Promise<Alert[]> {
  const rows = await selectAlerts(transaction)
    .where('a.cleared_at', 'is', null)
    .orderBy('a.raised_at')
    .limit(OPEN_MAX)
    .execute();
  return rows.map(alertOf);
}

export async function findAlert(
  transaction: DatabaseTransaction,
  id: string,
  scope: Scope,
): Promise<Alert | undefined> {
  let select = selectAlerts(transaction).where('a.id', '=', id);
  if (scope !== undefined) select = select.where(alertWithin(scope));
  const row = await select.executeTakeFirst();
  return row === undefined ? undefined : alertOf(row);
}

export async function insertAlert(
  transaction: DatabaseTransaction,
  tenantId: string,
  alert: Alert,
): Promise<void> {
  await transaction
    .insertInto('alerts')
    .values({
      id: alert.id,
      tenant_id: tenantId,
      queue_id: alert.queueId,
      queue_name: alert.queueName,
      agent_id: alert.agentId,
      agent_name: alert.agentName,
      rule_id: alert.ruleId,
      rule_name: alert.ruleName,
      kind: alert.kind,
      value: alert.value,
      worst: alert.worst,
      threshold: alert.threshold,
      raised_at: alert.raisedAt,
    })
    .execute();
}

/** It has become worse, or is over. */
export async function updateAlert(
  transaction: DatabaseTransaction,
  { id, worst, clearedAt }: Alert,
): Promise<void> {
  await transaction
    .updateTable('alerts')
    .set({ cleared_at: clearedAt, worst })
    .where('id', '=', id)
    .execute();
}

/** The first acknowledgement stays. False when there was one already. */
export async function acknowledgeAlert(
  transaction: DatabaseTransaction,
  id: string,
  by: { userId: UserId; note: string; at: Date },
): Promise<boolean> {
  const updated = await transaction
    .updateTable('alerts')
    .set({ acknowledged_at: by.at, acknowledged_by: by.userId, note: by.note })
    .where('id', '=', id)
    .where('acknowledged_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  return updated !== undefined;
}

/** Name and thresholds of each queue that has any. */
export async function queueThresholds(
  transaction: DatabaseTransaction,
): Promise<Map<QueueId, { name: string; thresholds: QueueAlerts }>> {
  const rows = await transaction
    .selectFrom('queues')
    .select(['id', 'name', sql<unknown>`settings -> 'alerts'`.as('alerts')])
    .where(sql<boolean>`settings ? 'alerts'`)
    .execute();
  return new Map(
    rows.map(({ id, name, alerts }) => [
      id as QueueId,
      { name, thresholds: QueueAlerts.parse(alerts ?? {}) },
    ]),
  );
}

export const ruleOf = ({ id, name, settings }: NamedRow): AlertRule =>
  AlertRule.parse({ id, name, ...(settings as object) });

/** The rules that are switched on. */
export async function enabledRules(transaction: DatabaseTransaction): Promise<AlertRule[]> {
  return (await allNamed(transaction, 'alert_rules')).map(ruleOf).filter(({ enabled }) => enabled);
}

/** Those of the teams that do not exist. */
export async function unknownTeams(
  transaction: DatabaseTransaction,
  teamIds: readonly string[],
): Promise<string[]> {
  if (teamIds.length === 0) return [];
  const rows = await transaction.selectFrom('teams').select('id').where('id', 'in', teamIds).execute();
  const known = new Set(rows.map(({ id }) => id));
  return teamIds.filter((id) => !known.has(id));
}
