import type { UserId } from '@crosspoint/contracts';
import { type RawBuilder, sql } from 'kysely';

/**
 * What the teams of somebody answer for: their people, and their queues beside those of no team. In the teams are the own ones
 * and all within them. The rule is in ADR 11; SQL and memory ask it in the same words here.
 */
export interface TeamScope {
  readonly teamIds: ReadonlySet<string>;
  readonly agentIds: ReadonlySet<string>;
  readonly queueIds: ReadonlySet<string>;
}

/** What narrows nothing is undefined. */
export type Scope = TeamScope | undefined;

/** Which rows somebody reaches with a permission: all of the tenant where both are undefined. */
export interface Bounds {
  /** Only the rows of this user. */
  readonly owner: UserId | undefined;
  /** Only what belongs to these teams. What is one's own is one's own in whatever team, so that both never narrow. */
  readonly scope: TeamScope | undefined;
}

/** One of these sets as a parameter of SQL. */
const ids = (set: ReadonlySet<string>) => sql`${[...set]}::uuid[]`;

/** Whether the column names one of these people, queues or teams. */
export function oneOf(column: string, set: ReadonlySet<string>): RawBuilder<boolean> {
  return sql<boolean>`${sql.ref(column)} = any(${ids(set)})`;
}

/**
 * Whether a row of `contacts` is in scope: an agent of the teams had a conversation in it, or it stood in one of their queues. A
 * call that came and went without ever meeting a queue or an agent is everybody's, else nobody would see it.
 *
 * @param table the name that the query gives `contacts`.
 */
export function contactWithin(table: string, { agentIds, queueIds }: TeamScope): RawBuilder<boolean> {
  const column = (name: string) => sql.ref(`${table}.${name}`);
  // Most rows are decided by the last agent and queue, before anything is unpacked.
  return sql<boolean>`(
    ${oneOf(`${table}.agent_id`, agentIds)} or ${oneOf(`${table}.queue_id`, queueIds)}
    or exists (
      select from jsonb_array_elements(${column('segments')}) as s (part)
      where (s.part ->> 'agentId')::uuid = any(${ids(agentIds)})
        or (s.part ->> 'queueId')::uuid = any(${ids(queueIds)})
    )
    or (
      ${column('agent_id')} is null and ${column('queue_id')} is null
      and ${column('direction')} = 'inbound' and ${column('closed_at')} is not null
    )
  )`;
}

/** Whether a column names a contact in scope. */
export function contactIdWithin(column: string, scope: Scope): RawBuilder<boolean> {
  if (scope === undefined) return sql<boolean>`true`;
  return sql<boolean>`exists (
    select from contacts as k where k.id = ${sql.ref(column)} and ${contactWithin('k', scope)}
  )`;
}

/** Whether a column names a queue within the bounds: one that the user serves, or one in scope. */
export function queueBounds(column: string, { owner, scope }: Bounds): RawBuilder<boolean> {
  if (owner !== undefined) {
    return sql<boolean>`${sql.ref(column)} in (select queue_id from queue_agents where agent_id = ${owner})`;
  }
  return scope === undefined ? sql<boolean>`true` : oneOf(column, scope.queueIds);
}

/** Whether a list of usernames within a document names nobody, or somebody in scope. */
export function namesWithin(list: RawBuilder<unknown>, { agentIds }: TeamScope): RawBuilder<boolean> {
  const names = sql`coalesce(${list}, '[]')`;
  return sql<boolean>`(
    jsonb_array_length(${names}) = 0 or exists (
      select from users as n where n.id = any(${ids(agentIds)}) and ${names} @> to_jsonb(n.username::text)
    )
  )`;
}

/** Whether something is in scope in which these people and queues had a part; ids of both are never the same. */
export function partsWithin(parts: Iterable<string>, scope: Scope): boolean {
  if (scope === undefined) return true;
  for (const part of parts) if (scope.agentIds.has(part) || scope.queueIds.has(part)) return true;
  return false;
}

/** Whether an agent is in scope. */
export const agentWithin = (id: string, scope: Scope): boolean => scope?.agentIds.has(id) !== false;

/** Whether a queue is in scope. */
export const queueWithin = (id: string, scope: Scope): boolean => scope?.queueIds.has(id) !== false;

/** Whether a team is in scope. */
export const teamWithin = (id: string, scope: Scope): boolean => scope?.teamIds.has(id) !== false;

/** Whether two people answer for the same. */
export function isSameScope(a: Scope, b: Scope): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (['teamIds', 'agentIds', 'queueIds'] as const).every(
    (kind) => a[kind].size === b[kind].size && [...a[kind]].every((id) => b[kind].has(id)),
  );
}
