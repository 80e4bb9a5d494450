import type { ReasonCode } from '@crosspoint/contracts';
import { nameTaken, onConstraint } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';

const columns = ['code', 'name', 'kind'] as const;

function reasonCodeOf(row: { code: string; name: unknown; kind: string }): ReasonCode {
  return { code: row.code, name: row.name as ReasonCode['name'], kind: row.kind as ReasonCode['kind'] };
}

export async function listReasonCodes(transaction: DatabaseTransaction): Promise<ReasonCode[]> {
  const rows = await transaction
    .selectFrom('reason_codes')
    .select(columns)
    .orderBy('kind')
    .orderBy('code')
    .execute();
  return rows.map(reasonCodeOf);
}

/** @param lock keeps others from changing it until the transaction ends. */
export async function findReasonCode(
  transaction: DatabaseTransaction,
  code: string,
  lock = false,
): Promise<ReasonCode | undefined> {
  const query = transaction.selectFrom('reason_codes').select(columns).where('code', '=', code);
  const row = await (lock ? query.forUpdate() : query).executeTakeFirst();
  return row === undefined ? undefined : reasonCodeOf(row);
}

export async function insertReasonCode(
  transaction: DatabaseTransaction,
  tenantId: string,
  code: ReasonCode,
): Promise<void> {
  await transaction
    .insertInto('reason_codes')
    .values({ tenant_id: tenantId, code: code.code, name: JSON.stringify(code.name), kind: code.kind })
    .execute()
    .catch(onConstraint({ reason_codes_pkey: () => nameTaken('code', code.code, 'reason code') }));
}

export async function updateReasonCode(transaction: DatabaseTransaction, code: ReasonCode): Promise<void> {
  await transaction
    .updateTable('reason_codes')
    .set({ name: JSON.stringify(code.name), kind: code.kind })
    .where('code', '=', code.code)
    .execute();
}

export async function deleteReasonCode(transaction: DatabaseTransaction, code: string): Promise<void> {
  await transaction.deleteFrom('reason_codes').where('code', '=', code).execute();
}
