import type {
  AgentId,
  ContactId,
  PermissionReach,
  QueueId,
  Recording,
  RecordingId,
  RecordingQuery,
  UserId,
} from '@crosspoint/contracts';
import { sql } from 'kysely';
import type { z } from 'zod';
import { escapeLike, keysetPage, type SortKey } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { messageRecordings } from '../voicemails/index.ts';

/** Whose recordings are shown: those on which the person is heard, and messages that callers left. */
export interface RecordingOwner {
  userId: UserId;
  /** Messages of every box, of the boxes that name the person, or none. */
  messages: PermissionReach | undefined;
}

/** @param owner undefined for everybody's. */
function selectRecordings(transaction: DatabaseTransaction, owner: RecordingOwner | undefined) {
  const select = transaction
    .selectFrom('recordings as r')
    .leftJoin('contacts as c', 'c.id', 'r.contact_id')
    .leftJoin('queues as q', 'q.id', 'r.queue_id')
    .leftJoin('users as u', 'u.id', 'r.agent_id')
    .select(['r.id', 'r.contact_id', 'r.segment_id', 'r.queue_id', 'r.agent_id', 'r.status', 'r.format'])
    .select([
      'r.channels',
      'r.sample_rate',
      'r.duration_seconds',
      'r.size_bytes',
      'r.started_at',
      'r.ended_at',
    ])
    .select([
      'r.path',
      'c.number',
      'c.caller_phone',
      'c.caller_name',
      'q.name as queue_name',
      'u.name as agent_name',
    ])
    .where('r.deleted_at', 'is', null);
  if (owner === undefined) return select;
  const { userId, messages } = owner;
  if (messages === undefined) return select.where('r.agent_id', '=', userId);
  const heard = messageRecordings(transaction, messages === 'own' ? userId : undefined);
  return select.where((where) => where.or([where('r.agent_id', '=', userId), where('r.id', 'in', heard)]));
}
type RecordingRow = Awaited<ReturnType<ReturnType<typeof selectRecordings>['executeTakeFirstOrThrow']>>;

/** Who is heard on which channel; rule 18: the customer left, the agent right. */
export const CHANNEL_PARTIES = ['customer', 'agent'] as const;

function recordingOf(row: RecordingRow): Recording {
  const segment = row.segment_id === null ? Number.NaN : Number(row.segment_id);
  return {
    id: row.id as RecordingId,
    contactId: row.contact_id as ContactId,
    segment: Number.isInteger(segment) ? segment : null,
    queueId: row.queue_id as QueueId | null,
    queue: row.queue_name,
    agentId: row.agent_id as AgentId | null,
    agent: row.agent_name,
    number: row.number ?? '',
    callerPhone: row.caller_phone ?? '',
    callerName: row.caller_name ?? '',
    status: row.status as Recording['status'],
    format: row.format as Recording['format'],
    channels: row.channels,
    channelParties: CHANNEL_PARTIES.slice(0, row.channels),
    sampleRateHz: row.sample_rate,
    durationSeconds: row.duration_seconds,
    sizeBytes: row.size_bytes,
    startedAt: row.started_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
  };
}

const SORT_KEYS: Readonly<Record<string, SortKey>> = {
  startedAt: { expression: sql.ref('r.started_at'), type: 'timestamptz' },
  durationSeconds: { expression: sql.ref('r.duration_seconds'), type: 'double precision' },
  sizeBytes: { expression: sql.ref('r.size_bytes'), type: 'bigint' },
};

export async function listRecordings(
  transaction: DatabaseTransaction,
  query: z.output<typeof RecordingQuery>,
  owner: RecordingOwner | undefined,
): Promise<{ items: Recording[]; nextCursor: string | null }> {
  let select = selectRecordings(transaction, owner);
  if (query.contactId !== undefined) select = select.where('r.contact_id', '=', query.contactId);
  if (query.queueId !== undefined) select = select.where('r.queue_id', 'in', query.queueId);
  if (query.agentId !== undefined) select = select.where('r.agent_id', 'in', query.agentId);
  if (query.status !== undefined) select = select.where('r.status', 'in', query.status);
  if (query.from !== undefined) select = select.where('r.started_at', '>=', new Date(query.from));
  if (query.to !== undefined) select = select.where('r.started_at', '<', new Date(query.to));
  if (query.search) {
    const text = `%${escapeLike(query.search)}%`;
    select = select.where((where) =>
      where.or([
        where('c.number', 'ilike', text),
        where('c.caller_phone', 'ilike', text),
        where('c.caller_name', 'ilike', text),
      ]),
    );
  }
  const primary = SORT_KEYS[query.sort.replace('-', '')] as SortKey;
  const page = await keysetPage(select, {
    sort: query.sort,
    keys: [primary, { expression: sql.ref('r.id'), type: 'uuid' }],
    limit: query.limit,
    cursor: query.cursor,
  });
  return { items: page.items.map(recordingOf), nextCursor: page.nextCursor };
}

/** A recording and where its file lies; `owner` hides those of others. */
export async function findRecording(
  transaction: DatabaseTransaction,
  id: string,
  owner: RecordingOwner | undefined,
): Promise<{ recording: Recording; path: string } | undefined> {
  const row = await selectRecordings(transaction, owner).where('r.id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : { recording: recordingOf(row), path: row.path };
}

/** The recordings of one contact, oldest first. */
export async function recordingsOfContact(
  transaction: DatabaseTransaction,
  contactId: ContactId,
): Promise<Recording[]> {
  const rows = await selectRecordings(transaction, undefined)
    .where('r.contact_id', '=', contactId)
    .orderBy('r.started_at')
    .execute();
  return rows.map(recordingOf);
}
