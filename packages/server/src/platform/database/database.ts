import { Kysely, sql, type Transaction } from 'kysely';
import pg from 'pg';
import { PlatformError } from '../errors.ts';
import { inTime } from '../in-time.ts';
import { clientConfig, type ConnectionOptions } from './connection.ts';
import type { DB } from './generated/schema.ts';
import { clientKeeping, KeptPlans } from './kept-plans.ts';
import { inScope, type Scope, ScopedDialect } from './scoped-dialect.ts';
import { SilenceWatch } from './silence.ts';

export type DatabaseTransaction = Transaction<DB>;

/** What the pool tells about connections that break while nobody uses them. */
export interface DatabaseLog {
  warn(fields: object, message: string): void;
}

export interface DatabaseOptions {
  readonly connection: ConnectionOptions;
  readonly log: DatabaseLog;
  /** Most connections at once; further work waits, some seconds at most. */
  readonly connectionsMax?: number;
  /** Most that waits so; beyond it work is refused. */
  readonly waitingMax?: number;
}

interface ServerDescription {
  readonly version: number;
  readonly versionText: string;
  readonly role: string;
  readonly bypassesRowSecurity: boolean;
}

const SERVER_VERSION_MIN = 150_000;
const CONNECTIONS_MAX_DEFAULT = 10;
const WAITING_MAX_DEFAULT = 1_000;
const IDLE_CONNECTION_MS = 30_000;
/** Longer than work that is under way is given then. */
const CLOSE_TIMEOUT_MS = 6_000;

/**
 * The database as the features see it: work happens in a transaction that belongs to one tenant or, for the few tasks
 * above tenants, to the system. Row-level security enforces it; outside of both nothing is visible.
 */
export class Database {
  readonly connection: ConnectionOptions;
  readonly #kysely: Kysely<DB>;
  readonly #silence: SilenceWatch;
  readonly #underwayMax: number;
  #underway = 0;
  #isClosing = false;

  constructor(options: DatabaseOptions) {
    this.connection = options.connection;
    const connectionsMax = options.connectionsMax ?? CONNECTIONS_MAX_DEFAULT;
    this.#underwayMax = connectionsMax + (options.waitingMax ?? WAITING_MAX_DEFAULT);
    const pool = new pg.Pool({
      ...clientConfig(options.connection),
      max: connectionsMax,
      idleTimeoutMillis: IDLE_CONNECTION_MS,
      // A statement follows another without waiting for its answer; see ScopedDialect.
      pipeline: true,
      Client: clientKeeping(new KeptPlans()),
    });
    // A connection without a listener would end the process when it breaks, at rest or between the statements of a transaction. The
    // pool drops it; whoever has it learns of it by the next statement. (The error itself carries the whole connection along.)
    const broke = ({ message }: Error): void => {
      // A connection that is being closed may learn of PostgreSQL's own stop first.
      if (!this.#isClosing) options.log.warn({ reason: message }, 'a database connection broke');
    };
    const silence = new SilenceWatch({ connection: options.connection });
    this.#silence = silence;
    pool.on('connect', (client) => {
      client.on('error', broke);
      silence.opened(client);
    });
    // The pool passes on what happens at rest, and the client has told that already.
    pool.on('error', () => undefined);
    pool.on('acquire', (client) => silence.begin(client));
    pool.on('release', (_error, client) => silence.end(client));
    this.#kysely = new Kysely<DB>({ dialect: new ScopedDialect({ pool }) });
  }

  /** Runs `work` in a transaction that sees and writes only the rows of one tenant. */
  inTenant<T>(tenantId: string, work: (transaction: DatabaseTransaction) => Promise<T>): Promise<T> {
    return this.#transact({ tenantId }, work);
  }

  /** Runs `work` in a transaction that sees every tenant: logins, migrations, clean-up, start and stop. */
  asSystem<T>(work: (transaction: DatabaseTransaction) => Promise<T>): Promise<T> {
    return this.#transact('system', work);
  }

  /**
   * Makes sure that the server answers, is new enough and enforces row-level security for our role.
   *
   * @throws {PlatformError} `database-unreachable` or `database-version-mismatch`.
   */
  async check(log: DatabaseLog): Promise<void> {
    const found = await this.#describe();
    if (found.version < SERVER_VERSION_MIN) {
      throw new PlatformError(
        'database-version-mismatch',
        `The PostgreSQL server has version ${found.versionText}; Crosspoint needs 15 or newer.`,
        'Upgrade the server, or leave out DATABASE_URL: Crosspoint then runs its own.',
      );
    }
    if (!found.bypassesRowSecurity) return;
    log.warn(
      { role: found.role },
      'the database role is a superuser or bypasses row-level security, which then protects nothing: use another role',
    );
  }

  /** @throws {Error} `ETIMEDOUT` when too much waits already: the database is away or much too slow. */
  async #transact<T>(scope: Scope, work: (transaction: DatabaseTransaction) => Promise<T>): Promise<T> {
    if (this.#underway >= this.#underwayMax) {
      const message = `${this.#underway} transactions are under way or wait for a connection already.`;
      throw Object.assign(new Error(message), { code: 'ETIMEDOUT' });
    }
    this.#underway++;
    try {
      return await inScope(scope, (leave) =>
        this.#kysely.transaction().execute((transaction) => leave(() => work(transaction))),
      );
    } finally {
      this.#underway--;
    }
  }

  async #describe(): Promise<ServerDescription> {
    try {
      const answer = await sql<ServerDescription>`
        select
          current_setting('server_version_num')::integer as "version", current_setting('server_version') as "versionText",
          rolname as "role", rolsuper or rolbypassrls as "bypassesRowSecurity"
        from pg_roles where rolname = current_user
      `.execute(this.#kysely);
      const row = answer.rows[0];
      if (row === undefined) throw new Error('it does not know the role that we connected with');
      return row;
    } catch (error) {
      const { host = 'the server of DATABASE_URL' } = this.connection;
      throw new PlatformError(
        'database-unreachable',
        `PostgreSQL at ${host} does not let us in: ${error instanceof Error ? error.message : String(error)}.`,
        'Check that the server runs and that address, user, password and database of DATABASE_URL are right.',
        error,
      );
    }
  }

  /** For the migrator only, which manages its own transactions. */
  get unscoped(): Kysely<DB> {
    return this.#kysely;
  }

  /** The process is about to end: whoever waits for an answer that does not come gets an error within seconds. */
  hurry(): void {
    this.#silence.hurry();
  }

  /**
   * Waits for running transactions and closes every connection.
   *
   * @throws {Error} when that takes longer than 6 s: the database is not heard.
   */
  close(): Promise<void> {
    this.#isClosing = true;
    this.hurry();
    return inTime(this.#kysely.destroy(), CLOSE_TIMEOUT_MS, `not closed after ${CLOSE_TIMEOUT_MS} ms`);
  }
}
