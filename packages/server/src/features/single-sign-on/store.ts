import { SingleSignOn, type SignOnSettings } from '@crosspoint/contracts';
import type { DatabaseTransaction } from '../../platform/index.ts';

/** The provider of a tenant, and the secret by which we prove who we are there, as it is stored. */
export interface StoredSignOn {
  settings: SignOnSettings;
  sealedSecret: string | null;
}

const Stored = SingleSignOn.omit({ hasSecret: true });

export async function readSignOn(transaction: DatabaseTransaction): Promise<StoredSignOn | undefined> {
  const row = await transaction
    .selectFrom('sign_on_settings')
    .select(['settings', 'sealed_secret'])
    .executeTakeFirst();
  return row && { settings: Stored.parse(row.settings), sealedSecret: row.sealed_secret };
}

export async function writeSignOn(
  transaction: DatabaseTransaction,
  tenantId: string,
  { settings, sealedSecret }: StoredSignOn,
): Promise<void> {
  const values = { settings: JSON.stringify(settings), sealed_secret: sealedSecret };
  await transaction
    .insertInto('sign_on_settings')
    .values({ tenant_id: tenantId, ...values })
    .onConflict((conflict) => conflict.column('tenant_id').doUpdateSet(values))
    .execute();
}

export async function deleteSignOn(transaction: DatabaseTransaction): Promise<boolean> {
  const { numDeletedRows } = await transaction.deleteFrom('sign_on_settings').executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Lets one sign-in of the tenant after the other find or make an account: two first ones of a person would make two. */
export async function oneAtATime(transaction: DatabaseTransaction): Promise<void> {
  await transaction.selectFrom('sign_on_settings').select('tenant_id').forUpdate().execute();
}
