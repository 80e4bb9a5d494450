import { type RawBuilder, sql } from 'kysely';

/**
 * Only rows of the transaction's tenant, which row-level security sees to anyway: but its condition has a second way, for work on
 * all tenants, and so no index that begins with the tenant can be used for it. Long lists and facts are read with this.
 *
 * @param table its name or alias in the query
 */
export function ofTenant(table: string): RawBuilder<boolean> {
  return sql<boolean>`${sql.ref(`${table}.tenant_id`)} = (select nullif(current_setting('crosspoint.tenant', true), '')::uuid)`;
}
