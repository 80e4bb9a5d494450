import type { TrunkId, TrunkQuery } from '@crosspoint/contracts';
import { sql } from 'kysely';
import type { z } from 'zod';
import { anyHolds, keysetPage, nameTaken, onConstraint } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { readStoredTrunk, type StoredTrunkSettings } from './stored.ts';

export interface StoredTrunk {
  id: TrunkId;
  name: string;
  settings: StoredTrunkSettings;
}

const selectTrunks = (transaction: DatabaseTransaction) =>
  transaction.selectFrom('trunks').select(['id', 'name', 'settings']);

function trunkOf(row: { id: string; name: string; settings: unknown }): StoredTrunk {
  return { id: row.id as TrunkId, name: row.name, settings: readStoredTrunk(row.settings) };
}

/** Every trunk of the transaction's tenant, by name; there are at most some hundred. */
export async function allTrunks(transaction: DatabaseTransaction): Promise<StoredTrunk[]> {
  return (await selectTrunks(transaction).orderBy('name').execute()).map(trunkOf);
}

export async function listTrunks(
  transaction: DatabaseTransaction,
  query: z.output<typeof TrunkQuery>,
): Promise<{ items: StoredTrunk[]; nextCursor: string | null }> {
  let select = selectTrunks(transaction);
  if (query.search) select = select.where(anyHolds(query.search, ['name', sql`settings ->> 'host'`]));
  const page = await keysetPage(select, {
    sort: query.sort,
    keys: [{ expression: sql.ref('name'), type: 'text' }],
    limit: query.limit,
    cursor: query.cursor,
  });
  return { items: page.items.map(trunkOf), nextCursor: page.nextCursor };
}

/** @param lock keeps others from changing the trunk until the transaction ends. */
export async function findTrunk(
  transaction: DatabaseTransaction,
  id: string,
  lock = false,
): Promise<StoredTrunk | undefined> {
  const select = selectTrunks(transaction).where('id', '=', id);
  const row = await (lock ? select.forUpdate() : select).executeTakeFirst();
  return row === undefined ? undefined : trunkOf(row);
}

const violations = (name: string) =>
  onConstraint({ trunks_tenant_id_name_key: () => nameTaken('name', name, 'trunk') });

export async function insertTrunk(
  transaction: DatabaseTransaction,
  tenantId: string,
  { id, name, settings }: StoredTrunk,
): Promise<void> {
  await transaction
    .insertInto('trunks')
    .values({ id, tenant_id: tenantId, name, settings: JSON.stringify(settings) })
    .execute()
    .catch(violations(name));
}

export async function updateTrunk(
  transaction: DatabaseTransaction,
  { id, name, settings }: StoredTrunk,
): Promise<void> {
  await transaction
    .updateTable('trunks')
    .set({ name, settings: JSON.stringify(settings) })
    .where('id', '=', id)
    .execute()
    .catch(violations(name));
}

export async function deleteTrunk(transaction: DatabaseTransaction, id: string): Promise<void> {
  await transaction.deleteFrom('trunks').where('id', '=', id).execute();
}
