import {
  type AgentId,
  FixedRole,
  heldBy,
  type HeldPermissions,
  type Role,
  type RoleId,
  type Session,
  type TenantId,
  type UserId,
} from '@crosspoint/contracts';
import { sql } from 'kysely';
import type { Principal } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { permissionsOfRole } from '../roles/index.ts';
import { readScope } from '../teams/index.ts';

/** However often it is used, a session ends after this time. */
const SESSION_MAX = '30 days';

/** What a login needs to know of a user. */
export interface Account {
  userId: UserId;
  tenantId: TenantId;
  role: Role;
  customRole: { id: RoleId; name: string } | null;
  held: HeldPermissions;
  passwordHash: string | null;
  agentId: AgentId | null;
}

export const accountColumns = [
  'u.id',
  'u.tenant_id',
  'u.role',
  'r.id as role_id',
  'r.name as role_name',
  'r.settings as role_settings',
  'u.password_hash',
  'a.user_id as agent_id',
] as const;

interface AccountRow {
  id: string;
  tenant_id: string;
  role: string;
  role_id: string | null;
  role_name: string | null;
  role_settings: unknown;
  agent_id: string | null;
}

const HELD_BY_FIXED = new Map(FixedRole.options.map((role) => [role as string, heldBy(role)]));

/** An enabled user by tenant and username, which is compared without case. */
export async function findAccount(
  transaction: DatabaseTransaction,
  tenant: { id: string } | { name: string },
  username: string,
): Promise<Account | undefined> {
  let query = transaction
    .selectFrom('users as u')
    .innerJoin('tenants as t', 't.id', 'u.tenant_id')
    .leftJoin('agents as a', 'a.user_id', 'u.id')
    .leftJoin('roles as r', 'r.id', 'u.custom_role_id')
    .select(accountColumns)
    .where(sql`lower(u.username)`, '=', username.toLowerCase())
    .where('u.disabled_at', 'is', null);
  query = 'id' in tenant ? query.where('t.id', '=', tenant.id) : query.where('t.name', '=', tenant.name);
  const row = await query.executeTakeFirst();
  return row === undefined ? undefined : { ...accountOf(row), passwordHash: row.password_hash };
}

export function accountOf(row: AccountRow): Omit<Account, 'passwordHash'> {
  return {
    userId: row.id as UserId,
    tenantId: row.tenant_id as TenantId,
    role: row.role as Role,
    customRole: row.role_id === null ? null : { id: row.role_id as RoleId, name: row.role_name ?? '' },
    held: HELD_BY_FIXED.get(row.role) ?? permissionsOfRole(row.role_settings),
    agentId: row.agent_id as AgentId | null,
  };
}

/** The name by which people and the API know a session: part of its hash, from which nothing can be derived. */
export function sessionIdOf(tokenHash: Buffer): string {
  return tokenHash.toString('base64url').slice(0, 22);
}

export async function insertSession(
  transaction: DatabaseTransaction,
  session: {
    tokenHash: Buffer;
    account: Pick<Account, 'tenantId' | 'userId'>;
    at: Date;
    expiresAt: Date;
    ip: string;
    userAgent: string | null;
  },
): Promise<void> {
  await transaction
    .insertInto('sessions')
    .values({
      token_hash: session.tokenHash,
      tenant_id: session.account.tenantId,
      user_id: session.account.userId,
      created_at: session.at,
      last_seen_at: session.at,
      expires_at: session.expiresAt,
      ip: session.ip,
      user_agent: session.userAgent,
    })
    .execute();
}

/** Ends the user's oldest sessions beyond a number. */
export async function trimSessions(
  transaction: DatabaseTransaction,
  userId: UserId,
  keep: number,
): Promise<void> {
  const kept = transaction
    .selectFrom('sessions')
    .select('token_hash')
    .where('user_id', '=', userId)
    .orderBy('last_seen_at', 'desc')
    .limit(keep);
  await transaction
    .deleteFrom('sessions')
    .where('user_id', '=', userId)
    .where((where) => where.or([where('token_hash', 'not in', kept), where('expires_at', '<', new Date())]))
    .execute();
}

/** Who holds a session token now, and when the session was last marked as seen. */
export async function findSession(
  transaction: DatabaseTransaction,
  tokenHash: Buffer,
  at: Date,
): Promise<{ principal: Principal; lastSeenAt: Date } | undefined> {
  const row = await transaction
    .selectFrom('sessions as s')
    .innerJoin('users as u', 'u.id', 's.user_id')
    .leftJoin('agents as a', 'a.user_id', 'u.id')
    .leftJoin('roles as r', 'r.id', 'u.custom_role_id')
    .select([...accountColumns, 's.expires_at', 's.last_seen_at'])
    .where('s.token_hash', '=', tokenHash)
    .where('s.expires_at', '>', at)
    .where('u.disabled_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const account = accountOf(row);
  const principal: Principal = {
    kind: 'user',
    ...account,
    scopes: null,
    scope: await readScope(transaction, account),
    credentialId: sessionIdOf(tokenHash),
    expiresAt: row.expires_at,
  };
  return { principal, lastSeenAt: row.last_seen_at };
}

export async function touchSession(
  transaction: DatabaseTransaction,
  tokenHash: Buffer,
  at: Date,
  expiresAt: Date,
): Promise<void> {
  await transaction
    .updateTable('sessions')
    .set({
      last_seen_at: at,
      expires_at: sql`least(${expiresAt}::timestamptz, created_at + ${SESSION_MAX}::interval)`,
    })
    .where('token_hash', '=', tokenHash)
    .execute();
}

/** All sessions of a user, the last used first; there are only a few dozen. */
export async function listSessions(
  transaction: DatabaseTransaction,
  { userId, credentialId }: Pick<Principal, 'userId' | 'credentialId'>,
  at: Date,
): Promise<Session[]> {
  const rows = await transaction
    .selectFrom('sessions')
    .select(['token_hash', 'created_at', 'last_seen_at', 'expires_at', 'user_agent'])
    .select(sql<string | null>`host(ip)`.as('ip'))
    .where('user_id', '=', userId)
    .where('expires_at', '>', at)
    .orderBy('last_seen_at', 'desc')
    .execute();
  return rows.map((row) => ({
    id: sessionIdOf(row.token_hash),
    current: sessionIdOf(row.token_hash) === credentialId,
    createdAt: row.created_at.toISOString(),
    lastSeenAt: row.last_seen_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    ip: row.ip,
    userAgent: row.user_agent,
  }));
}

/** Ends the user's sessions that `which` chooses by id, and returns how many they were. */
export async function deleteSessions(
  transaction: DatabaseTransaction,
  userId: UserId,
  which: (id: string) => boolean,
): Promise<number> {
  const rows = await transaction
    .selectFrom('sessions')
    .select('token_hash')
    .where('user_id', '=', userId)
    .execute();
  const ended = rows.map((row) => row.token_hash).filter((hash) => which(sessionIdOf(hash)));
  if (ended.length === 0) return 0;
  await transaction.deleteFrom('sessions').where('token_hash', 'in', ended).execute();
  return ended.length;
}
