import { sql } from 'kysely';
import { isolateTenants } from '../../migrations/index.ts';
import type { Database, DatabaseTransaction } from './database.ts';

const PARTITIONED_TABLES = ['contact_events', 'agent_events'] as const;
const LOCK_KEY = 0x6370_7074;

interface Month {
  /** First instant of the month in UTC, and of the next one, as ISO 8601 texts. */
  readonly from: string;
  readonly to: string;
  readonly suffix: string;
}

function monthAt(instant: Date, offset: number): Month {
  const start = new Date(Date.UTC(instant.getUTCFullYear(), instant.getUTCMonth() + offset, 1));
  const end = new Date(Date.UTC(instant.getUTCFullYear(), instant.getUTCMonth() + offset + 1, 1));
  const month = String(start.getUTCMonth() + 1).padStart(2, '0');
  return { from: start.toISOString(), to: end.toISOString(), suffix: `y${start.getUTCFullYear()}m${month}` };
}

/**
 * Makes the monthly partitions of the event tables from the current month to `monthsAhead` months later. Rows that
 * fell into the default partition meanwhile (the server did not run for months) move into their own.
 *
 * @returns the names of the partitions made.
 */
export async function ensurePartitions(database: Database, now: Date, monthsAhead = 2): Promise<string[]> {
  return database.asSystem(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${LOCK_KEY})`.execute(transaction);
    const made: string[] = [];
    for (const table of PARTITIONED_TABLES) {
      for (let offset = 0; offset <= monthsAhead; offset++) {
        const month = monthAt(now, offset);
        const name = `${table}_${month.suffix}`;
        if (await exists(transaction, name)) continue;
        await makePartition(transaction, table, name, month);
        made.push(name);
      }
    }
    return made;
  });
}

async function exists(transaction: DatabaseTransaction, name: string): Promise<boolean> {
  const found = await sql<{ found: boolean }>`select to_regclass(${name}) is not null as found`.execute(
    transaction,
  );
  return found.rows[0]?.found === true;
}

async function makePartition(
  transaction: DatabaseTransaction,
  table: string,
  name: string,
  month: Month,
): Promise<void> {
  const parent = sql.table(table);
  const fallback = sql.table(`${table}_default`);
  const partition = sql.table(name);
  await sql`create table ${partition} (like ${parent} including all)`.execute(transaction);
  await sql`
    with moved as (
      delete from ${fallback} where at >= ${month.from}::timestamptz and at < ${month.to}::timestamptz returning *
    )
    insert into ${partition} select * from moved
  `.execute(transaction);
  await sql`
    alter table ${parent} attach partition ${partition}
    for values from (${sql.lit(month.from)}) to (${sql.lit(month.to)})
  `.execute(transaction);
  await isolateTenants(transaction as never, name);
}
