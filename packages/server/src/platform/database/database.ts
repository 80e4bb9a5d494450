import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import pg from 'pg';
import { clientConfig, type ConnectionOptions } from './connection.ts';
import type { DB } from './generated/schema.ts';

export type DatabaseTransaction = Transaction<DB>;

/** What the pool tells about connections that break while nobody uses them. */
export interface DatabaseLog {
  warn(fields: object, message: string): void;
}

export interface DatabaseOptions {
  readonly connection: ConnectionOptions;
  readonly log: DatabaseLog;
  /** Most connections at once; further work waits. */
  readonly connectionsMax?: number;
}

const CONNECTIONS_MAX_DEFAULT = 10;
const IDLE_CONNECTION_MS = 30_000;

/**
 * The database as the features see it: work happens in a transaction that belongs to one tenant or, for the few tasks
 * above tenants, to the system. Row-level security enforces it; outside of both nothing is visible.
 */
export class Database {
  readonly connection: ConnectionOptions;
  readonly #kysely: Kysely<DB>;

  constructor(options: DatabaseOptions) {
    this.connection = options.connection;
    const pool = new pg.Pool({
      ...clientConfig(options.connection),
      max: options.connectionsMax ?? CONNECTIONS_MAX_DEFAULT,
      idleTimeoutMillis: IDLE_CONNECTION_MS,
    });
    // Without a listener a broken idle connection would end the process; the pool has already dropped it.
    pool.on('error', (error) => options.log.warn({ err: error }, 'an idle database connection broke'));
    this.#kysely = new Kysely<DB>({ dialect: new PostgresDialect({ pool }) });
  }

  /** Runs `work` in a transaction that sees and writes only the rows of one tenant. */
  inTenant<T>(tenantId: string, work: (transaction: DatabaseTransaction) => Promise<T>): Promise<T> {
    return this.#kysely.transaction().execute(async (transaction) => {
      await sql`select set_config('crosspoint.tenant', ${tenantId}, true)`.execute(transaction);
      return work(transaction);
    });
  }

  /** Runs `work` in a transaction that sees every tenant: logins, migrations, clean-up, start and stop. */
  asSystem<T>(work: (transaction: DatabaseTransaction) => Promise<T>): Promise<T> {
    return this.#kysely.transaction().execute(async (transaction) => {
      await sql`select set_config('crosspoint.system', 'on', true)`.execute(transaction);
      return work(transaction);
    });
  }

  /** For the migrator only, which manages its own transactions. */
  get unscoped(): Kysely<DB> {
    return this.#kysely;
  }

  /** Waits for running transactions and closes every connection. */
  close(): Promise<void> {
    return this.#kysely.destroy();
  }
}
