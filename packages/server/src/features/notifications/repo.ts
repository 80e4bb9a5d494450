import {
  type Alert,
  type AlertDelivery,
  type AlertDeliveryPage,
  type AlertDeliveryQuery,
  type AlertEvent,
  AlertTarget,
  type AlertTargetId,
  type DeliveryState,
  MailServerInput,
} from '@crosspoint/contracts';
import { sql } from 'kysely';
import type { z } from 'zod';
import { keysetPage, type Scope } from '../../http/index.ts';
import { type DatabaseTransaction, newId, ofTenant, type SecretBox } from '../../platform/index.ts';
import { alertColumns, alertOf, alertWithin } from '../alerts/index.ts';
import { allNamed, type NamedRow } from '../named/index.ts';
import { teamsWithin } from '../teams/index.ts';
import type { MailRoute } from './mail.ts';

/** What happened longer ago is told to nobody any more. */
const NEWS_MAX_AGE = '1 hour';
const NEWS_AT_ONCE_MAX = 200;

export const targetOf = ({ id, name, settings }: NamedRow): AlertTarget =>
  AlertTarget.parse({ id, name, ...(settings as object) });

export async function allTargets(transaction: DatabaseTransaction): Promise<AlertTarget[]> {
  return (await allNamed(transaction, 'alert_targets')).map(targetOf);
}

export async function sealedSecretOf(transaction: DatabaseTransaction, id: string): Promise<string | null> {
  const row = await transaction
    .selectFrom('alert_targets')
    .select('sealed_secret')
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.sealed_secret ?? null;
}

export async function storeSecret(
  transaction: DatabaseTransaction,
  id: string,
  sealed: string,
): Promise<void> {
  await transaction
    .updateTable('alert_targets')
    .set({ sealed_secret: sealed })
    .where('id', '=', id)
    .execute();
}

/** As it is stored: the password sealed. */
type StoredMailServer = z.output<typeof MailServerInput> & { sealedPassword: string | null };

export async function readMailServer(
  transaction: DatabaseTransaction,
): Promise<StoredMailServer | undefined> {
  const row = await transaction.selectFrom('mail_servers').select('settings').executeTakeFirst();
  if (row === undefined) return undefined;
  const { sealedPassword, ...settings } = row.settings as Record<string, unknown>;
  return {
    ...MailServerInput.parse(settings),
    sealedPassword: typeof sealedPassword === 'string' ? sealedPassword : null,
  };
}

export async function storeMailServer(
  transaction: DatabaseTransaction,
  tenantId: string,
  { password: _never, ...settings }: StoredMailServer,
): Promise<void> {
  const stored = JSON.stringify(settings);
  await transaction
    .insertInto('mail_servers')
    .values({ tenant_id: tenantId, settings: stored })
    .onConflict((conflict) => conflict.column('tenant_id').doUpdateSet({ settings: stored }))
    .execute();
}

export async function deleteMailServer(transaction: DatabaseTransaction): Promise<boolean> {
  const gone = await transaction.deleteFrom('mail_servers').returning('tenant_id').executeTakeFirst();
  return gone !== undefined;
}

/** How mail is sent now; undefined when no server is set up. */
export async function mailRoute(
  transaction: DatabaseTransaction,
  box: SecretBox,
): Promise<MailRoute | undefined> {
  const server = await readMailServer(transaction);
  if (server === undefined) return undefined;
  const { sealedPassword, password: _none, ...settings } = server;
  return { ...settings, password: sealedPassword === null ? null : (box.open(sealedPassword) ?? null) };
}

/**
 * Puts what a target has not been told yet on the way; whoever does it twice changes nothing. A target that is new gets
 * no old news: it hears of what lasts, and of the end of that of whose beginning it was told.
 */
export async function queueNews(
  transaction: DatabaseTransaction,
  tenantId: string,
  target: AlertTarget,
  at: Date,
): Promise<void> {
  const teams = await teamsWithin(transaction, target.teamIds);
  for (const event of target.events) {
    const moment = sql.ref(event === 'raised' ? 'a.raised_at' : 'a.cleared_at');
    let news = transaction
      .selectFrom('alerts as a')
      .select('a.id')
      .where(sql<boolean>`${moment} > ${at}::timestamptz - ${NEWS_MAX_AGE}::interval`)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('alert_deliveries as d')
              .select('d.id')
              .whereRef('d.alert_id', '=', 'a.id')
              .where('d.target_id', '=', target.id)
              .where('d.event', '=', event),
          ),
        ),
      )
      .limit(NEWS_AT_ONCE_MAX);
    if (event === 'raised') news = news.where('a.cleared_at', 'is', null);
    else if (target.events.includes('raised')) {
      news = news.where('a.id', 'in', ({ selectFrom }) =>
        selectFrom('alert_deliveries as b')
          .select('b.alert_id')
          .where('b.target_id', '=', target.id)
          .where('b.event', '=', 'raised'),
      );
    }
    if (target.kinds.length > 0) news = news.where('a.kind', 'in', target.kinds);
    if (target.queueIds.length + target.teamIds.length > 0) {
      news = news.where(sql<boolean>`(
        a.queue_id = any(${target.queueIds}::uuid[])
        or a.queue_id in (select id from queues where settings ->> 'teamId' = any(${teams}::text[]))
        or a.agent_id in (select user_id from team_members where team_id = any(${teams}::uuid[]))
      )`);
    }
    const rows = (await news.execute()).map(({ id }) => ({
      ...{ id: newId(), tenant_id: tenantId, target_id: target.id, alert_id: id, event },
      ...{ created_at: at, next_attempt_at: at },
    }));
    if (rows.length === 0) continue;
    await transaction
      .insertInto('alert_deliveries')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

/** A message that is due, with what it is about. */
export interface DueDelivery {
  id: string;
  targetId: AlertTargetId;
  event: AlertEvent;
  attempts: number;
  alert: Alert;
}

export async function dueDeliveries(
  transaction: DatabaseTransaction,
  at: Date,
  limit: number,
): Promise<DueDelivery[]> {
  const rows = await transaction
    .selectFrom('alert_deliveries as d')
    .innerJoin('alerts as a', 'a.id', 'd.alert_id')
    .leftJoin('users as u', 'u.id', 'a.acknowledged_by')
    .select(alertColumns)
    .select(['d.id as delivery_id', 'd.target_id', 'd.event', 'd.attempts'])
    .where('d.state', '=', 'waiting')
    .where('d.next_attempt_at', '<=', at)
    .orderBy('d.next_attempt_at')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    id: row.delivery_id,
    targetId: row.target_id as AlertTargetId,
    event: row.event as AlertEvent,
    attempts: row.attempts,
    alert: alertOf(row),
  }));
}

/** When the next message is due; null when none waits. */
export async function nextDueAt(transaction: DatabaseTransaction): Promise<Date | null> {
  const row = await transaction
    .selectFrom('alert_deliveries')
    .select((min) => min.fn.min('next_attempt_at').as('at'))
    .where('state', '=', 'waiting')
    .executeTakeFirst();
  return row?.at ?? null;
}

export async function recordAttempt(
  transaction: DatabaseTransaction,
  id: string,
  outcome: { state: DeliveryState; attempts: number; at: Date; nextAt: Date | null; error: string | null },
): Promise<void> {
  await transaction
    .updateTable('alert_deliveries')
    .set({
      state: outcome.state,
      attempts: outcome.attempts,
      next_attempt_at: outcome.nextAt,
      delivered_at: outcome.state === 'delivered' ? outcome.at : null,
      last_error: outcome.error,
    })
    .where('id', '=', id)
    .execute();
}

/** Lets one that failed begin anew. False when there is none such. */
export async function requeue(transaction: DatabaseTransaction, id: string, at: Date): Promise<boolean> {
  const row = await transaction
    .updateTable('alert_deliveries')
    .set({ state: 'waiting', attempts: 0, next_attempt_at: at })
    .where('id', '=', id)
    .where('state', '<>', 'delivered')
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

function selectDeliveries(transaction: DatabaseTransaction, scope: Scope) {
  const select = transaction
    .selectFrom('alert_deliveries as d')
    .innerJoin('alert_targets as t', 't.id', 'd.target_id')
    .innerJoin('alerts as a', 'a.id', 'd.alert_id')
    .select(['d.id', 'd.target_id', 't.name as target_name', 'd.alert_id', 'a.queue_name', 'a.kind'])
    .select('a.agent_name')
    .select(['d.event', 'd.state', 'd.attempts', 'd.created_at', 'd.next_attempt_at', 'd.delivered_at'])
    .select('d.last_error');
  return scope === undefined ? select : select.where(alertWithin(scope));
}
type DeliveryRow = Awaited<ReturnType<ReturnType<typeof selectDeliveries>['executeTakeFirstOrThrow']>>;

const deliveryOf = (row: DeliveryRow): AlertDelivery => ({
  id: row.id,
  target: { id: row.target_id as AlertTargetId, name: row.target_name },
  alert: {
    id: row.alert_id as Alert['id'],
    queueName: row.queue_name,
    agentName: row.agent_name,
    kind: row.kind as Alert['kind'],
  },
  event: row.event as AlertEvent,
  state: row.state as DeliveryState,
  attempts: row.attempts,
  createdAt: row.created_at.toISOString(),
  nextAttemptAt: row.next_attempt_at?.toISOString() ?? null,
  deliveredAt: row.delivered_at?.toISOString() ?? null,
  lastError: row.last_error,
});

export async function listDeliveries(
  transaction: DatabaseTransaction,
  query: z.output<typeof AlertDeliveryQuery>,
  scope: Scope,
): Promise<z.output<typeof AlertDeliveryPage>> {
  let select = selectDeliveries(transaction, scope).where(ofTenant('d'));
  if (query.state !== undefined) select = select.where('d.state', 'in', query.state);
  if (query.targetId !== undefined) select = select.where('d.target_id', 'in', query.targetId);
  const page = await keysetPage(select, {
    sort: '-createdAt',
    keys: [
      { expression: sql.ref('d.created_at'), type: 'timestamptz' },
      { expression: sql.ref('d.id'), type: 'uuid' },
    ],
    limit: query.limit,
    cursor: query.cursor,
  });
  return { items: page.items.map(deliveryOf), nextCursor: page.nextCursor };
}

export async function findDelivery(
  transaction: DatabaseTransaction,
  id: string,
  scope: Scope,
): Promise<AlertDelivery | undefined> {
  const row = await selectDeliveries(transaction, scope).where('d.id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : deliveryOf(row);
}
