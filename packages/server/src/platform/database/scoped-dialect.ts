import { AsyncLocalStorage } from 'node:async_hooks';
import {
  CompiledQuery,
  PostgresDialect,
  type PostgresDialectConfig,
  PostgresDriver,
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

/**
 * A transaction and its scope begin in one message. Nearly everything that is read is one statement, and each message is a
 * system call here, another one in PostgreSQL and a change of process for both: a fifth of what a short transaction costs.
 */
class ScopedDriver extends PostgresDriver {
  override async beginTransaction(connection: Connection, settings: TransactionSettings): Promise<void> {
    const scope = scopes.getStore();
    if (scope === undefined) return super.beginTransaction(connection, settings);
    try {
      await connection.executeQuery(CompiledQuery.raw(`begin; ${scope}`));
    } catch (error) {
      // The transaction may have begun, and nobody else knows. A connection that takes no rollback is dropped; why is in the first error.
      await this.rollbackTransaction(connection).catch(() => undefined);
      throw error;
    }
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
