import { type Kysely, sql } from 'kysely';

/**
 * Turns on row-level security for a table, also for its owner: a transaction sees and writes the rows of the tenant in
 * `crosspoint.tenant`, or all rows when `crosspoint.system` is `on`. With neither set it sees nothing. The settings are
 * read in scalar subqueries, so that PostgreSQL evaluates them once per statement and not once per row.
 *
 * @param tenantColumn the column that holds the tenant's id.
 */
export async function isolateTenants(
  db: Kysely<unknown>,
  table: string,
  tenantColumn = 'tenant_id',
): Promise<void> {
  const name = sql.table(table);
  await sql`alter table ${name} enable row level security`.execute(db);
  await sql`alter table ${name} force row level security`.execute(db);
  await sql`
    create policy tenant_isolation on ${name} using (
      (select current_setting('crosspoint.system', true)) = 'on'
      or ${sql.ref(tenantColumn)} = (select nullif(current_setting('crosspoint.tenant', true), '')::uuid)
    )
  `.execute(db);
}
