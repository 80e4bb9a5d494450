import { sql } from 'kysely';
import type { Principal } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';

/**
 * The people for whom a supervisor or analyst answers: the members of the own teams and of all teams within them. Undefined for
 * everybody of the tenant: administrators, and those who are in no team.
 */
export async function agentsInScope(
  transaction: DatabaseTransaction,
  { role, userId }: Principal,
): Promise<readonly string[] | undefined> {
  if (role === 'admin') return undefined;
  const { rows } = await sql<{ user_id: string }>`
    with recursive reach (id) as (
      select team_id from team_members where user_id = ${userId}
      union
      select t.id from teams t join reach on t.parent_id = reach.id
    )
    select distinct m.user_id from team_members m join reach on reach.id = m.team_id
  `.execute(transaction);
  return rows.length === 0 ? undefined : rows.map((row) => row.user_id);
}

export interface TeamMembers {
  id: string;
  name: string;
  /** Of the team and of all teams within it. */
  memberIds: string[];
}

/** Every team with its people, by name. */
export async function membersByTeam(transaction: DatabaseTransaction): Promise<TeamMembers[]> {
  const { rows } = await sql<TeamMembers>`
    with recursive reach (root, id) as (
      select id, id from teams
      union
      select reach.root, t.id from teams t join reach on t.parent_id = reach.id
    )
    select t.id, t.name, coalesce(array_agg(distinct m.user_id) filter (where m.user_id is not null), '{}') as "memberIds"
    from teams t join reach on reach.root = t.id left join team_members m on m.team_id = reach.id
    group by t.id, t.name order by lower(t.name), t.id
  `.execute(transaction);
  return rows;
}

/** These teams and all teams within them. */
export async function teamsWithin(
  transaction: DatabaseTransaction,
  teamIds: readonly string[],
): Promise<readonly string[]> {
  if (teamIds.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    with recursive reach (id) as (
      select id from teams where id = any(${teamIds}::uuid[])
      union
      select t.id from teams t join reach on t.parent_id = reach.id
    )
    select id from reach
  `.execute(transaction);
  return rows.map(({ id }) => id);
}
