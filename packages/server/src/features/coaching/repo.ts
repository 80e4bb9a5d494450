import type {
  AgentId,
  CoachingEntry,
  CoachingNote,
  CoachingNoteId,
  CoachingQuery,
  ContactId,
  Intervention,
  LegId,
  UserId,
} from '@crosspoint/contracts';
import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import { escapeLike, keysetPage, type SortKey } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';

/** What somebody may see of coaching. */
export interface Sight {
  /** Only notes about this agent that are shared. */
  readonly about?: UserId | undefined;
  /** Only what is about these people; undefined for everybody. */
  readonly agents?: readonly string[] | undefined;
}

interface Row {
  kind: 'note' | 'intervention';
  id: string;
  at: Date;
  agent_id: string | null;
  contact_id: string | null;
  author_id: string;
  text: string | null;
  shared: boolean | null;
  follow_up_on: string | null;
  done_at: Date | null;
  changed_at: Date | null;
  modes: Intervention['modes'] | null;
  took_over: boolean | null;
  present_ms: number | null;
}

const NOTES = sql`
  select 'note' as kind, id, created_at as at, agent_id, contact_id, author_id, text, shared,
    follow_up_on::text as follow_up_on, done_at, changed_at,
    null::text[] as modes, null::boolean as took_over, null::double precision as present_ms
  from coaching_notes
`;

/** One row for each leg of a supervisor. The agent is who had the customer just before it came. */
const INTERVENTIONS = sql`
  select 'intervention' as kind, s.id, s.at, a.agent_id, s.contact_id, s.author_id,
    null::text as text, null::boolean as shared, null::text as follow_up_on,
    null::timestamptz as done_at, null::timestamptz as changed_at,
    s.modes, s.took_over, s.present_ms
  from (
    select (data ->> 'legId')::uuid as id, contact_id, min(at) as at, min(data ->> 'userId')::uuid as author_id,
      array_agg(data ->> 'mode' order by seq) filter (where data ? 'mode') as modes,
      coalesce(bool_or(data ->> 'reason' = 'take-over'), false) as took_over,
      max((data ->> 'presentMs')::double precision) as present_ms
    from contact_events
    where type in ('supervision.started', 'supervision.changed', 'supervision.ended')
    group by 1, 2
  ) s
  left join lateral (
    select (each ->> 'agentId')::uuid as agent_id
    from contacts c cross join lateral jsonb_array_elements(c.segments) as each
    where c.id = s.contact_id and each ->> 'agentId' is not null
      and (each ->> 'startedAt')::double precision < extract(epoch from s.at) * 1000
    order by (each ->> 'startedAt')::double precision desc
    limit 1
  ) a on true
`;

function selectEntries(transaction: DatabaseTransaction, entries: RawBuilder<unknown>, sight: Sight) {
  let select = transaction
    .selectFrom(sql<Row>`(${entries})`.as('e'))
    .leftJoin('users as a', 'a.id', 'e.agent_id')
    .leftJoin('users as w', 'w.id', 'e.author_id')
    .leftJoin('contacts as c', 'c.id', 'e.contact_id')
    .selectAll('e')
    .select(['a.name as agent', 'w.name as author', 'c.caller_phone']);
  const { about, agents } = sight;
  if (about !== undefined) select = select.where('e.agent_id', '=', about).where('e.shared', '=', true);
  if (agents !== undefined) select = select.where(sql<boolean>`e.agent_id = any(${[...agents]}::uuid[])`);
  return select;
}
type EntryRow = Awaited<ReturnType<ReturnType<typeof selectEntries>['executeTakeFirstOrThrow']>>;

function noteOf(row: EntryRow): CoachingNote {
  return {
    kind: 'note',
    id: row.id as CoachingNoteId,
    at: row.at.toISOString(),
    agentId: row.agent_id as AgentId,
    agent: row.agent ?? '',
    contactId: row.contact_id as ContactId | null,
    callerPhone: row.caller_phone,
    authorId: row.author_id as UserId,
    author: row.author ?? '',
    text: row.text ?? '',
    shared: row.shared === true,
    followUpOn: row.follow_up_on,
    done: row.done_at !== null,
    doneAt: row.done_at?.toISOString() ?? null,
    changedAt: (row.changed_at ?? row.at).toISOString(),
  };
}

function interventionOf(row: EntryRow): Intervention {
  return {
    kind: 'intervention',
    id: row.id as LegId,
    at: row.at.toISOString(),
    agentId: row.agent_id as AgentId | null,
    agent: row.agent ?? '',
    contactId: row.contact_id as ContactId,
    callerPhone: row.caller_phone,
    authorId: row.author_id as UserId,
    author: row.author ?? '',
    modes: row.modes ?? [],
    tookOver: row.took_over === true,
    durationSeconds: row.present_ms === null ? null : Math.round(row.present_ms) / 1000,
  };
}

const AT: SortKey = { expression: sql.ref('e.at'), type: 'timestamptz' };
/** What nobody has to come back to stands at the end. */
const FOLLOW_UP: SortKey = { expression: sql`coalesce(e.follow_up_on, '9999')`, type: 'text' };

export async function listCoaching(
  transaction: DatabaseTransaction,
  query: z.output<typeof CoachingQuery>,
  sight: Sight,
): Promise<{ items: CoachingEntry[]; nextCursor: string | null }> {
  const { agentId, teamId, contactId, show, search, from, to, sort } = query;
  // Only notes are shared with agents, and have text and days.
  const onlyNotes = sight.about !== undefined || Boolean(search) || show === 'note' || show === 'follow-up';
  const all = onlyNotes ? NOTES : sql`${NOTES} union all ${INTERVENTIONS}`;
  const entries = show === 'intervention' ? INTERVENTIONS : all;
  let select = selectEntries(transaction, entries, sight);
  if (show === 'follow-up') {
    select = select.where('e.follow_up_on', 'is not', null).where('e.done_at', 'is', null);
  }
  if (agentId !== undefined) select = select.where('e.agent_id', 'in', agentId);
  if (contactId !== undefined) select = select.where('e.contact_id', '=', contactId);
  if (teamId !== undefined) {
    select = select.where('e.agent_id', 'in', (where) =>
      where.selectFrom('team_members').select('user_id').where('team_id', 'in', teamId),
    );
  }
  if (search) select = select.where('e.text', 'ilike', `%${escapeLike(search)}%`);
  if (from !== undefined) select = select.where('e.at', '>=', new Date(from));
  if (to !== undefined) select = select.where('e.at', '<', new Date(to));
  const page = await keysetPage(select, {
    sort,
    keys: [sort === 'followUpOn' ? FOLLOW_UP : AT, { expression: sql.ref('e.id'), type: 'uuid' }],
    limit: query.limit,
    cursor: query.cursor,
  });
  const items = page.items.map((row) => (row.kind === 'note' ? noteOf(row) : interventionOf(row)));
  return { items, nextCursor: page.nextCursor };
}

/** @param lock keeps others from changing it until the transaction ends. */
export async function findNote(
  transaction: DatabaseTransaction,
  id: string,
  sight: Sight,
  lock = false,
): Promise<CoachingNote | undefined> {
  if (lock) {
    await transaction.selectFrom('coaching_notes').select('id').where('id', '=', id).forUpdate().execute();
  }
  const row = await selectEntries(transaction, NOTES, sight).where('e.id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : noteOf(row);
}

export async function isAgent(transaction: DatabaseTransaction, id: string): Promise<boolean> {
  const row = await transaction
    .selectFrom('agents')
    .select('user_id')
    .where('user_id', '=', id)
    .executeTakeFirst();
  return row !== undefined;
}

export async function isContact(transaction: DatabaseTransaction, id: string): Promise<boolean> {
  const row = await transaction.selectFrom('contacts').select('id').where('id', '=', id).executeTakeFirst();
  return row !== undefined;
}

export async function insertNote(
  transaction: DatabaseTransaction,
  note: {
    id: string;
    tenantId: string;
    agentId: string;
    contactId: string | null;
    authorId: string;
    text: string;
    shared: boolean;
    followUpOn: string | null;
    at: Date;
  },
): Promise<void> {
  await transaction
    .insertInto('coaching_notes')
    .values({
      ...{ id: note.id, tenant_id: note.tenantId, agent_id: note.agentId, contact_id: note.contactId },
      ...{ author_id: note.authorId, text: note.text, shared: note.shared },
      ...{ follow_up_on: note.followUpOn, created_at: note.at, changed_at: note.at },
    })
    .execute();
}

export async function updateNote(
  transaction: DatabaseTransaction,
  id: string,
  note: { text: string; shared: boolean; followUpOn: string | null; doneAt: Date | null; at: Date },
): Promise<void> {
  await transaction
    .updateTable('coaching_notes')
    .set({
      ...{ text: note.text, shared: note.shared, follow_up_on: note.followUpOn },
      ...{ done_at: note.doneAt, changed_at: note.at },
    })
    .where('id', '=', id)
    .execute();
}

export async function deleteNote(transaction: DatabaseTransaction, id: string): Promise<void> {
  await transaction.deleteFrom('coaching_notes').where('id', '=', id).execute();
}
