import pg from 'pg';

/** How to reach a database: a URL, or the parts that the own PostgreSQL on its unix socket needs. */
export interface ConnectionOptions {
  readonly connectionString?: string;
  /** Host name, or the folder of a unix socket. */
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  /** The own PostgreSQL is on a unix socket: no TLS, whatever PGSSLMODE says. */
  readonly ssl?: false;
}

const OID_INT8 = 20;
const OID_DATE = 1082;
/** Two lost packets of a handshake are made up for within it. */
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_DELAY_MS = 10_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;

/** bigint as a number: counts and sizes of ours stay below 2^53, and a value beyond is a fault worth hearing of. */
function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`The database returned ${text}, beyond 2^53 - 1.`);
  return value;
}

/**
 * How values arrive: bigint as number, `timestamptz` as Date (written as Date too), `date` as its text, because a
 * calendar day is no instant.
 */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (oid === OID_INT8 && format !== 'binary') return parseInt8;
    if (oid === OID_DATE && format !== 'binary') return (text: string) => text;
    return pg.types.getTypeParser(oid, format);
  }) as typeof pg.types.getTypeParser,
};

/** The options of a pg client or pool with our type parsers and time-outs. */
export function clientConfig(options: ConnectionOptions): pg.ClientConfig {
  return {
    ...options,
    types,
    application_name: 'crosspoint',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
    // A connection at rest whose other end is gone is found out within 20 s.
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
  };
}
