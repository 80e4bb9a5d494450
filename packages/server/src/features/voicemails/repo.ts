import type {
  ContactId,
  RecordingId,
  UserId,
  Voicemail,
  VoicemailBoxId,
  VoicemailId,
  VoicemailQuery,
} from '@crosspoint/contracts';
import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import { type Bounds, anyHolds, keysetPage, type SortKey } from '../../http/index.ts';
import { type DatabaseTransaction, newId, ofTenant } from '../../platform/index.ts';
import { boxBounds } from './boxes.ts';

/** @param bounds only messages in boxes within them; undefined for all. */
function selectMessages(transaction: DatabaseTransaction, bounds: Bounds | undefined) {
  const select = transaction
    .selectFrom('voicemails as v')
    .innerJoin('voicemail_boxes as b', 'b.id', 'v.box_id')
    .leftJoin('users as u', 'u.id', 'v.heard_by')
    .leftJoin('users as f', 'f.id', 'v.forwarded_by')
    .select(['v.id', 'v.box_id', 'v.contact_id', 'v.recording_id', 'v.number', 'v.caller_phone'])
    .select(['v.caller_name', 'v.left_at', 'v.duration_ms', 'v.heard_at'])
    .select(['v.archived_at', 'v.note', 'v.forwarded_from', 'f.name as forwarded_by'])
    .select(['b.name as box', 'u.name as heard_by'])
    .where('v.deleted_at', 'is', null);
  const within = bounds && boxBounds('b.settings', bounds);
  return within === undefined ? select : select.where(within);
}
type Row = Awaited<ReturnType<ReturnType<typeof selectMessages>['executeTakeFirstOrThrow']>>;

function messageOf(row: Row): Voicemail {
  return {
    id: row.id as VoicemailId,
    boxId: row.box_id as VoicemailBoxId,
    box: row.box,
    contactId: row.contact_id as ContactId,
    recordingId: row.recording_id as RecordingId,
    number: row.number,
    callerPhone: row.caller_phone,
    callerName: row.caller_name,
    at: row.left_at.toISOString(),
    durationSeconds: row.duration_ms / 1000,
    heard: row.heard_at !== null,
    heardAt: row.heard_at?.toISOString() ?? null,
    heardBy: row.heard_by,
    archived: row.archived_at !== null,
    archivedAt: row.archived_at?.toISOString() ?? null,
    note: row.note,
    forwardedFrom: row.forwarded_from,
    forwardedBy: row.forwarded_by,
  };
}

const byTime: SortKey = { expression: sql.ref('v.left_at'), type: 'timestamptz' };
const sortKeys: Readonly<Record<string, SortKey>> = {
  duration: { expression: sql.ref('v.duration_ms'), type: 'bigint' },
  caller: { expression: sql`coalesce(nullif(v.caller_name, ''), v.caller_phone)`, type: 'text' },
};

export type MessageState = Exclude<z.output<typeof VoicemailQuery>['state'], 'all'>;

/** In the words of the query; what lies in the archive is in no other state. */
function inState(state: MessageState): RawBuilder<boolean> {
  switch (state) {
    case 'archived':
      return sql<boolean>`v.archived_at is not null`;
    case 'inbox':
      return sql<boolean>`v.archived_at is null`;
    case 'heard':
      return sql<boolean>`v.archived_at is null and v.heard_at is not null`;
    case 'unheard':
      return sql<boolean>`v.archived_at is null and v.heard_at is null`;
  }
}

export async function listMessages(
  transaction: DatabaseTransaction,
  { boxId, state, search, from, to, sort, limit, cursor }: z.output<typeof VoicemailQuery>,
  bounds: Bounds | undefined,
): Promise<{ items: Voicemail[]; nextCursor: string | null }> {
  let select = selectMessages(transaction, bounds).where(ofTenant('v'));
  if (boxId !== undefined) select = select.where('v.box_id', '=', boxId);
  if (state !== 'all') select = select.where(inState(state));
  if (from !== undefined) select = select.where('v.left_at', '>=', new Date(from));
  if (to !== undefined) select = select.where('v.left_at', '<', new Date(to));
  if (search)
    select = select.where(anyHolds(search, ['v.number', 'v.caller_phone', 'v.caller_name', 'v.note']));
  const primary = sortKeys[sort.replace('-', '')] ?? byTime;
  const page = await keysetPage(select, {
    sort,
    keys: [...(primary === byTime ? [] : [primary]), byTime, { expression: sql.ref('v.id'), type: 'uuid' }],
    limit,
    cursor,
  });
  return { items: page.items.map(messageOf), nextCursor: page.nextCursor };
}

export async function findMessage(
  transaction: DatabaseTransaction,
  id: string,
  bounds: Bounds | undefined,
): Promise<Voicemail | undefined> {
  const row = await selectMessages(transaction, bounds).where('v.id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : messageOf(row);
}

/** The recordings whose sound is a message; `bounds` as above. */
export function messageRecordings(transaction: DatabaseTransaction, bounds: Bounds) {
  return selectMessages(transaction, bounds).clearSelect().select('v.recording_id');
}

/** Null: nobody has heard it. */
export async function markHeard(
  transaction: DatabaseTransaction,
  id: string,
  heard: { at: Date; by: string | null } | null,
): Promise<void> {
  await transaction
    .updateTable('voicemails')
    .set({ heard_at: heard?.at ?? null, heard_by: heard?.by ?? null })
    .where('id', '=', id)
    .execute();
}

/** Null: out of the archive. */
export async function archiveMessage(
  transaction: DatabaseTransaction,
  id: string,
  at: Date | null,
): Promise<void> {
  await transaction.updateTable('voicemails').set({ archived_at: at }).where('id', '=', id).execute();
}

/** A copy in that box, which nobody there has heard. @returns its id. */
export async function forwardMessage(
  transaction: DatabaseTransaction,
  tenantId: string,
  message: Voicemail,
  forward: { boxId: string; note: string; by: UserId | null },
): Promise<string> {
  const id = newId();
  await transaction
    .insertInto('voicemails')
    .values({
      ...{ id, tenant_id: tenantId, box_id: forward.boxId },
      ...{ contact_id: message.contactId, recording_id: message.recordingId },
      ...{ number: message.number, caller_phone: message.callerPhone, caller_name: message.callerName },
      ...{ left_at: new Date(message.at), duration_ms: Math.round(message.durationSeconds * 1_000) },
      ...{ note: forward.note, forwarded_from: message.box, forwarded_by: forward.by },
    })
    .execute();
  return id;
}

/** The first message of a box in that state, or the first after another one, oldest first. */
export async function nextMessage(
  transaction: DatabaseTransaction,
  boxId: string,
  state: MessageState,
  after: string | undefined,
): Promise<Voicemail | undefined> {
  let select = selectMessages(transaction, undefined).where('v.box_id', '=', boxId).where(inState(state));
  if (after !== undefined) {
    const place = sql`(select m.left_at, m.id from voicemails as m where m.id = ${after})`;
    select = select.where(sql<boolean>`(v.left_at, v.id) > ${place}`);
  }
  const row = await select.orderBy('v.left_at').orderBy('v.id').limit(1).executeTakeFirst();
  return row === undefined ? undefined : messageOf(row);
}

/** @param at null: it is there again. */
export async function deleteMessage(
  transaction: DatabaseTransaction,
  id: string,
  at: Date | null,
): Promise<void> {
  await transaction.updateTable('voicemails').set({ deleted_at: at }).where('id', '=', id).execute();
}

/** Messages of each box: those that nobody has heard, and all. */
export async function countMessages(
  transaction: DatabaseTransaction,
): Promise<Map<string, { unheard: number; messages: number }>> {
  const rows = await transaction
    .selectFrom('voicemails')
    .select(['box_id'])
    .select(sql<number>`count(*)::int`.as('messages'))
    .select(sql<number>`(count(*) filter (where heard_at is null))::int`.as('unheard'))
    .where('deleted_at', 'is', null)
    .where('archived_at', 'is', null)
    .groupBy('box_id')
    .execute();
  return new Map(rows.map(({ box_id, messages, unheard }) => [box_id, { messages, unheard }]));
}
