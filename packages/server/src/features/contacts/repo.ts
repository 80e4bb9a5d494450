import type {
  ContactFact,
  ContactFactBody,
  ContactId,
  ContactQuery,
  Disposition,
  PageQuery,
  RecordingId,
} from '@crosspoint/contracts';
import type { HistorySegment } from '@crosspoint/core';
import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import { type Bounds, contactWithin, escapeLike, keysetPage, type SortKey } from '../../http/index.ts';
import { type DatabaseTransaction, ofTenant } from '../../platform/index.ts';

function selectContacts(transaction: DatabaseTransaction) {
  return transaction
    .selectFrom('contacts as c')
    .leftJoin('users as u', 'u.id', 'c.agent_id')
    .select([
      'c.id',
      'c.direction',
      'c.number',
      'c.caller_phone',
      'c.caller_name',
      'c.queue_id',
      'c.agent_id',
    ])
    .select(['c.state', 'c.outcome', 'c.reason', 'c.started_at', 'c.queued_at', 'c.answered_at'])
    .select(['c.ended_at', 'c.closed_at', 'c.segments', 'u.name as agent_name'])
    .select((where) =>
      where
        .exists(
          where
            .selectFrom('recordings as r')
            .select('r.id')
            .whereRef('r.contact_id', '=', 'c.id')
            .where('r.deleted_at', 'is', null),
        )
        .as('has_recording'),
    )
    .select((where) =>
      where
        .selectFrom('contact_events as e')
        .select('e.data')
        .whereRef('e.contact_id', '=', 'c.id')
        .whereRef('e.at', '>=', 'c.started_at')
        .where('e.type', '=', 'disposition.set')
        .orderBy('e.seq', 'desc')
        .limit(1)
        .as('disposition'),
    );
}
export type ContactRow = Awaited<ReturnType<ReturnType<typeof selectContacts>['executeTakeFirstOrThrow']>>;

/** The segments of a row, in the form in which the history derives them. */
export function segmentsOf(row: ContactRow): HistorySegment[] {
  const segments = row.segments as unknown as (HistorySegment & OfOneRecording)[];
  return segments.map(({ recordingId = null, ...segment }) => ({
    ...segment,
    recordingIds: segment.recordingIds ?? (recordingId === null ? [] : [recordingId]),
  }));
}

/** Rows of former releases name the last recording of a segment alone. */
type OfOneRecording = { recordingIds?: HistorySegment['recordingIds']; recordingId?: RecordingId | null };

/** Contacts in which one of these people had a part; the last agent is found by index, earlier ones in the segments. */
function involves(agentIds: readonly string[]): RawBuilder<boolean> {
  const parts = agentIds.map((id) => sql<boolean>`c.segments @> ${JSON.stringify([{ agentId: id }])}::jsonb`);
  return sql<boolean>`(c.agent_id = any(${[...agentIds]}::uuid[]) or ${sql.join(parts, sql` or `)})`;
}

const WAIT = sql`coalesce(extract(epoch from coalesce(c.answered_at, c.ended_at) - c.queued_at), 0)::double precision`;
const DURATION = sql`coalesce(extract(epoch from c.ended_at - c.started_at), 0)::double precision`;
const SORT_KEYS: Readonly<Record<string, SortKey>> = {
  startedAt: { expression: sql.ref('c.started_at'), type: 'timestamptz' },
  waitSeconds: { expression: WAIT, type: 'double precision' },
  durationSeconds: { expression: DURATION, type: 'double precision' },
};

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function bounded({ owner, scope }: Bounds): RawBuilder<boolean> {
  if (owner !== undefined) return involves([owner]);
  return scope === undefined ? sql<boolean>`true` : contactWithin('c', scope);
}

export async function listContacts(
  transaction: DatabaseTransaction,
  query: z.output<typeof ContactQuery>,
  bounds: Bounds,
): Promise<{ items: ContactRow[]; nextCursor: string | null }> {
  let select = selectContacts(transaction).where(ofTenant('c')).where(bounded(bounds));
  if (query.agentId !== undefined) select = select.where(involves(query.agentId));
  if (query.queueId !== undefined) select = select.where('c.queue_id', 'in', query.queueId);
  if (query.outcome !== undefined) select = select.where('c.outcome', 'in', query.outcome);
  if (query.direction !== undefined) select = select.where('c.direction', '=', query.direction);
  if (query.live !== undefined) select = select.where('c.closed_at', query.live ? 'is' : 'is not', null);
  if (query.from !== undefined) select = select.where('c.started_at', '>=', new Date(query.from));
  if (query.to !== undefined) select = select.where('c.started_at', '<', new Date(query.to));
  if (query.number) select = select.where('c.number', 'ilike', `%${escapeLike(query.number)}%`);
  if (query.callerPhone)
    select = select.where('c.caller_phone', 'ilike', `%${escapeLike(query.callerPhone)}%`);
  if (query.hasRecording !== undefined) {
    const exists = sql<boolean>`exists (select 1 from recordings r where r.contact_id = c.id and r.deleted_at is null)`;
    select = select.where(query.hasRecording ? exists : sql<boolean>`not ${exists}`);
  }
  if (query.disposition !== undefined) {
    const codes = query.disposition;
    select = select.where(sql<boolean>`(
      select e.data ->> 'code' from contact_events e
      where e.contact_id = c.id and e.at >= c.started_at and e.type = 'disposition.set'
      order by e.seq desc limit 1
    ) = any(${[...codes]}::text[])`);
    // The index knows which contacts have a disposition at all; of those the latest one is looked at.
    select = select.where(sql<boolean>`c.id in (
      select contact_id from contact_events
      where type = 'disposition.set' and data ->> 'code' = any(${[...codes]}::text[])
    )`);
  }
  if (query.search) select = select.where(matches(query.search));
  const primary = SORT_KEYS[query.sort.replace('-', '')] as SortKey;
  return keysetPage(select, {
    sort: query.sort,
    keys: [primary, { expression: sql.ref('c.id'), type: 'uuid' }],
    limit: query.limit,
    cursor: query.cursor,
  });
}

function matches(search: string): RawBuilder<boolean> {
  if (UUID.test(search)) return sql<boolean>`c.id = ${search}::uuid`;
  const text = `%${escapeLike(search)}%`;
  const compact = `%${escapeLike(search.replace(/[\s().-]/g, ''))}%`;
  return sql<boolean>`(
    c.number ilike ${compact} or c.caller_phone ilike ${compact} or c.caller_name ilike ${text} or c.number ilike ${text}
    or c.id in (select contact_id from contact_events where type = 'note.added' and data ->> 'text' ilike ${text})
  )`;
}

/** What this customer and the centre had with each other before a contact, newest first. */
export async function listEarlier(
  transaction: DatabaseTransaction,
  contact: ContactRow,
  { limit, cursor }: PageQuery,
): Promise<{ items: ContactRow[]; nextCursor: string | null }> {
  const customer = contact.direction === 'inbound' ? contact.caller_phone : contact.number;
  if (customer === '') return { items: [], nextCursor: null };
  const select = selectContacts(transaction)
    .where(ofTenant('c'))
    .where('c.id', '!=', contact.id)
    .where('c.started_at', '<=', contact.started_at)
    .where((where) =>
      where.or([
        where.and([where('c.direction', '=', 'inbound'), where('c.caller_phone', '=', customer)]),
        where.and([where('c.direction', '=', 'outbound'), where('c.number', '=', customer)]),
      ]),
    );
  return keysetPage(select, {
    sort: '-startedAt',
    keys: [SORT_KEYS['startedAt'] as SortKey, { expression: sql.ref('c.id'), type: 'uuid' }],
    limit,
    cursor,
  });
}

/** @param bounds hides a contact that is not within them. */
export function findContact(
  transaction: DatabaseTransaction,
  id: ContactId,
  bounds: Bounds,
): Promise<ContactRow | undefined> {
  return selectContacts(transaction).where('c.id', '=', id).where(bounded(bounds)).executeTakeFirst();
}

/** Every stored fact of a contact, oldest first. */
export async function listFacts(transaction: DatabaseTransaction, id: ContactId): Promise<ContactFact[]> {
  const rows = await transaction
    .selectFrom('contact_events')
    .select(['seq', 'at', 'type', 'data'])
    .where('contact_id', '=', id)
    .orderBy('seq')
    .execute();
  return rows.map(
    (row) =>
      ({
        contactId: id,
        seq: row.seq,
        at: row.at.getTime(),
        type: row.type,
        data: row.data,
      }) as unknown as ContactFact,
  );
}

/** Names of users and queues by their ids, of queues also when they were deleted; unknown ids are left out. */
export async function namesOf(
  transaction: DatabaseTransaction,
  ids: { agents: ReadonlySet<string>; queues: ReadonlySet<string> },
): Promise<Map<string, string>> {
  const people = await transaction
    .selectFrom('users')
    .select(['id', 'name'])
    .where(sql<boolean>`id = any(${[...ids.agents]}::uuid[])`)
    .execute();
  const queues = await transaction
    .selectFrom('queues')
    .select(['id', 'name'])
    .where(sql<boolean>`id = any(${[...ids.queues]}::uuid[])`)
    .execute();
  const known = new Set(queues.map(({ id }) => id));
  const gone = await formerNames(
    transaction,
    [...ids.queues].filter((id) => !known.has(id)),
  );
  return new Map([...people, ...queues, ...gone].map((row) => [row.id, row.name]));
}

/** What deleted queues were called at last: the audit log has kept it. */
async function formerNames(
  transaction: DatabaseTransaction,
  ids: readonly string[],
): Promise<{ id: string; name: string }[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<{ id: string; name: string }>`
    select distinct on (a.subject_id) a.subject_id as id, a.before ->> 'name' as name from audit_log a
    where ${ofTenant('a')} and a.subject_type = 'queue' and a.subject_id = any(${[...ids]}::text[])
      and a.action = 'queue.deleted' and a.before ->> 'name' is not null
    order by a.subject_id, a.at desc
  `.execute(transaction);
  return rows;
}

/** What agents of the contact's last queue can choose from. */
export async function dispositionsOf(
  transaction: DatabaseTransaction,
  queueId: string | null,
): Promise<Disposition[]> {
  if (queueId === null) return [];
  const row = await transaction
    .selectFrom('queues')
    .select(sql<Disposition[] | null>`settings -> 'dispositions'`.as('dispositions'))
    .where('id', '=', queueId)
    .executeTakeFirst();
  return row?.dispositions ?? [];
}

/** Appends a fact to a contact that is over and whose facts are all stored. */
export async function appendFact(
  transaction: DatabaseTransaction,
  tenantId: string,
  contactId: ContactId,
  fact: ContactFactBody,
  at: number,
): Promise<void> {
  const { seq } = await transaction
    .updateTable('contacts')
    .set({ last_seq: sql`last_seq + 1` })
    .where('id', '=', contactId)
    .returning('last_seq as seq')
    .executeTakeFirstOrThrow();
  await transaction
    .insertInto('contact_events')
    .values({
      tenant_id: tenantId,
      contact_id: contactId,
      seq,
      at: new Date(at),
      type: fact.type,
      data: JSON.stringify(fact.data),
    })
    .execute();
}
