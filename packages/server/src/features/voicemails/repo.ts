import type {
  ContactId,
  RecordingId,
  UserId,
  Voicemail,
  VoicemailBoxId,
  VoicemailId,
  VoicemailQuery,
} from '@crosspoint/contracts';
import { sql } from 'kysely';
import type { z } from 'zod';
import { escapeLike, keysetPage } from '../../http/index.ts';
import { type DatabaseTransaction, newId } from '../../platform/index.ts';
import { boxNames } from './boxes.ts';
import type { KeptMessage } from './keeper.ts';

/** False when the box was deleted meanwhile. */
export async function saveMessage(
  transaction: DatabaseTransaction,
  tenantId: string,
  message: KeptMessage,
): Promise<boolean> {
  const box = await transaction
    .selectFrom('voicemail_boxes')
    .select('id')
    .where('name', '=', message.box)
    .executeTakeFirst();
  if (box === undefined) return false;
  await transaction
    .insertInto('voicemails')
    .values({
      id: newId(),
      tenant_id: tenantId,
      box_id: box.id,
      contact_id: message.contactId,
      recording_id: message.recordingId,
      number: message.number,
      caller_phone: message.callerPhone,
      caller_name: message.callerName,
      left_at: new Date(message.at),
      duration_ms: Math.round(message.durationMs),
    })
    .execute();
  return true;
}

/** @param owner only messages in boxes that name this user; undefined for all. */
function selectMessages(transaction: DatabaseTransaction, owner: UserId | undefined) {
  const select = transaction
    .selectFrom('voicemails as v')
    .innerJoin('voicemail_boxes as b', 'b.id', 'v.box_id')
    .leftJoin('users as u', 'u.id', 'v.heard_by')
    .select(['v.id', 'v.box_id', 'v.contact_id', 'v.recording_id', 'v.number', 'v.caller_phone'])
    .select(['v.caller_name', 'v.left_at', 'v.duration_ms', 'v.heard_at'])
    .select(['b.name as box', 'u.name as heard_by'])
    .where('v.deleted_at', 'is', null);
  return owner === undefined ? select : select.where(boxNames('b.settings', owner));
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
    heardAt: row.heard_at?.toISOString() ?? null,
    heardBy: row.heard_by,
  };
}

export async function listMessages(
  transaction: DatabaseTransaction,
  { boxId, state, search, sort, limit, cursor }: z.output<typeof VoicemailQuery>,
  owner: UserId | undefined,
): Promise<{ items: Voicemail[]; nextCursor: string | null }> {
  let select = selectMessages(transaction, owner);
  if (boxId !== undefined) select = select.where('v.box_id', '=', boxId);
  if (state !== 'all') select = select.where('v.heard_at', state === 'heard' ? 'is not' : 'is', null);
  if (search) {
    const text = `%${escapeLike(search)}%`;
    select = select.where((where) =>
      where.or([
        where('v.number', 'ilike', text),
        where('v.caller_phone', 'ilike', text),
        where('v.caller_name', 'ilike', text),
      ]),
    );
  }
  const page = await keysetPage(select, {
    sort,
    keys: [
      { expression: sql.ref('v.left_at'), type: 'timestamptz' },
      { expression: sql.ref('v.id'), type: 'uuid' },
    ],
    limit,
    cursor,
  });
  return { items: page.items.map(messageOf), nextCursor: page.nextCursor };
}

export async function findMessage(
  transaction: DatabaseTransaction,
  id: string,
  owner: UserId | undefined,
): Promise<Voicemail | undefined> {
  const row = await selectMessages(transaction, owner).where('v.id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : messageOf(row);
}

/** The recordings whose sound is a message; `owner` as above. */
export function messageRecordings(transaction: DatabaseTransaction, owner: UserId | undefined) {
  return selectMessages(transaction, owner).clearSelect().select('v.recording_id');
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

export async function deleteMessage(transaction: DatabaseTransaction, id: string, at: Date): Promise<void> {
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
    .groupBy('box_id')
    .execute();
  return new Map(rows.map(({ box_id, messages, unheard }) => [box_id, { messages, unheard }]));
}
