import type { CentreSettings, TenantId } from '@crosspoint/contracts';
import type { DatabaseTransaction } from '../../platform/index.ts';

/** What holds for the whole centre of the transaction's tenant. */
export function readCentre(transaction: DatabaseTransaction, tenantId: TenantId): Promise<CentreSettings> {
  return transaction
    .selectFrom('tenants')
    .select('time_zone as timeZone')
    .where('id', '=', tenantId)
    .executeTakeFirstOrThrow();
}

export async function writeCentre(
  transaction: DatabaseTransaction,
  tenantId: TenantId,
  { timeZone }: CentreSettings,
): Promise<void> {
  await transaction.updateTable('tenants').set({ time_zone: timeZone }).where('id', '=', tenantId).execute();
}
