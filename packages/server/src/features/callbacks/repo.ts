import type {
  Callback,
  CallbackId,
  CallbackPage,
  CallbackQuery,
  CallbackState,
  ContactId,
  QueueId,
} from '@crosspoint/contracts';
import type { CallbackRecord } from '@crosspoint/core';
import { sql } from 'kysely';
import type { z } from 'zod';
import { anyHolds, type Bounds, keysetPage, queueBounds } from '../../http/index.ts';
import { type DatabaseTransaction, ofTenant } from '../../platform/index.ts';

/** The book takes no more. */
const openMax = 10_000;

const date = (ms: number | null) => (ms === null ? null : new Date(ms));
const iso = (value: Date | null) => value?.toISOString() ?? null;

/** Writes the record as it stands now. A queue that was deleted meanwhile took its callbacks along. */
export async function saveCallback(
  transaction: DatabaseTransaction,
  tenantId: string,
  record: CallbackRecord,
): Promise<void> {
  const changing = {
    state: record.state,
    aged_since: new Date(record.agedSince),
    promised_at: new Date(record.promisedAt),
    due_at: date(record.dueAt),
    attempts: record.attempts,
    contact_id: record.contactId,
    reason: record.reason,
    ended_at: date(record.endedAt),
  };
  await transaction
    .insertInto('callbacks')
    .values({
      id: record.id,
      tenant_id: tenantId,
      queue_id: record.queueId,
      number: record.number,
      caller_name: record.callerName,
      note: record.note,
      origin: record.origin,
      created_at: new Date(record.createdAt),
      attempts_max: record.attemptsMax,
      gap_seconds: record.gapSeconds,
      from_contact_id: record.fromContactId,
      ...changing,
    })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changing))
    .execute();
}

function selectCallbacks(transaction: DatabaseTransaction) {
  return transaction
    .selectFrom('callbacks as c')
    .innerJoin('queues as q', 'q.id', 'c.queue_id')
    .selectAll('c')
    .select('q.name as queue_name');
}
type CallbackRow = Awaited<ReturnType<ReturnType<typeof selectCallbacks>['executeTakeFirstOrThrow']>>;

function callbackOf(row: CallbackRow): Callback {
  return {
    id: row.id as CallbackId,
    queueId: row.queue_id as QueueId,
    queueName: row.queue_name,
    number: row.number,
    callerName: row.caller_name,
    note: row.note,
    origin: row.origin as Callback['origin'],
    state: row.state as CallbackState,
    createdAt: row.created_at.toISOString(),
    agedSince: row.aged_since.toISOString(),
    dueAt: iso(row.due_at),
    attempts: row.attempts,
    attemptsMax: row.attempts_max,
    contactId: row.contact_id as ContactId | null,
    fromContactId: row.from_contact_id as ContactId | null,
    reason: row.reason,
    endedAt: iso(row.ended_at),
  };
}

/** How many of that queue are still to be made. */
export async function countOpenCallbacks(transaction: DatabaseTransaction, queueId: string): Promise<number> {
  const { count } = await transaction
    .selectFrom('callbacks')
    .select((query) => query.fn.countAll<string>().as('count'))
    .where('queue_id', '=', queueId)
    .where('ended_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Those that are still to be made, oldest first, as the book keeps them. */
export async function loadOpenCallbacks(transaction: DatabaseTransaction): Promise<CallbackRecord[]> {
  const rows = await selectCallbacks(transaction)
    .where('c.ended_at', 'is', null)
    .orderBy('c.created_at')
    .limit(openMax)
    .execute();
  return rows.map((row) => ({
    id: row.id as CallbackId,
    queueId: row.queue_id as QueueId,
    number: row.number,
    callerName: row.caller_name,
    note: row.note,
    origin: row.origin as CallbackRecord['origin'],
    createdAt: row.created_at.getTime(),
    fromContactId: row.from_contact_id as ContactId | null,
    attemptsMax: row.attempts_max,
    gapSeconds: row.gap_seconds,
    state: row.state as CallbackState,
    agedSince: row.aged_since.getTime(),
    dueAt: row.due_at?.getTime() ?? null,
    promisedAt: row.promised_at.getTime(),
    attempts: row.attempts,
    contactId: row.contact_id as ContactId | null,
    reason: row.reason,
    endedAt: row.ended_at?.getTime() ?? null,
  }));
}

export async function listCallbacks(
  transaction: DatabaseTransaction,
  query: z.output<typeof CallbackQuery>,
  bounds: Bounds,
): Promise<z.output<typeof CallbackPage>> {
  let select = selectCallbacks(transaction).where(ofTenant('c')).where(queueBounds('c.queue_id', bounds));
  const { queueId, search, state } = query;
  if (state !== 'all') select = select.where('c.ended_at', state === 'open' ? 'is' : 'is not', null);
  if (queueId !== undefined) select = select.where('c.queue_id', '=', queueId);
  if (search) select = select.where(anyHolds(search, ['c.number', 'c.caller_name', 'c.note']));
  const page = await keysetPage(select, {
    sort: query.sort,
    keys: [
      { expression: sql.ref('c.created_at'), type: 'timestamptz' },
      { expression: sql.ref('c.id'), type: 'uuid' },
    ],
    limit: query.limit,
    cursor: query.cursor,
  });
  return { items: page.items.map(callbackOf), nextCursor: page.nextCursor };
}

export async function findCallback(
  transaction: DatabaseTransaction,
  id: string,
  bounds: Bounds,
): Promise<Callback | undefined> {
  const row = await selectCallbacks(transaction)
    .where('c.id', '=', id)
    .where(queueBounds('c.queue_id', bounds))
    .executeTakeFirst();
  return row === undefined ? undefined : callbackOf(row);
}

export async function isQueueVisible(
  transaction: DatabaseTransaction,
  id: QueueId,
  bounds: Bounds,
): Promise<boolean> {
  const row = await transaction
    .selectFrom('queues')
    .select('id')
    .where('id', '=', id)
    .where(queueBounds('id', bounds))
    .executeTakeFirst();
  return row !== undefined;
}
