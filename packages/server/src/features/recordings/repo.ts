import type {
  AgentId,
  ContactId,
  QueueId,
  Recording,
  RecordingId,
  RecordingQuery,
} from '@crosspoint/contracts';
import { sql } from 'kysely';
import type { z } from 'zod';
import { type Bounds, contactWithin, anyHolds, keysetPage, oneOf, type SortKey } from '../../http/index.ts';
import { type DatabaseTransaction, ofTenant } from '../../platform/index.ts';
import { messageRecordings } from '../voicemails/index.ts';

/** Which recordings are shown: those within the bounds, and messages that callers left. */
export interface RecordingSight {
  bounds: Bounds;
  /** Which messages; undefined for none. */
  messages: Bounds | undefined;
}

function selectRecordings(
  transaction: DatabaseTransaction,
  { bounds: { owner, scope }, messages }: RecordingSight,
) {
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
  if (owner === undefined && scope === undefined) return select;
  const within =
    scope === undefined
      ? sql<boolean>`r.agent_id = ${owner}`
      : sql<boolean>`(${oneOf('r.agent_id', scope.agentIds)} or ${contactWithin('c', scope)})`;
  // A message lies in its box: whether its contact is in scope decides nothing.
  const isMessage = sql<boolean>`exists (select from voicemails as m where m.recording_id = r.id)`;
  const conversation = scope === undefined ? within : sql<boolean>`(${within} and not ${isMessage})`;
  if (messages === undefined) return select.where(conversation);
  const heard = messageRecordings(transaction, messages);
  return select.where((where) => where.or([conversation, where('r.id', 'in', heard)]));
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
  sight: RecordingSight,
): Promise<{ items: Recording[]; nextCursor: string | null }> {
  let select = selectRecordings(transaction, sight).where(ofTenant('r'));
  if (query.contactId !== undefined) select = select.where('r.contact_id', '=', query.contactId);
  if (query.queueId !== undefined) select = select.where('r.queue_id', 'in', query.queueId);
  if (query.agentId !== undefined) select = select.where('r.agent_id', 'in', query.agentId);
  if (query.status !== undefined) select = select.where('r.status', 'in', query.status);
  if (query.from !== undefined) select = select.where('r.started_at', '>=', new Date(query.from));
  if (query.to !== undefined) select = select.where('r.started_at', '<', new Date(query.to));
  if (query.search)
    select = select.where(anyHolds(query.search, ['c.number', 'c.caller_phone', 'c.caller_name']));
  const primary = SORT_KEYS[query.sort.replace('-', '')] as SortKey;
  const page = await keysetPage(select, {
    sort: query.sort,
    keys: [primary, { expression: sql.ref('r.id'), type: 'uuid' }],
    limit: query.limit,
    cursor: query.cursor,
  });
  return { items: page.items.map(recordingOf), nextCursor: page.nextCursor };
}

/** A recording and where its file lies; `sight` hides those of others. */
export async function findRecording(
  transaction: DatabaseTransaction,
  id: string,
  sight: RecordingSight,
): Promise<{ recording: Recording; path: string } | undefined> {
  const row = await selectRecordings(transaction, sight).where('r.id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : { recording: recordingOf(row), path: row.path };
}

const unbounded: Bounds = { owner: undefined, scope: undefined };
const everything: RecordingSight = { bounds: unbounded, messages: unbounded };

/** The recordings of one contact, oldest first. */
export async function recordingsOfContact(
  transaction: DatabaseTransaction,
  contactId: ContactId,
): Promise<Recording[]> {
  const rows = await selectRecordings(transaction, everything)
    .where('r.contact_id', '=', contactId)
    .orderBy('r.started_at')
    .execute();
  return rows.map(recordingOf);
}
