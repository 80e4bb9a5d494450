import { type ApiKey, Permission, type TenantId, type UserId } from '@crosspoint/contracts';
import { sql } from 'kysely';
import { anyHolds, type Bounds, keysetPage, oneOf, type Principal } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { readScope } from '../teams/index.ts';
import { accountColumns, accountOf } from './repo.ts';

/** Who holds an API key now, and when it was last marked as used. */
export async function findApiKey(
  transaction: DatabaseTransaction,
  hash: Buffer,
  at: Date,
): Promise<{ principal: Principal; id: string; lastUsedAt: Date | null } | undefined> {
  const row = await transaction
    .selectFrom('api_keys as k')
    .innerJoin('users as u', 'u.id', 'k.user_id')
    .leftJoin('agents as a', 'a.user_id', 'u.id')
    .leftJoin('roles as r', 'r.id', 'u.custom_role_id')
    .select([...accountColumns, 'k.id as key_id', 'k.scopes', 'k.expires_at', 'k.last_used_at'])
    .where('k.hash', '=', hash)
    .where('k.revoked_at', 'is', null)
    .where((where) => where.or([where('k.expires_at', 'is', null), where('k.expires_at', '>', at)]))
    .where('u.disabled_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const account = accountOf(row);
  const principal: Principal = {
    kind: 'api-key',
    ...account,
    scopes: new Set(permissionsIn(row.scopes)),
    // A key reaches as far as its owner, whatever it may be used for.
    scope: await readScope(transaction, account),
    credentialId: row.key_id,
    expiresAt: row.expires_at,
  };
  return { principal, id: row.key_id, lastUsedAt: row.last_used_at };
}

/** A scope that a newer version knew and this one does not is no permission. */
function permissionsIn(scopes: readonly string[]): Permission[] {
  return scopes.flatMap((scope) => {
    const parsed = Permission.safeParse(scope);
    return parsed.success ? [parsed.data] : [];
  });
}

export async function touchApiKey(transaction: DatabaseTransaction, id: string, at: Date): Promise<void> {
  await transaction.updateTable('api_keys').set({ last_used_at: at }).where('id', '=', id).execute();
}

/** @param bounds only the keys of this user, or of people in scope. */
function selectApiKeys(transaction: DatabaseTransaction, { owner, scope }: Bounds) {
  const query = transaction
    .selectFrom('api_keys as k')
    .innerJoin('users as u', 'u.id', 'k.user_id')
    .select(['k.id', 'k.name', 'k.prefix', 'k.scopes', 'k.created_at', 'k.last_used_at', 'k.expires_at'])
    .select(['k.revoked_at', 'u.id as user_id', 'u.username', 'u.name as user_name']);
  if (owner !== undefined) return query.where('k.user_id', '=', owner);
  return scope === undefined ? query : query.where(oneOf('k.user_id', scope.agentIds));
}

type ApiKeyRow = Awaited<ReturnType<ReturnType<typeof selectApiKeys>['executeTakeFirstOrThrow']>>;

function apiKeyOf(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    scopes: permissionsIn(row.scopes),
    owner: { id: row.user_id as UserId, username: row.username, name: row.user_name },
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    expiresAt: row.expires_at?.toISOString() ?? null,
    revokedAt: row.revoked_at?.toISOString() ?? null,
  };
}

/** One page of keys, newest first. */
export async function listApiKeys(
  transaction: DatabaseTransaction,
  filter: {
    bounds: Bounds;
    revoked: boolean | undefined;
    search?: string | undefined;
    limit: number;
    cursor?: string | undefined;
  },
): Promise<{ items: ApiKey[]; nextCursor: string | null }> {
  let query = selectApiKeys(transaction, filter.bounds);
  if (filter.revoked !== undefined) {
    query = query.where('k.revoked_at', filter.revoked ? 'is not' : 'is', null);
  }
  if (filter.search) {
    query = query.where(anyHolds(filter.search, ['k.name', 'k.prefix', 'u.name', 'u.username']));
  }
  const page = await keysetPage(query, {
    sort: '-createdAt',
    keys: [
      { expression: sql.ref('k.created_at'), type: 'timestamptz' },
      { expression: sql.ref('k.id'), type: 'uuid' },
    ],
    limit: filter.limit,
    cursor: filter.cursor,
  });
  return { items: page.items.map(apiKeyOf), nextCursor: page.nextCursor };
}

export async function findApiKeyById(
  transaction: DatabaseTransaction,
  id: string,
  bounds: Bounds,
): Promise<ApiKey | undefined> {
  const row = await selectApiKeys(transaction, bounds).where('k.id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : apiKeyOf(row);
}

export async function insertApiKey(
  transaction: DatabaseTransaction,
  key: {
    id: string;
    tenantId: TenantId;
    userId: UserId;
    name: string;
    prefix: string;
    hash: Buffer;
    scopes: Permission[];
    createdAt: Date;
    expiresAt: Date | null;
  },
): Promise<void> {
  await transaction
    .insertInto('api_keys')
    .values({
      id: key.id,
      tenant_id: key.tenantId,
      user_id: key.userId,
      name: key.name,
      prefix: key.prefix,
      hash: key.hash,
      scopes: key.scopes,
      created_at: key.createdAt,
      expires_at: key.expiresAt,
    })
    .execute();
}

export async function revokeApiKey(transaction: DatabaseTransaction, id: string, at: Date): Promise<void> {
  await transaction.updateTable('api_keys').set({ revoked_at: at }).where('id', '=', id).execute();
}
