import type {
  AgentFact,
  AgentFactType,
  AgentId,
  ContactFact,
  ContactFactType,
  ContactId,
  QueueId,
  TenantId,
} from '@crosspoint/contracts';
import { type RawBuilder, sql } from 'kysely';
import { type Database, ofTenant } from '../../platform/index.ts';

/** Which facts are replayed; all up to now unless given. */
interface ReplayedFacts {
  /** At this instant and later, in epoch milliseconds. */
  since: number;
  /** Before this instant. */
  until?: number;
  /** An empty list leaves all of them out. */
  contactTypes?: readonly ContactFactType[];
  agentTypes?: readonly AgentFactType[];
  /** Of contacts: only what concerns this queue. The end of a conversation does not name its queue, but its beginning does. */
  queueId?: QueueId;
  /** Read at once: a process that works meanwhile takes fewer. */
  pageRows?: number;
}

type Window = ReplayedFacts & { pageRows: number };

/** Who is given facts; those of agents with the identifier under which they are stored. */
export interface FactsTaker {
  contactFact(fact: ContactFact): void;
  agentFact(fact: AgentFact, id: string): void;
}

/** Replays facts, oldest first: those of today, so that the live statistics continue where the last process stopped. */
export async function replayFacts(
  database: Database,
  tenantId: TenantId,
  { pageRows = 5_000, ...which }: ReplayedFacts,
  take: FactsTaker,
): Promise<void> {
  await replayContactFacts(database, tenantId, { ...which, pageRows }, take.contactFact);
  await replayAgentFacts(database, tenantId, { ...which, pageRows }, take.agentFact);
}

/** The facts of one contact, in their order. */
export async function storedFacts(
  database: Database,
  tenantId: TenantId,
  contactId: ContactId,
): Promise<ContactFact[]> {
  const rows = await database.inTenant(tenantId, (transaction) =>
    transaction
      .selectFrom('contact_events')
      .select(['contact_id', 'seq', 'at', 'type', 'data'])
      .where('contact_id', '=', contactId)
      .orderBy('seq')
      .execute(),
  );
  return rows.map(contactFactOf);
}

/** The last activity of each of these agents within that time: what an agent was doing at its end. */
export async function lastActivities(
  database: Database,
  tenantId: TenantId,
  { since = 0, before }: { since?: number; before: number },
  agentIds: readonly AgentId[],
): Promise<AgentFact[]> {
  const { rows } = await database.inTenant(tenantId, (transaction) =>
    sql<{ agent_id: string; at: Date; data: AgentFact['data'] }>`
      select a.id as agent_id, e.at, e.data
      from unnest(${[...agentIds]}::uuid[]) as a (id)
      cross join lateral (
        select at, data from agent_events
        where agent_id = a.id and at >= ${new Date(since)} and at < ${new Date(before)}
          and type = 'activity.changed'
        order by at desc, id desc limit 1
      ) e
    `.execute(transaction),
  );
  return rows.map(
    ({ agent_id, at, data }) =>
      ({ agentId: agent_id, at: at.getTime(), type: 'activity.changed', data }) as AgentFact,
  );
}

/** The latest stays in queues that ended before that, oldest first: from them it is known when callers give up. */
export async function latestStays(
  database: Database,
  tenantId: TenantId,
  { since, before, countMax }: { since: number; before: number; countMax: number },
): Promise<ContactFact[]> {
  const rows = await database.inTenant(tenantId, (transaction) =>
    transaction
      .selectFrom('contact_events')
      .select(['contact_id', 'seq', 'at', 'type', 'data'])
      .where(ofTenant('contact_events'))
      .where('at', '>=', new Date(since))
      .where('at', '<', new Date(before))
      .where('type', '=', 'queue.left')
      .orderBy('at', 'desc')
      .limit(countMax)
      .execute(),
  );
  return rows.toReversed().map(contactFactOf);
}

/**
 * What began before that instant and was not over then, oldest first: stays of who waited, and the beginnings of conversations, whose
 * ends do not name their queue.
 */
export async function carriedFacts(
  database: Database,
  tenantId: TenantId,
  { since, before }: { since: number; before: number },
): Promise<ContactFact[]> {
  const rows = await database.inTenant(tenantId, (transaction) =>
    transaction
      .selectFrom('contacts as c')
      .innerJoin('contact_events as e', 'e.contact_id', 'c.id')
      .select(['e.contact_id', 'e.seq', 'e.at', 'e.type', 'e.data'])
      .where(ofTenant('c'))
      .where('c.started_at', '>=', new Date(since))
      .where('c.started_at', '<', new Date(before))
      .where(({ eb, or }) => or([eb('c.closed_at', 'is', null), eb('c.closed_at', '>=', new Date(before))]))
      .where('e.at', '>=', new Date(since))
      .where('e.at', '<', new Date(before))
      .where('e.type', 'in', ['queue.entered', 'queue.left', 'segment.started'])
      .orderBy('e.at')
      .orderBy('e.contact_id')
      .orderBy('e.seq')
      .execute(),
  );
  const facts = rows.map(contactFactOf);
  const left = new Set(facts.flatMap(({ type, data }) => (type === 'queue.left' ? data.entryId : [])));
  return facts.filter(({ type, data }) =>
    type === 'queue.entered' ? !left.has(data.entryId) : type === 'segment.started',
  );
}

function contactFactOf({
  contact_id,
  seq,
  at,
  type,
  data,
}: {
  contact_id: string;
  seq: number;
  at: Date;
  type: string;
  data: unknown;
}): ContactFact {
  return { contactId: contact_id, seq, at: at.getTime(), type, data } as ContactFact;
}

async function replayContactFacts(
  database: Database,
  tenantId: TenantId,
  { since, until, contactTypes, queueId, pageRows }: Window,
  take: (fact: ContactFact) => void,
): Promise<void> {
  if (contactTypes?.length === 0) return;
  let last = { at: new Date(since), contactId: '00000000-0000-0000-0000-000000000000', seq: 0 };
  for (;;) {
    const { at, contactId, seq } = last;
    const rows = await database.inTenant(tenantId, (transaction) =>
      transaction
        .selectFrom('contact_events')
        .select(['contact_id', 'seq', 'at', 'type', 'data'])
        .where(ofTenant('contact_events'))
        .where(({ eb, refTuple, tuple }) =>
          eb(refTuple('at', 'contact_id', 'seq'), '>', tuple(at, contactId, seq)),
        )
        .$if(until !== undefined, (query) => query.where('at', '<', new Date(until ?? 0)))
        .$if(contactTypes !== undefined, (query) => query.where('type', 'in', contactTypes ?? []))
        .$if(queueId !== undefined, (query) => query.where(concerns(queueId ?? '')))
        .orderBy('at')
        .orderBy('contact_id')
        .orderBy('seq')
        .limit(pageRows)
        .execute(),
    );
    for (const row of rows) take(contactFactOf(row));
    const end = rows.at(-1);
    if (end === undefined || rows.length < pageRows) return;
    last = { at: end.at, contactId: end.contact_id, seq: end.seq };
  }
}

async function replayAgentFacts(
  database: Database,
  tenantId: TenantId,
  { since, until, agentTypes, pageRows }: Window,
  take: FactsTaker['agentFact'],
): Promise<void> {
  if (agentTypes?.length === 0) return;
  let last = { at: new Date(since), id: '00000000-0000-0000-0000-000000000000' };
  for (;;) {
    const { at, id } = last;
    const rows = await database.inTenant(tenantId, (transaction) =>
      transaction
        .selectFrom('agent_events')
        .select(['agent_id', 'at', 'id', 'type', 'data'])
        .where(ofTenant('agent_events'))
        .where(({ eb, refTuple, tuple }) => eb(refTuple('at', 'id'), '>', tuple(at, id)))
        .$if(until !== undefined, (query) => query.where('at', '<', new Date(until ?? 0)))
        .$if(agentTypes !== undefined, (query) => query.where('type', 'in', agentTypes ?? []))
        .orderBy('at')
        .orderBy('id')
        .limit(pageRows)
        .execute(),
    );
    for (const row of rows) {
      const { agent_id, type, data } = row;
      take({ agentId: agent_id as AgentId, at: row.at.getTime(), type, data } as AgentFact, row.id);
    }
    const end = rows.at(-1);
    if (end === undefined || rows.length < pageRows) return;
    last = { at: end.at, id: end.id };
  }
}

function concerns(queueId: string): RawBuilder<boolean> {
  return sql<boolean>`(
    data ->> 'queueId' = ${queueId}
    or type = 'segment.ended' and exists (
      select 1 from contact_events as begun
      where begun.contact_id = contact_events.contact_id and begun.seq < contact_events.seq
        and begun.type = 'segment.started' and begun.data ->> 'queueId' = ${queueId}
        and begun.data -> 'segment' = contact_events.data -> 'segment'
    )
  )`;
}
