import { type Expression, sql, type SqlBool } from 'kysely';
import { escapeLike, keysetPage, nameTaken, onConstraint } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';

/** Tables of things that have a name and settings in one document, and nothing else. */
export type NamedTable =
  | 'alert_rules'
  | 'alert_targets'
  | 'calendars'
  | 'conferences'
  | 'roles'
  | 'scorecards'
  | 'segments'
  | 'voicemail_boxes';

export interface NamedRow {
  id: string;
  name: string;
  settings: unknown;
}

export interface NamedQuery {
  search?: string | undefined;
  sort: 'name' | '-name';
  limit: number;
  cursor?: string | undefined;
}

/** Narrows what is found, by the columns of the table; undefined: everything. */
export type NamedFilter = Expression<SqlBool> | undefined;

const select = (transaction: DatabaseTransaction, table: NamedTable) =>
  transaction.selectFrom(table).select(['id', 'name', 'settings']);

/** Every one of the transaction's tenant, by name; there are at most some hundred. */
export function allNamed(transaction: DatabaseTransaction, table: NamedTable): Promise<NamedRow[]> {
  return select(transaction, table).orderBy('name').execute();
}

export function listNamed(
  transaction: DatabaseTransaction,
  table: NamedTable,
  query: NamedQuery,
  filter?: NamedFilter,
): Promise<{ items: NamedRow[]; nextCursor: string | null }> {
  let rows = select(transaction, table);
  if (filter !== undefined) rows = rows.where(filter);
  if (query.search) rows = rows.where('name', 'ilike', `%${escapeLike(query.search)}%`);
  return keysetPage(rows, {
    sort: query.sort,
    keys: [{ expression: sql.ref('name'), type: 'text' }],
    limit: query.limit,
    cursor: query.cursor,
  });
}

/** `lock` keeps others from changing it until the transaction ends. */
export function findNamed(
  transaction: DatabaseTransaction,
  table: NamedTable,
  id: string,
  { lock = false, filter }: { lock?: boolean; filter?: NamedFilter } = {},
): Promise<NamedRow | undefined> {
  let row = select(transaction, table).where('id', '=', id);
  if (filter !== undefined) row = row.where(filter);
  return (lock ? row.forUpdate() : row).executeTakeFirst();
}

const violations = (table: NamedTable, { name, settings }: NamedRow, label: string) =>
  onConstraint({
    [`${table}_tenant_id_name_key`]: () => nameTaken('name', name, label),
    [`${table}_number_key`]: () => nameTaken('number', String(Object(settings).number), label),
  });

/** @param label what it is called in a problem, such as `calendar`. */
export async function insertNamed(
  transaction: DatabaseTransaction,
  table: NamedTable,
  tenantId: string,
  row: NamedRow,
  label: string,
): Promise<void> {
  const { id, name, settings } = row;
  await transaction
    .insertInto(table)
    .values({ id, tenant_id: tenantId, name, settings: JSON.stringify(settings) })
    .execute()
    .catch(violations(table, row, label));
}

export async function updateNamed(
  transaction: DatabaseTransaction,
  table: NamedTable,
  row: NamedRow,
  label: string,
): Promise<void> {
  const { id, name, settings } = row;
  await transaction
    .updateTable(table)
    .set({ name, settings: JSON.stringify(settings) })
    .where('id', '=', id)
    .execute()
    .catch(violations(table, row, label));
}

export async function deleteNamed(
  transaction: DatabaseTransaction,
  table: NamedTable,
  id: string,
): Promise<void> {
  await transaction.deleteFrom(table).where('id', '=', id).execute();
}
