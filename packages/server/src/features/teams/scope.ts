import type { HeldPermissions, TenantId, UserId } from '@crosspoint/contracts';
import { sql } from 'kysely';
import type { Principal, Scope } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';

/**
 * What the teams of a user answer for (ADR 11); undefined for who is in no team or reaches beyond teams. It works in a
 * transaction of the system too, which is how every request learns it, with who sends it.
 */
export async function readScope(
  transaction: DatabaseTransaction,
  { tenantId, userId, held }: { tenantId: TenantId; userId: UserId; held: HeldPermissions },
): Promise<Scope> {
  if (held['teams.beyond'] !== undefined) return undefined;
  const { rows } = await sql<{ teams: string[]; agents: string[]; queues: string[] }>`
    with recursive reach (id) as (
      select team_id from team_members where user_id = ${userId}
      union
      select t.id from teams t join reach on t.parent_id = reach.id
    )
    select
      array(select id from reach) as teams,
      array(select distinct user_id from team_members where team_id in (select id from reach)) as agents,
      array(
        select id from queues where tenant_id = ${tenantId} and exists (select from reach)
          and (settings ->> 'teamId' is null or settings ->> 'teamId' in (select id::text from reach))
      ) as queues
  `.execute(transaction);
  const [row] = rows;
  if (row === undefined || row.teams.length === 0) return undefined;
  return { teamIds: new Set(row.teams), agentIds: new Set(row.agents), queueIds: new Set(row.queues) };
}

/**
 * The people for whom a supervisor or analyst answers: the members of the own teams and of all teams within them. Undefined for
 * everybody of the tenant.
 */
export const agentsInScope = ({ scope }: Principal): readonly string[] | undefined =>
  scope === undefined ? undefined : [...scope.agentIds];

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
