import type { ReasonCode } from '@crosspoint/contracts';
import { sql } from 'kysely';
import { anyHolds, nameTaken, onConstraint } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';

const columns = ['code', 'name', 'kind'] as const;

function reasonCodeOf(row: { code: string; name: unknown; kind: string }): ReasonCode {
  return { code: row.code, name: row.name as ReasonCode['name'], kind: row.kind as ReasonCode['kind'] };
}

/** Those of a kind, or whose code or name in some language holds the searched text; all of them unless asked for less. */
export async function listReasonCodes(
  transaction: DatabaseTransaction,
  { kind, search }: { kind?: ReasonCode['kind'] | undefined; search?: string | undefined } = {},
): Promise<ReasonCode[]> {
  let select = transaction.selectFrom('reason_codes').select(columns);
  if (kind !== undefined) select = select.where('kind', '=', kind);
  if (search) {
    const names = sql`(select string_agg(value, chr(10)) from jsonb_each_text(name))`;
    select = select.where(anyHolds(search, ['code', names]));
  }
  const rows = await select.orderBy('kind').orderBy('code').execute();
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
