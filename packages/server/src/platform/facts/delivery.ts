import type { ConnectionOptions } from '../database/index.ts';
import { inTime } from '../in-time.ts';
import type { PendingFacts } from './pending.ts';
import type { FactsSession } from './session.ts';
import { FactsError } from './types.ts';

export interface FactsLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export type OpenFactsSession = (connection: ConnectionOptions) => Promise<FactsSession>;

/** Each failure doubles the time that a batch is given: a slow database is not taken for one that is away for ever. */
const WRITE_TIMEOUT_MIN_MS = 5_000;
const WRITE_TIMEOUT_MAX_MS = 60_000;
const CLOSE_TIMEOUT_MS = 2_000;

/** Brings batches into the database: one session, opened again when it fails, and one batch at a time. */
export class FactsDelivery {
  readonly #connection: ConnectionOptions;
  readonly #openSession: OpenFactsSession;
  readonly #log: FactsLog;
  #session: FactsSession | undefined;
  #timeoutMs = WRITE_TIMEOUT_MIN_MS;
  /** When the batch was begun that is on its way; monotonic milliseconds. */
  #begunAt: number | undefined;

  constructor(connection: ConnectionOptions, openSession: OpenFactsSession, log: FactsLog) {
    this.#connection = connection;
    this.#openSession = openSession;
    this.#log = log;
  }

  /** How long the database has not answered to what it was given last. */
  get silentMs(): number {
    return this.#begunAt === undefined ? 0 : performance.now() - this.#begunAt;
  }

  /**
   * Settles each of the batch: committed, or rejected where the database refuses it for good.
   *
   * @throws {Error} why the database cannot be written to now; some of the batch may be settled already.
   */
  async deliver(batch: readonly PendingFacts[]): Promise<void> {
    try {
      await this.#write(batch);
      for (const pending of batch) settle(pending);
      this.#timeoutMs = WRITE_TIMEOUT_MIN_MS;
    } catch (error) {
      if (!isRefusal(error)) {
        this.#timeoutMs = Math.min(this.#timeoutMs * 2, WRITE_TIMEOUT_MAX_MS);
        await this.close();
        throw error;
      }
      // One of them is refused: written one by one, it shows which.
      if (batch.length > 1) for (const pending of batch) await this.deliver([pending]);
      else for (const pending of batch) this.#refuse(pending, error as Error);
    }
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined) return;
    try {
      await inTime(session.close(), CLOSE_TIMEOUT_MS, `not closed after ${CLOSE_TIMEOUT_MS} ms`);
    } catch (error) {
      this.#log.warn({ err: error }, 'the session of the facts writer did not close cleanly');
    }
  }

  async #write(batch: readonly PendingFacts[]): Promise<void> {
    this.#begunAt = performance.now();
    try {
      this.#session ??= await this.#openSession(this.#connection);
      const timeoutMs = this.#timeoutMs;
      await inTime(this.#session.write(batch), timeoutMs, `no answer within ${timeoutMs} ms`);
    } finally {
      this.#begunAt = undefined;
    }
  }

  #refuse(pending: PendingFacts, error: Error): void {
    this.#log.error({ err: error, tenantId: pending.facts.tenantId }, 'the database refused facts for good');
    const message = `The database refused facts: ${error.message}`;
    settle(pending, new FactsError('facts-rejected', message, error));
  }
}

/** Tells whoever waits for them, once: they are durable, or there is an error. */
export function settle(pending: PendingFacts, error?: Error): void {
  if (pending.isSettled) return;
  pending.isSettled = true;
  if (error === undefined) pending.resolve();
  else pending.reject(error);
}

/**
 * SQLSTATE classes (PostgreSQL documentation, appendix A) that blame the rows: data exception, integrity constraint
 * violation, check option violation. All others, such as a missing table, may pass, so that giving up would lose facts.
 */
const REFUSAL_CLASSES: ReadonlySet<string> = new Set(['22', '23', '44']);

function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false;
  return /^[0-9A-Z]{5}$/.test(error.code) && REFUSAL_CLASSES.has(error.code.slice(0, 2));
}
