import type { Team, TeamId, TeamInput, TeamPage, TeamQuery, UserId } from '@crosspoint/contracts';
import { sql } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import type { z } from 'zod';
import {
  escapeLike,
  keysetPage,
  nameTaken,
  onConstraint,
  oneOf,
  type Scope,
  unknownReference,
} from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';

type Input = z.output<typeof TeamInput>;

function selectTeams(transaction: DatabaseTransaction) {
  return transaction
    .selectFrom('teams as t')
    .leftJoin('teams as p', 'p.id', 't.parent_id')
    .select(['t.id', 't.name', 't.parent_id', 'p.name as parent_name'])
    .select((where) =>
      jsonArrayFrom(
        where
          .selectFrom('team_members as m')
          .innerJoin('users as u', 'u.id', 'm.user_id')
          .select(['u.id', 'u.username', 'u.name'])
          .whereRef('m.team_id', '=', 't.id')
          .orderBy('u.name')
          .orderBy('u.id'),
      ).as('members'),
    );
}
type TeamRow = Awaited<ReturnType<ReturnType<typeof selectTeams>['executeTakeFirstOrThrow']>>;

function teamOf(row: TeamRow): Team {
  return {
    id: row.id as TeamId,
    name: row.name,
    parentId: row.parent_id as TeamId | null,
    parent: row.parent_id === null ? null : { id: row.parent_id as TeamId, name: row.parent_name ?? '' },
    memberIds: row.members.map((member) => member.id as UserId),
    members: row.members.map((member) => ({ ...member, id: member.id as UserId })),
  };
}

export async function listTeams(
  transaction: DatabaseTransaction,
  query: z.output<typeof TeamQuery>,
  scope: Scope,
): Promise<z.output<typeof TeamPage>> {
  let select = selectTeams(transaction);
  if (scope !== undefined) select = select.where(oneOf('t.id', scope.teamIds));
  if (query.search) select = select.where('t.name', 'ilike', `%${escapeLike(query.search)}%`);
  const page = await keysetPage(select, {
    sort: query.sort,
    keys: [
      { expression: sql`lower(t.name)`, type: 'text' },
      { expression: sql.ref('t.id'), type: 'uuid' },
    ],
    limit: query.limit,
    cursor: query.cursor,
  });
  return { items: page.items.map(teamOf), nextCursor: page.nextCursor };
}

/** @param lock keeps others from changing the team until the transaction ends. */
export async function findTeam(
  transaction: DatabaseTransaction,
  id: string,
  lock = false,
): Promise<Team | undefined> {
  if (lock) await transaction.selectFrom('teams').select('id').where('id', '=', id).forUpdate().execute();
  const row = await selectTeams(transaction).where('t.id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : teamOf(row);
}

const violations = (input: Input) =>
  onConstraint({
    teams_tenant_id_name_key: () => nameTaken('name', input.name, 'team'),
    teams_tenant_id_parent_id_fkey: () => unknownReference('parentId', String(input.parentId), 'team'),
  });

export async function insertTeam(
  transaction: DatabaseTransaction,
  id: string,
  tenantId: string,
  input: Input,
): Promise<void> {
  await transaction
    .insertInto('teams')
    .values({ id, tenant_id: tenantId, name: input.name, parent_id: input.parentId })
    .execute()
    .catch(violations(input));
  await replaceMembers(transaction, id, tenantId, input.memberIds);
}

export async function updateTeam(
  transaction: DatabaseTransaction,
  id: string,
  tenantId: string,
  input: Input,
): Promise<void> {
  await transaction
    .updateTable('teams')
    .set({ name: input.name, parent_id: input.parentId })
    .where('id', '=', id)
    .execute()
    .catch(violations(input));
  await replaceMembers(transaction, id, tenantId, input.memberIds);
}

async function replaceMembers(
  transaction: DatabaseTransaction,
  teamId: string,
  tenantId: string,
  memberIds: readonly UserId[],
): Promise<void> {
  const wanted = [...new Set(memberIds)];
  await transaction.deleteFrom('team_members').where('team_id', '=', teamId).execute();
  if (wanted.length === 0) return;
  const known = await transaction.selectFrom('users').select('id').where('id', 'in', wanted).execute();
  const found = new Set(known.map((row) => row.id));
  const missing = wanted.find((id) => !found.has(id));
  if (missing !== undefined)
    throw unknownReference(`memberIds.${memberIds.indexOf(missing)}`, missing, 'user');
  await transaction
    .insertInto('team_members')
    .values(wanted.map((userId) => ({ team_id: teamId, tenant_id: tenantId, user_id: userId })))
    .execute();
}

/** Its queues belong to no team then. */
export async function deleteTeam(transaction: DatabaseTransaction, id: string): Promise<void> {
  await transaction
    .updateTable('queues')
    .set({ settings: sql`jsonb_set(settings, '{teamId}', 'null')`, version: sql`version + 1` })
    .where(sql<string>`settings ->> 'teamId'`, '=', id)
    .execute();
  await transaction.deleteFrom('teams').where('id', '=', id).execute();
}

/** Whether `ancestorId` lies above `teamId`, or is it: it must not become its child. */
export async function isWithin(
  transaction: DatabaseTransaction,
  teamId: string,
  ancestorId: string,
): Promise<boolean> {
  const result = await sql<{ within: boolean }>`
    with recursive line (id, parent_id) as (
      select id, parent_id from teams where id = ${teamId}
      union
      select t.id, t.parent_id from teams t join line on line.parent_id = t.id
    )
    select exists (select 1 from line where id = ${ancestorId}) as within
  `.execute(transaction);
  return result.rows[0]?.within === true;
}
