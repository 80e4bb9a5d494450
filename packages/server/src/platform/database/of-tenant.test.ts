import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { DEFAULT_TENANT_ID } from '../../migrations/index.ts';
import { newId } from '../ids.ts';
import { ofTenant } from './of-tenant.ts';

let server: TestDatabase;
beforeAll(async () => {
  server = await createTestDatabase();
});
afterAll(() => server.drop());

/** How the newest contacts are found where sorting all of them is what PostgreSQL does only when it must. */
function planOf(where = sql<boolean>`true`): Promise<string> {
  return server.database.inTenant(DEFAULT_TENANT_ID, async (transaction) => {
    await sql`set local enable_sort = off`.execute(transaction);
    const plan = await sql<Record<string, string>>`
      explain select c.id from contacts c where ${where} order by c.started_at desc, c.id desc limit 50
    `.execute(transaction);
    return plan.rows.flatMap((row) => Object.values(row)).join('\n');
  });
}

test('[OPS-03] [API-01] the newest of many contacts are found by index, as row-level security alone does not let them be', async () => {
  expect(await planOf()).toContain('Sort');
  const plan = await planOf(ofTenant('c'));
  expect(plan).toContain('contacts_started_at_idx');
  expect(plan).not.toContain('Sort');
});

test('[OPS-03] rows of another tenant stay out', async () => {
  const other = newId();
  await server.database.asSystem(async (transaction) => {
    await transaction.insertInto('tenants').values({ id: other, name: 'other' }).execute();
    for (const tenant_id of [DEFAULT_TENANT_ID, other])
      await transaction.insertInto('queues').values({ id: newId(), tenant_id, name: tenant_id }).execute();
  });
  const names = await server.database.inTenant(other, (transaction) =>
    transaction.selectFrom('queues as q').select('q.name').where(ofTenant('q')).execute(),
  );
  expect(names).toEqual([{ name: other }]);
});
