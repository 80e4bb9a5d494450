import type { ConnectionOptions } from '../database/index.ts';
import { FactsDelivery, type FactsLog, type OpenFactsSession, settle } from './delivery.ts';
import { countRows, type PendingFacts, pendingFacts } from './pending.ts';
import { openFactsSession } from './session.ts';
import type { FactsSpool } from './spool.ts';
import { type Facts, FactsError, type FactsHealth } from './types.ts';

export interface FactsWriterOptions {
  readonly connection: ConnectionOptions;
  readonly log: FactsLog;
  /** Where facts are kept while the database is away; in memory alone when missing. */
  readonly spool?: FactsSpool;
  /** How long the first of a batch waits for company, in milliseconds. */
  readonly gatherMs?: number;
  /** Most rows in memory; `append` refuses beyond. */
  readonly backlogRowsMax?: number;
  /** Most rows of one batch. */
  readonly batchRowsMax?: number;
  /** First and longest wait before a failed batch is tried again, in milliseconds; it doubles in between. */
  readonly retryMinMs?: number;
  readonly retryMaxMs?: number;
  /** Replaces the session with the database, for tests of the writer itself. */
  readonly openSession?: OpenFactsSession;
}

const GATHER_MS = 40;
const BACKLOG_ROWS_MAX = 200_000;
const BATCH_ROWS_MAX = 2_000;
const RETRY_MIN_MS = 50;
const RETRY_MAX_MS = 2_000;
const CLOSE_TIMEOUT_MS = 5_000;
/** A disk that took nothing is tried again after this. */
const KEEP_AGAIN_MS = 1_000;
/** A database that is silent for so long is said to be away, though it may still answer. */
const SILENT_MS = 2_000;
/** While closing, steps follow each other quickly, yet without spinning. */
const CLOSING_PAUSE_MS = 50;

/**
 * The one writer of facts: group commit. What arrives while a batch is being written, or within a few milliseconds,
 * shares the next one, in the order of arrival.
 *
 * Policy when the database is away: everything accepted goes to the spool on disk (to memory, where there is no room),
 * and is tried again, with growing pauses, until it is committed; nothing accepted is ever dropped. At half of either
 * limit the health turns `full` and the server should refuse new contacts, so that the calls that are running can still be
 * written to their end; beyond both limits `append` refuses. Rows that the database refuses for good (a bug) are
 * rejected alone and hold up nobody. What is written twice is stored once: rows carry their identity.
 */
export class FactsWriter {
  readonly #options: Required<Omit<FactsWriterOptions, 'log' | 'connection' | 'spool' | 'openSession'>>;
  readonly #log: FactsLog;
  readonly #delivery: FactsDelivery;
  readonly #spool: FactsSpool | undefined;
  #queue: PendingFacts[] = [];
  /** Taken out of the queue, on its way into the database. */
  #underway: readonly PendingFacts[] = [];
  #backlogRows = 0;
  #firstQueuedAt = 0;
  #running: Promise<void> | undefined;
  #attempt: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  #failingSince: number | undefined;
  #lastError: string | undefined;
  #retryAt = 0;
  #retryMs: number;
  #keepAt = 0;
  #closing = false;
  #abandoned = false;

  constructor(options: FactsWriterOptions) {
    this.#log = options.log;
    this.#spool = options.spool;
    this.#delivery = new FactsDelivery(
      options.connection,
      options.openSession ?? openFactsSession,
      options.log,
    );
    this.#options = {
      gatherMs: options.gatherMs ?? GATHER_MS,
      backlogRowsMax: options.backlogRowsMax ?? BACKLOG_ROWS_MAX,
      batchRowsMax: options.batchRowsMax ?? BATCH_ROWS_MAX,
      retryMinMs: options.retryMinMs ?? RETRY_MIN_MS,
      retryMaxMs: options.retryMaxMs ?? RETRY_MAX_MS,
    };
    this.#retryMs = this.#options.retryMinMs;
    if (this.#spool?.isEmpty === false) {
      this.#log.info({ bytes: this.#spool.bytes }, 'facts that a former process left on disk are stored now');
      this.#running = this.#run();
    }
  }

  /**
   * Makes facts durable. Resolves when the batch that contains them has committed or, while the database is away, is
   * in the spool.
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
      if (this.#queue.length === 0) {
        this.#firstQueuedAt = performance.now();
        if (this.#isAway) this.#wake?.();
      }
      this.#backlogRows += rows;
      const done =
        <Result>(act: (result: Result) => void) =>
        (result: Result): void => {
          this.#backlogRows -= rows;
          act(result);
        };
      this.#queue.push(pendingFacts(facts, rows, done(resolve), done(reject)));
      this.#running ??= this.#run();
    });
  }

  get health(): FactsHealth {
    const { silentMs } = this.#delivery;
    const isSilent = silentMs >= SILENT_MS;
    const failingSince = this.#failingSince ?? (isSilent ? Date.now() - silentMs : undefined);
    return {
      state: this.#state(failingSince !== undefined),
      backlogRows: this.#backlogRows,
      spooledBytes: this.#spool?.bytes ?? 0,
      failingSince,
      lastError: this.#lastError ?? (isSilent ? `no answer for ${Math.round(silentMs)} ms` : undefined),
    };
  }

  /** Resolves when nothing waits in memory or on disk: the database has everything that was ever accepted. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /**
   * Stops accepting, writes what waits and closes the session. What has not committed after `timeoutMs` stays in the
   * spool for the next process, or is rejected where that is impossible.
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
    this.#abandoned = true;
    this.#wake?.();
    const lost = await this.#leaveRest();
    await this.#delivery.close();
    await this.#spool?.close();
    return lost;
  }

  #state(isFailing: boolean): FactsHealth['state'] {
    if (this.#closing) return 'closed';
    if (this.#spool?.isHalfFull === true) return 'full';
    if (this.#backlogRows * 2 >= this.#options.backlogRowsMax) return 'full';
    return isFailing ? 'retrying' : 'ok';
  }

  get #isAway(): boolean {
    return this.#failingSince !== undefined || this.#spool?.isEmpty === false;
  }

  get #hasWork(): boolean {
    if (this.#abandoned) return false;
    if (this.#queue.length > 0 || this.#attempt !== undefined) return true;
    // What a database does not take that is away may stay in the spool when the server stops.
    return this.#spool?.isEmpty === false && !(this.#closing && this.#failingSince !== undefined);
  }

  async #run(): Promise<void> {
    while (this.#hasWork) {
      if (this.#isAway) await this.#stepAway();
      else {
        await this.#pause(this.#gatheredAt - performance.now());
        await this.#deliverQueued();
      }
    }
    this.#running = undefined;
  }

  get #gatheredAt(): number {
    return this.#firstQueuedAt + this.#options.gatherMs;
  }

  /** While the database is away, or behind: facts go to the end of the spool, and its beginning into the database. */
  async #stepAway(): Promise<void> {
    const now = performance.now();
    const keepsAt = this.#keepsAt;
    if (now >= keepsAt) return this.#keep();
    const triesAt = this.#attempt === undefined ? this.#retryAt : Number.POSITIVE_INFINITY;
    if (now < triesAt) return this.#pause(Math.min(keepsAt, triesAt, now + KEEP_AGAIN_MS) - now);
    const attempt = this.#spool?.isEmpty === false ? this.#deliverSpooled() : this.#deliverQueued();
    this.#attempt = attempt.finally(() => {
      this.#attempt = undefined;
      this.#wake?.();
    });
  }

  get #keepsAt(): number {
    if (this.#spool === undefined || this.#queue.length === 0) return Number.POSITIVE_INFINITY;
    return this.#closing ? this.#keepAt : Math.max(this.#gatheredAt, this.#keepAt);
  }

  /** Brings what is queued to the disk. */
  async #keep(): Promise<void> {
    // What is on its way may never arrive; kept first, it stays before what came later.
    const underway = this.#underway.filter(({ isSettled }) => !isSettled);
    const batch = this.#takeBatch();
    try {
      await this.#spool?.append([...underway, ...batch]);
      for (const pending of [...underway, ...batch]) settle(pending);
    } catch (error) {
      this.#queue.unshift(...batch);
      this.#keepAt = performance.now() + KEEP_AGAIN_MS;
      const state = { err: error, backlogRows: this.#backlogRows };
      this.#log.error(
        state,
        'facts cannot be kept on disk; they are kept in memory: see the disk of the data directory',
      );
    }
  }

  async #deliverQueued(): Promise<void> {
    const batch = this.#takeBatch();
    this.#underway = batch;
    try {
      await this.#delivery.deliver(batch);
      this.#noteSuccess();
    } catch (error) {
      if (!this.#abandoned) this.#queue.unshift(...batch.filter(({ isSettled }) => !isSettled));
      this.#noteFailure(error);
    } finally {
      this.#underway = [];
    }
  }

  async #deliverSpooled(): Promise<void> {
    const spool = this.#spool;
    if (spool === undefined) return;
    try {
      const { batch, damagedLines } = await spool.oldest();
      if (damagedLines > 0) this.#log.warn({ damagedLines }, 'facts on disk have lines that cannot be read');
      await this.#delivery.deliver(batch);
      if (this.#abandoned) return;
      spool.dropOldest();
      this.#noteSuccess();
      if (spool.isEmpty) this.#log.info({}, 'facts that waited on disk are all stored');
    } catch (error) {
      this.#noteFailure(error);
    }
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

  #noteSuccess(): void {
    this.#retryMs = this.#options.retryMinMs;
    this.#retryAt = 0;
    if (this.#failingSince === undefined) return;
    const { backlogRows, spooledBytes } = this.health;
    this.#log.info({ backlogRows, spooledBytes }, 'facts are written again');
    this.#failingSince = undefined;
    this.#lastError = undefined;
  }

  #noteFailure(error: unknown): void {
    this.#lastError = error instanceof Error ? error.message : String(error);
    this.#retryAt = performance.now() + this.#retryMs;
    this.#retryMs = Math.min(this.#retryMs * 2, this.#options.retryMaxMs);
    if (this.#failingSince !== undefined) return;
    this.#failingSince = Date.now();
    const where = this.#spool === undefined ? 'in memory' : 'on disk';
    this.#log.warn({ err: error }, `facts cannot be written now; they are kept ${where} and tried again`);
  }

  /** What is neither committed nor on disk when the writer closes. Returns the rows that are lost. */
  async #leaveRest(): Promise<number> {
    const rest = [...this.#underway, ...this.#queue.splice(0)].filter(({ isSettled }) => !isSettled);
    if (rest.length === 0) return 0;
    try {
      if (this.#spool === undefined) throw new Error('there is no spool');
      await this.#spool.append(rest);
      for (const pending of rest) settle(pending);
      return 0;
    } catch (error) {
      const rows = rest.reduce((sum, pending) => sum + pending.rows, 0);
      this.#log.error({ err: error, rows }, 'facts were not written before the time-out of closing');
      for (const pending of rest) settle(pending, givenUp());
      return rows;
    }
  }

  /** Waits, at most until somebody wakes it. */
  #pause(ms: number): Promise<void> {
    if (ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, this.#closing ? Math.min(ms, CLOSING_PAUSE_MS) : ms);
      this.#wake = done;
    });
  }
}

function givenUp(): FactsError {
  return new FactsError('facts-closed', 'The writer of facts was closed before the database answered.');
}
