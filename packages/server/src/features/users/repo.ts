import type {
  Language,
  Role,
  RoleId,
  TeamId,
  User,
  UserId,
  UserQuery,
  UserPage,
} from '@crosspoint/contracts';
import { sql } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import type { z } from 'zod';
import {
  anyHolds,
  keysetPage,
  nameTaken,
  onConstraint,
  oneOf,
  type Scope,
  type SortKey,
} from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';

function selectUsers(transaction: DatabaseTransaction) {
  return transaction
    .selectFrom('users as u')
    .leftJoin('agents as a', 'a.user_id', 'u.id')
    .leftJoin('roles as r', 'r.id', 'u.custom_role_id')
    .select(['u.id', 'u.username', 'u.name', 'u.role', 'u.language', 'u.time_zone', 'u.created_at'])
    .select(['u.disabled_at', 'a.user_id as agent_id', 'r.id as role_id', 'r.name as role_name'])
    .select(sql<boolean>`u.password_hash is not null`.as('has_password'))
    .select((where) => [
      where
        .exists(
          where
            .selectFrom('second_factors as f')
            .select('f.user_id')
            .whereRef('f.user_id', '=', 'u.id')
            .where('f.confirmed_at', 'is not', null),
        )
        .as('second_factor'),
      where
        .selectFrom('sessions as s')
        .select((max) => max.fn.max('s.last_seen_at').as('at'))
        .whereRef('s.user_id', '=', 'u.id')
        .as('last_seen_at'),
      jsonArrayFrom(
        where
          .selectFrom('team_members as m')
          .innerJoin('teams as t', 't.id', 'm.team_id')
          .select(['t.id', 't.name'])
          .whereRef('m.user_id', '=', 'u.id')
          .orderBy('t.name'),
      ).as('teams'),
    ]);
}
type UserRow = Awaited<ReturnType<ReturnType<typeof selectUsers>['executeTakeFirstOrThrow']>>;

function userOf(row: UserRow): User {
  return {
    id: row.id as UserId,
    username: row.username,
    name: row.name,
    role: row.role as Role,
    customRoleId: row.role_id as RoleId | null,
    customRole: row.role_id === null ? null : { id: row.role_id as RoleId, name: row.role_name ?? '' },
    language: row.language as Language,
    timeZone: row.time_zone,
    isAgent: row.agent_id !== null,
    hasPassword: row.has_password,
    secondFactor: row.second_factor === true,
    disabled: row.disabled_at !== null,
    createdAt: row.created_at.toISOString(),
    lastSeenAt: row.last_seen_at?.toISOString() ?? null,
    teams: row.teams.map((team) => ({ id: team.id as TeamId, name: team.name })),
  };
}

const SORT_KEYS: Readonly<Record<string, SortKey>> = {
  name: { expression: sql`lower(u.name)`, type: 'text' },
  username: { expression: sql`lower(u.username)`, type: 'text' },
  createdAt: { expression: sql.ref('u.created_at'), type: 'timestamptz' },
};

export async function listUsers(
  transaction: DatabaseTransaction,
  query: z.output<typeof UserQuery>,
  scope: Scope,
): Promise<z.output<typeof UserPage>> {
  let select = selectUsers(transaction);
  if (scope !== undefined) select = select.where(oneOf('u.id', scope.agentIds));
  if (query.role !== undefined) select = select.where('u.role', 'in', query.role);
  if (query.customRoleId !== undefined) select = select.where('u.custom_role_id', '=', query.customRoleId);
  if (query.disabled !== undefined) {
    select = select.where('u.disabled_at', query.disabled ? 'is not' : 'is', null);
  }
  if (query.search) select = select.where(anyHolds(query.search, ['u.name', 'u.username']));
  const primary = SORT_KEYS[query.sort.replace('-', '')] as SortKey;
  const page = await keysetPage(select, {
    sort: query.sort,
    keys: [primary, { expression: sql.ref('u.id'), type: 'uuid' }],
    limit: query.limit,
    cursor: query.cursor,
  });
  return { items: page.items.map(userOf), nextCursor: page.nextCursor };
}

/** @param lock keeps others from changing the user until the transaction ends. */
export async function findUser(
  transaction: DatabaseTransaction,
  id: string,
  lock = false,
): Promise<User | undefined> {
  if (lock) await transaction.selectFrom('users').select('id').where('id', '=', id).forUpdate().execute();
  const row = await selectUsers(transaction).where('u.id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : userOf(row);
}

/** The stored fields of a user. */
export interface UserFields {
  username: string;
  name: string;
  role: Role;
  customRoleId: RoleId | null;
  language: string;
  timeZone: string;
  disabled: boolean;
  /** Undefined: stays as it is. */
  passwordHash?: string | undefined;
}

const taken = (username: string) =>
  onConstraint({ users_username_key: () => nameTaken('username', username, 'user') });

export async function insertUser(
  transaction: DatabaseTransaction,
  id: string,
  tenantId: string,
  fields: UserFields,
): Promise<void> {
  await transaction
    .insertInto('users')
    .values({
      id,
      tenant_id: tenantId,
      username: fields.username,
      name: fields.name,
      role: fields.role,
      custom_role_id: fields.customRoleId,
      language: fields.language,
      time_zone: fields.timeZone,
      password_hash: fields.passwordHash ?? null,
      disabled_at: fields.disabled ? new Date() : null,
    })
    .execute()
    .catch(taken(fields.username));
}

export async function updateUser(
  transaction: DatabaseTransaction,
  before: User,
  fields: UserFields,
): Promise<void> {
  await transaction
    .updateTable('users')
    .set({
      username: fields.username,
      name: fields.name,
      role: fields.role,
      custom_role_id: fields.customRoleId,
      language: fields.language,
      time_zone: fields.timeZone,
      ...(fields.passwordHash === undefined ? {} : { password_hash: fields.passwordHash }),
      ...(fields.disabled === before.disabled ? {} : { disabled_at: fields.disabled ? new Date() : null }),
    })
    .where('id', '=', before.id)
    .execute()
    .catch(taken(fields.username));
}

export async function deleteUser(transaction: DatabaseTransaction, id: string): Promise<void> {
  await transaction.deleteFrom('users').where('id', '=', id).execute();
}

/** Ends every session of a user, and every key when the user may no longer act at all. */
export async function endAccess(
  transaction: DatabaseTransaction,
  userId: string,
  keysToo: boolean,
): Promise<void> {
  await transaction.deleteFrom('sessions').where('user_id', '=', userId).execute();
  if (!keysToo) return;
  await transaction
    .updateTable('api_keys')
    .set({ revoked_at: new Date() })
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .execute();
}

/** Locks the tenant's administrators, so that two requests cannot remove the last two at once. */
export async function otherAdministrators(transaction: DatabaseTransaction, userId: string): Promise<number> {
  const rows = await transaction
    .selectFrom('users')
    .select('id')
    .where('role', '=', 'admin')
    .where('disabled_at', 'is', null)
    .orderBy('id')
    .forUpdate()
    .execute();
  return rows.filter((row) => row.id !== userId).length;
}
