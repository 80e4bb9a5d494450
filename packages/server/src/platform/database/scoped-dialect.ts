import { AsyncLocalStorage } from 'node:async_hooks';
import {
  CompiledQuery,
  type DatabaseConnection,
  PostgresDialect,
  type PostgresDialectConfig,
  PostgresDriver,
  type QueryResult,
  type TransactionSettings,
} from 'kysely';
import pg from 'pg';

type Connection = Parameters<PostgresDriver['rollbackTransaction']>[0];

/** What is set at the beginning of the transactions that begin in here. */
const scopes = new AsyncLocalStorage<string>();

/** Whose rows a transaction sees. */
export type Scope = { tenantId: string } | 'system';

/**
 * Begins transactions in `begin`, each with that scope; what it calls within `leave` knows nothing of it any more, so that a
 * transaction of somebody else's that begins there has its own.
 */
export function inScope<T>(scope: Scope, begin: (leave: <R>(work: () => R) => R) => Promise<T>): Promise<T> {
  const setting = scope === 'system' ? ['crosspoint.system', 'on'] : ['crosspoint.tenant', scope.tenantId];
  const [name = '', value = ''] = setting.map((text) => pg.escapeLiteral(text));
  return scopes.run(`select set_config(${name}, ${value}, true)`, () => begin((work) => scopes.exit(work)));
}

/** What of the transaction on a connection nobody has waited for yet. */
interface Flight {
  /** Settles before the answer of whatever is asked within the transaction. */
  readonly began: Promise<unknown>;
  /** So far nothing was asked that could have changed anything. */
  isReadOnly: boolean;
}

/** A statement that begins so and names none of these changes nothing; one that only may is taken for one that does. */
const reads = /^\s*(?:select|with)\b/i;
const mayWrite =
  /\b(?:insert|update|delete|merge|call|do|share|nextval|setval|set_config|pg_notify|pg_advisory\w*|pg_try_advisory\w*)\b/i;

/** Whether that statement leaves the database as it is, and takes no lock that must be held until the end of the transaction. */
export function isRead(text: string): boolean {
  return reads.test(text) && !mayWrite.test(text);
}

/**
 * A transaction and its scope begin in one message, whose answer is not waited for before the first statement follows (the pool's
 * connections are pipelined), and the end of one that has only read is not waited for at all. Nearly everything that is read is one
 * statement: it takes one way there and back instead of three, each of which is a system call here, another one in PostgreSQL and a
 * change of process for both.
 */
class ScopedDriver extends PostgresDriver {
  readonly #flights = new WeakMap<DatabaseConnection, Flight>();
  readonly #watched = new WeakSet<DatabaseConnection>();

  override async acquireConnection(...options: Parameters<PostgresDriver['acquireConnection']>) {
    const connection = await super.acquireConnection(...options);
    // The driver has one of them per client, for as long as that lives.
    if (!this.#watched.has(connection)) this.#watch(connection);
    return connection;
  }

  #watch(connection: DatabaseConnection): void {
    const execute = connection.executeQuery.bind(connection);
    connection.executeQuery = <R>(...asked: Parameters<typeof execute>): Promise<QueryResult<R>> => {
      const flight = this.#flights.get(connection);
      if (flight === undefined) return execute<R>(...asked);
      if (!isRead(asked[0].sql)) flight.isReadOnly = false;
      // Where the beginning failed, its reason is the true one.
      return execute<R>(...asked).catch(async (error: unknown) => {
        await flight.began;
        throw error;
      });
    };
    this.#watched.add(connection);
  }

  override async beginTransaction(connection: Connection, settings: TransactionSettings): Promise<void> {
    const scope = scopes.getStore();
    if (scope === undefined) return super.beginTransaction(connection, settings);
    const began = connection.executeQuery(CompiledQuery.raw(`begin; ${scope}`));
    // Where it fails, so does what follows, or it sees no row and may write none; the reason is told at the end.
    began.catch(() => undefined);
    this.#flights.set(connection, { began, isReadOnly: true });
  }

  override async commitTransaction(connection: Connection): Promise<void> {
    const flight = this.#flights.get(connection);
    if (flight === undefined) return super.commitTransaction(connection);
    await flight.began;
    this.#flights.delete(connection);
    const committed = super.commitTransaction(connection);
    if (!flight.isReadOnly) return committed;
    // There is nothing to lose: a connection that breaks now is missed by whoever uses it next.
    committed.catch(() => undefined);
  }

  override async rollbackTransaction(connection: Connection): Promise<void> {
    this.#flights.delete(connection);
    // The driver drops a connection that takes no rollback; why it does not is in the error that led here, which is told.
    await super.rollbackTransaction(connection).catch(() => undefined);
  }
}

/** PostgreSQL, with transactions that know their scope. */
export class ScopedDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig;

  constructor(config: PostgresDialectConfig) {
    super(config);
    this.#config = config;
  }

  override createDriver(): PostgresDriver {
    return new ScopedDriver(this.#config);
  }
}
