import type { ConnectionOptions } from '../database/index.ts';
import { countRows, type PendingFacts, pendingFacts } from './pending.ts';
import { type FactsSession, openFactsSession } from './session.ts';
import { type Facts, FactsError, type FactsHealth } from './types.ts';

export interface FactsLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface FactsWriterOptions {
  readonly connection: ConnectionOptions;
  readonly log: FactsLog;
  /** How long the first of a batch waits for company, in milliseconds. */
  readonly gatherMs?: number;
  /** Most rows that wait for their commit; `append` refuses beyond. */
  readonly backlogRowsMax?: number;
  /** Most rows of one batch. */
  readonly batchRowsMax?: number;
  /** First and longest wait before a failed batch is tried again, in milliseconds; it doubles in between. */
  readonly retryMinMs?: number;
  readonly retryMaxMs?: number;
  /** Replaces the session with the database, for tests of the writer itself. */
  readonly openSession?: (connection: ConnectionOptions) => Promise<FactsSession>;
}

const GATHER_MS = 40;
const BACKLOG_ROWS_MAX = 200_000;
const BATCH_ROWS_MAX = 2_000;
const RETRY_MIN_MS = 50;
const RETRY_MAX_MS = 5_000;
const CLOSE_TIMEOUT_MS = 5_000;

/**
 * The one writer of facts: group commit. What arrives while a batch is being written, or within a few milliseconds,
 * shares the next one, in the order of arrival.
 *
 * Policy when the database is away: everything accepted is kept in memory and tried again, with growing pauses, until
 * it is committed; nothing accepted is ever dropped. At half of the backlog limit the health turns `full` and the
 * server should refuse new contacts, so that the calls that are running can still be written to their end; at the
 * limit `append` refuses. Rows that the database refuses for good (a bug) are rejected alone and hold up nobody.
 */
export class FactsWriter {
  readonly #options: Required<Omit<FactsWriterOptions, 'log' | 'connection'>>;
  readonly #connection: ConnectionOptions;
  readonly #log: FactsLog;
  #queue: PendingFacts[] = [];
  #backlogRows = 0;
  #firstQueuedAt = 0;
  #session: FactsSession | undefined;
  #running: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  #failingSince: number | undefined;
  #lastError: string | undefined;
  #closing = false;
  #abandoned = false;

  constructor(options: FactsWriterOptions) {
    this.#connection = options.connection;
    this.#log = options.log;
    this.#options = {
      gatherMs: options.gatherMs ?? GATHER_MS,
      backlogRowsMax: options.backlogRowsMax ?? BACKLOG_ROWS_MAX,
      batchRowsMax: options.batchRowsMax ?? BATCH_ROWS_MAX,
      retryMinMs: options.retryMinMs ?? RETRY_MIN_MS,
      retryMaxMs: options.retryMaxMs ?? RETRY_MAX_MS,
      openSession: options.openSession ?? openFactsSession,
    };
  }

  /**
   * Makes facts durable. Resolves when the batch that contains them has committed.
   *
   * @throws {FactsError} `facts-backlog-full` or `facts-closed` when nothing was accepted, `facts-rejected` when the
   * database refused these rows for good. An outage is no error: the promise waits.
   */
  append(facts: Facts): Promise<void> {
    const rows = countRows(facts);
    if (rows === 0) return Promise.resolve();
    if (this.#closing)
      return Promise.reject(new FactsError('facts-closed', 'The writer of facts is closed.'));
    const limit = this.#options.backlogRowsMax;
    if (this.#backlogRows + rows > limit) {
      const message = `${this.#backlogRows} rows wait for the database already; the limit is ${limit}.`;
      return Promise.reject(new FactsError('facts-backlog-full', message));
    }
    return new Promise((resolve, reject) => {
      if (this.#queue.length === 0) this.#firstQueuedAt = performance.now();
      this.#queue.push(pendingFacts(facts, rows, resolve, reject));
      this.#backlogRows += rows;
      this.#running ??= this.#run();
    });
  }

  get health(): FactsHealth {
    return {
      state: this.#state(),
      backlogRows: this.#backlogRows,
      failingSince: this.#failingSince,
      lastError: this.#lastError,
    };
  }

  /**
   * Stops accepting, writes what waits and closes the session. What has not committed after `timeoutMs` is rejected.
   *
   * @returns the number of rows that could not be written.
   */
  async close(timeoutMs: number = CLOSE_TIMEOUT_MS): Promise<number> {
    this.#closing = true;
    this.#wake?.();
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([this.#running ?? Promise.resolve(), timeout]);
    clearTimeout(timer);
    const lost = this.#backlogRows;
    if (lost > 0) this.#abandon(lost);
    const session = this.#session;
    this.#session = undefined;
    if (session !== undefined) await session.close().catch((error: unknown) => this.#noteCloseError(error));
    return lost;
  }

  #state(): FactsHealth['state'] {
    if (this.#closing) return 'closed';
    if (this.#backlogRows * 2 >= this.#options.backlogRowsMax) return 'full';
    return this.#failingSince === undefined ? 'ok' : 'retrying';
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0 && !this.#abandoned) {
      await this.#pause(this.#firstQueuedAt + this.#options.gatherMs - performance.now());
      const batch = this.#takeBatch();
      await this.#writeUntilSettled(batch);
    }
    this.#running = undefined;
  }

  #takeBatch(): PendingFacts[] {
    let rows = 0;
    let count = 0;
    for (const pending of this.#queue) {
      if (count > 0 && rows + pending.rows > this.#options.batchRowsMax) break;
      rows += pending.rows;
      count++;
    }
    this.#firstQueuedAt = performance.now();
    return this.#queue.splice(0, count);
  }

  /** Returns when each of the batch is committed, rejected for good, or given up by `close`. */
  async #writeUntilSettled(batch: readonly PendingFacts[]): Promise<void> {
    let retryMs = this.#options.retryMinMs;
    while (!this.#abandoned) {
      try {
        await this.#write(batch);
        this.#settle(batch);
        return;
      } catch (error) {
        if (isRefusal(error)) {
          await this.#isolate(batch, error);
          return;
        }
        this.#noteFailure(error);
        await this.#dropSession();
        await this.#pause(retryMs);
        retryMs = Math.min(retryMs * 2, this.#options.retryMaxMs);
      }
    }
    for (const pending of batch) this.#reject(pending, givenUp());
  }

  async #write(batch: readonly PendingFacts[]): Promise<void> {
    this.#session ??= await this.#options.openSession(this.#connection);
    await this.#session.write(batch);
  }

  /** The database refuses something in the batch: write its members one by one to find out which. */
  async #isolate(batch: readonly PendingFacts[], error: unknown): Promise<void> {
    if (batch.length > 1) {
      for (const pending of batch) await this.#writeUntilSettled([pending]);
      return;
    }
    for (const pending of batch) {
      const detail = error instanceof Error ? error.message : String(error);
      this.#log.error(
        { err: error, tenantId: pending.facts.tenantId },
        'the database refused facts for good',
      );
      this.#reject(pending, new FactsError('facts-rejected', `The database refused facts: ${detail}`, error));
    }
  }

  #settle(batch: readonly PendingFacts[]): void {
    if (this.#failingSince !== undefined) {
      this.#log.info({ backlogRows: this.#backlogRows }, 'facts are written again');
      this.#failingSince = undefined;
      this.#lastError = undefined;
    }
    for (const pending of batch) {
      this.#backlogRows -= pending.rows;
      pending.resolve();
    }
  }

  #reject(pending: PendingFacts, error: Error): void {
    this.#backlogRows -= pending.rows;
    pending.reject(error);
  }

  #noteFailure(error: unknown): void {
    this.#lastError = error instanceof Error ? error.message : String(error);
    if (this.#failingSince !== undefined) return;
    this.#failingSince = Date.now();
    this.#log.warn({ err: error }, 'facts cannot be written now; they are kept and tried again');
  }

  async #dropSession(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.close().catch((error: unknown) => this.#noteCloseError(error));
  }

  #noteCloseError(error: unknown): void {
    this.#log.warn({ err: error }, 'the session of the facts writer did not close cleanly');
  }

  #abandon(rows: number): void {
    this.#abandoned = true;
    this.#wake?.();
    this.#log.error({ rows }, 'facts were not written before the time-out of closing');
    for (const pending of this.#queue.splice(0)) this.#reject(pending, givenUp());
  }

  /** Waits, at most until `close` wakes it. */
  #pause(ms: number): Promise<void> {
    if (ms <= 0 || this.#closing) return this.#closing && ms > 0 ? closingPause() : Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#wake = done;
    });
  }
}

const CLOSING_PAUSE_MS = 50;

/** While closing, retries follow each other quickly, yet without spinning. */
function closingPause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, CLOSING_PAUSE_MS);
  });
}

function givenUp(): FactsError {
  return new FactsError('facts-closed', 'The writer of facts was closed before the database answered.');
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
