import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestApi, type TestApi } from '../../test/api.ts';
import { createEverything } from '../../test/everything.ts';
import { migrateDown, migrateTo, migrateUp, migrationStates } from '../platform/index.ts';
import { DEFAULT_TENANT_ID } from './index.ts';

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
  await createEverything(api, api.as.admin, DEFAULT_TENANT_ID);
});
afterAll(() => api.close());

/** How many rows each table has, but for what the migrator keeps for itself; the months of a table count with it. */
async function rowCounts(): Promise<Map<string, number>> {
  return api.database.asSystem(async (transaction) => {
    const tables = await sql<{ name: string }>`
      select relname as name from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
        and relname not like 'kysely%'
      order by relname
    `.execute(transaction);
    if (tables.rows.length === 0) return new Map();
    const counts = tables.rows.map(
      ({ name }) => sql`select ${name} as name, count(*)::int as count from ${sql.table(name)}`,
    );
    const { rows } = await sql<{
      name: string;
      count: number;
    }>`${sql.join(counts, sql` union all `)}`.execute(transaction);
    return new Map(rows.map(({ name, count }) => [name, count]));
  });
}

test('[OPS-01] each migration goes down and up again in a database that has one of everything, and takes no row of what was before it', async () => {
  const { database } = api;
  // Its services would write meanwhile, such as what is to be told of an alert.
  await api.app.close();
  const before = await rowCounts();
  expect([...before].filter(([, count]) => count > 0).length).toBeGreaterThan(20);
  const names = (await migrationStates(database)).map(({ name }) => name);
  for (const name of names.toReversed()) {
    expect(await migrateDown(database), name).toEqual([name]);
    const below = await rowCounts();
    expect(await migrateTo(database, name), name).toEqual([name]);
    const above = await rowCounts();
    for (const [table, count] of below) expect(above.get(table), `${table} after ${name}`).toBe(count);
    await migrateDown(database);
  }
  expect(await rowCounts()).toEqual(new Map());
  expect(await migrateUp(database)).toEqual(names);
  expect([...(await rowCounts()).keys()]).toEqual([...before.keys()]);
}, 300_000);
