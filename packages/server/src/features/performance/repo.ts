import type { AgentId } from '@crosspoint/contracts';
import { sql } from 'kysely';
import type { DatabaseTransaction } from '../../platform/index.ts';

export interface MeasuredAgent {
  id: AgentId;
  name: string;
  teams: string[];
}

/** Agents by name. */
export async function measuredAgents(
  transaction: DatabaseTransaction,
  { only, teamIds }: { only: readonly string[] | undefined; teamIds: readonly string[] | undefined },
): Promise<MeasuredAgent[]> {
  let select = transaction
    .selectFrom('agents as a')
    .innerJoin('users as u', 'u.id', 'a.user_id')
    .leftJoin('team_members as m', 'm.user_id', 'a.user_id')
    .leftJoin('teams as t', 't.id', 'm.team_id')
    .select(['u.id', 'u.name'])
    .select(
      sql<string[]>`coalesce(array_agg(t.name order by t.name) filter (where t.id is not null), '{}')`.as(
        'teams',
      ),
    )
    .groupBy(['u.id', 'u.name']);
  if (only !== undefined) select = select.where(sql<boolean>`a.user_id = any(${[...only]}::uuid[])`);
  if (teamIds !== undefined) {
    select = select.where('a.user_id', 'in', (where) =>
      where.selectFrom('team_members').select('user_id').where('team_id', 'in', teamIds),
    );
  }
  const rows = await select.orderBy(sql`lower(u.name)`).orderBy('u.id').execute();
  return rows.map(({ id, name, teams }) => ({ id: id as AgentId, name, teams }));
}

export interface Scores {
  evaluations: number;
  /** Of their scores. */
  sum: number;
}

/** Evaluations that were finished in a period, by agent. */
export async function scoresOf(
  transaction: DatabaseTransaction,
  { from, to }: { from: number; to: number },
): Promise<Map<AgentId, Scores>> {
  const rows = await transaction
    .selectFrom('evaluations')
    .select(['agent_id', sql<number>`count(*)::int`.as('evaluations'), sql<number>`sum(score)`.as('sum')])
    .where('finished_at', '>=', new Date(from))
    .where('finished_at', '<', new Date(to))
    .where('score', 'is not', null)
    .groupBy('agent_id')
    .execute();
  return new Map(rows.map(({ agent_id, evaluations, sum }) => [agent_id as AgentId, { evaluations, sum }]));
}
