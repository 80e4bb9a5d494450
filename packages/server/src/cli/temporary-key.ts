import type { Permission, TenantId, UserId } from '@crosspoint/contracts';
import { insertApiKey, newApiKey } from '../features/auth/index.ts';
import { type Database, DEFAULT_TENANT_ID, newId, PlatformError } from '../platform/index.ts';

/** An API key of an administrator for a program that we start ourselves. */
export interface TemporaryKey {
  readonly secret: string;
  /** Removes it from the list of keys, too. */
  remove(): Promise<void>;
}

export interface TemporaryKeyOptions {
  /** What the list of keys shows, such as `crosspoint apply`. */
  readonly name: string;
  readonly scopes: readonly Permission[];
  readonly lifetimeMs: number;
}

/** Issues a key in the name of the first administrator. Whoever may read the database could do so anyway. */
export async function issueTemporaryKey(
  database: Database,
  { name, scopes, lifetimeMs }: TemporaryKeyOptions,
): Promise<TemporaryKey> {
  const { secret, hash, shown } = newApiKey();
  const id = newId();
  const createdAt = new Date();
  await database.inTenant(DEFAULT_TENANT_ID, async (transaction) => {
    const owner = await transaction
      .selectFrom('users')
      .select('id')
      .where('role', '=', 'admin')
      .where('disabled_at', 'is', null)
      .orderBy('id')
      .limit(1)
      .executeTakeFirst();
    if (owner === undefined) {
      const remedy = 'Enable one in the console, or add one with "crosspoint user add NAME --role admin".';
      throw new PlatformError('user-invalid', 'There is no administrator who is not disabled.', remedy);
    }
    await insertApiKey(transaction, {
      id,
      tenantId: DEFAULT_TENANT_ID as TenantId,
      userId: owner.id as UserId,
      name,
      prefix: shown,
      hash,
      scopes: [...scopes],
      createdAt,
      expiresAt: new Date(createdAt.getTime() + lifetimeMs),
    });
  });
  return {
    secret,
    async remove() {
      await database.inTenant(DEFAULT_TENANT_ID, (transaction) =>
        transaction.deleteFrom('api_keys').where('id', '=', id).execute(),
      );
    },
  };
}
