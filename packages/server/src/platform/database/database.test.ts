import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { DEFAULT_TENANT_ID } from '../../migrations/index.ts';
import { newId } from '../ids.ts';
import { migrateDown, migrateUp, migrationStates } from './index.ts';
import { ensurePartitions } from './partitions.ts';

let test: TestDatabase;
const otherTenantId = newId();

beforeAll(async () => {
  test = await createTestDatabase();
  await test.database.asSystem((transaction) =>
    transaction.insertInto('tenants').values({ id: otherTenantId, name: 'other' }).execute(),
  );
});
afterAll(() => test.drop());

function queue(tenantId: string, name: string) {
  return { id: newId(), tenant_id: tenantId, name };
}

describe('a connection that breaks', () => {
  it('[OPS-03] between the statements of a transaction fails the next one, and nothing else', async () => {
    const { database } = test;
    const uncaught: unknown[] = [];
    const listen = (error: unknown): void => void uncaught.push(error);
    process.on('uncaughtException', listen);
    try {
      const broken = database.asSystem(async (transaction) => {
        const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(transaction);
        await database.asSystem((other) => sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(other));
        await expect
          .poll(() =>
            sql`select 1`.execute(transaction).then(
              () => 'answered',
              () => 'broken',
            ),
          )
          .toBe('broken');
        return sql`select 1`.execute(transaction);
      });
      await expect(broken).rejects.toThrow();
      expect(await database.asSystem((t) => t.selectFrom('tenants').select('id').execute())).not.toEqual([]);
      expect(uncaught).toEqual([]);
    } finally {
      process.off('uncaughtException', listen);
    }
  });

  it('[OPS-03] under a statement is told by the error of that statement, not by that of its rollback', async () => {
    const broken = test.database.asSystem((transaction) =>
      sql`select pg_terminate_backend(pg_backend_pid())`.execute(transaction),
    );
    await expect(broken).rejects.toMatchObject({ code: '57P01' });
  });
});

describe('tenant isolation', () => {
  it('[TEAM-03] shows and writes the rows of one tenant only', async () => {
    const { database } = test;
    await database.inTenant(DEFAULT_TENANT_ID, (t) =>
      t.insertInto('queues').values(queue(DEFAULT_TENANT_ID, 'support')).execute(),
    );
    await database.inTenant(otherTenantId, (t) =>
      t.insertInto('queues').values(queue(otherTenantId, 'support')).execute(),
    );
    const seen = await database.inTenant(otherTenantId, (t) =>
      t.selectFrom('queues').select('tenant_id').execute(),
    );
    expect(seen).toEqual([{ tenant_id: otherTenantId }]);
    const all = await database.asSystem((t) => t.selectFrom('queues').select('tenant_id').execute());
    expect(all).toHaveLength(2);
  });

  it('[TEAM-03] refuses to write a row of another tenant', async () => {
    const foreign = test.database.inTenant(DEFAULT_TENANT_ID, (t) =>
      t.insertInto('queues').values(queue(otherTenantId, 'smuggled')).execute(),
    );
    await expect(foreign).rejects.toThrow(/row-level security/);
  });

  it('[TEAM-03] shows nothing without a tenant, also not to the owner of the tables', async () => {
    const rows = await test.database.unscoped.selectFrom('tenants').selectAll().execute();
    expect(rows).toEqual([]);
  });

  it('[TEAM-03] forgets the tenant at the end of the transaction', async () => {
    await test.database.inTenant(DEFAULT_TENANT_ID, (t) => t.selectFrom('queues').selectAll().execute());
    const rows = await test.database.unscoped.selectFrom('queues').selectAll().execute();
    expect(rows).toEqual([]);
  });

  it('[TEAM-03] refuses a foreign key into another tenant', async () => {
    const userId = newId();
    await test.database.inTenant(otherTenantId, (t) =>
      t
        .insertInto('users')
        .values({ id: userId, tenant_id: otherTenantId, username: 'eve', name: 'Eve', role: 'agent' })
        .execute(),
    );
    const crossing = test.database.inTenant(DEFAULT_TENANT_ID, (t) =>
      t.insertInto('agents').values({ user_id: userId, tenant_id: DEFAULT_TENANT_ID }).execute(),
    );
    await expect(crossing).rejects.toThrow(/foreign key/);
  });

  it('[TEAM-03] protects every table that has a tenant, partitions included', async () => {
    const unprotected = await sql<{ name: string }>`
      select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
      where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
        and not (c.relrowsecurity and c.relforcerowsecurity)
    `.execute(test.database.unscoped);
    expect(unprotected.rows).toEqual([]);
  });
});

describe('values', () => {
  it('[OPS-01] returns bigint as number, instants as Date, and refuses what a number cannot hold', async () => {
    const { unscoped } = test.database;
    const row = await sql<{ big: number; at: Date; day: string }>`
      select 9007199254740991::bigint as big, '2026-03-29T01:30:00Z'::timestamptz as at, '2026-03-29'::date as day
    `.execute(unscoped);
    expect(row.rows).toEqual([
      { big: Number.MAX_SAFE_INTEGER, at: new Date('2026-03-29T01:30:00Z'), day: '2026-03-29' },
    ]);
    await expect(sql`select 9007199254740992::bigint`.execute(unscoped)).rejects.toThrow(/2\^53/);
  });

  it('[TEAM-03] takes user names for equal whatever their case', async () => {
    const user = (username: string) => ({
      id: newId(),
      tenant_id: DEFAULT_TENANT_ID,
      username,
      name: username,
      role: 'agent',
    });
    await test.database.inTenant(DEFAULT_TENANT_ID, (t) =>
      t.insertInto('users').values(user('Alice')).execute(),
    );
    const again = test.database.inTenant(DEFAULT_TENANT_ID, (t) =>
      t.insertInto('users').values(user('aLICE')).execute(),
    );
    await expect(again).rejects.toThrow(/users_username_key/);
  });
});

describe('partitions', () => {
  it('[ANA-02] moves rows out of the default partition when the month gets its own', async () => {
    const { database } = test;
    const agentId = newId();
    const at = new Date('2031-05-31T23:59:59.999Z');
    await database.inTenant(DEFAULT_TENANT_ID, (t) =>
      t
        .insertInto('agent_events')
        .values({ tenant_id: DEFAULT_TENANT_ID, agent_id: agentId, at, id: newId(), type: 'x', data: '{}' })
        .execute(),
    );
    const made = await ensurePartitions(database, new Date('2031-05-02T00:00:00Z'), 0);
    expect(made).toEqual(['contact_events_y2031m05', 'agent_events_y2031m05']);
    const place = await database.asSystem((t) =>
      sql<{
        table: string;
      }>`select tableoid::regclass::text as table from agent_events where agent_id = ${agentId}`
        .execute(t)
        .then(({ rows }) => rows),
    );
    expect(place).toEqual([{ table: 'agent_events_y2031m05' }]);
    expect(await ensurePartitions(database, new Date('2031-05-20T00:00:00Z'), 0)).toEqual([]);
  });
});

describe('migrations', () => {
  it('[OPS-01] go down to nothing and up again, also when two servers start at once', async () => {
    const fresh = await createTestDatabase();
    try {
      const names = (await migrationStates(fresh.database)).map(({ name }) => name);
      expect(await migrateDown(fresh.database, 'all')).toEqual([...names].reverse());
      const left =
        await sql`select from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
        and relname not like 'kysely%'`.execute(fresh.database.unscoped);
      expect(left.rows).toHaveLength(0);
      const both = await Promise.all([migrateUp(fresh.database), migrateUp(fresh.database)]);
      expect(both.flat().sort()).toEqual(names);
      const applied = await migrationStates(fresh.database);
      expect(applied.every(({ appliedAt }) => appliedAt instanceof Date)).toBe(true);
    } finally {
      await fresh.drop();
    }
  });
});
