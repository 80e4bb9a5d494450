import pg from 'pg';
import { inTime } from '../in-time.ts';
import { clientConfig, type ConnectionOptions } from './connection.ts';

/** What of a connection shows whether its server is heard; node-postgres keeps it, though its types do not name it. */
interface WatchedConnection {
  readonly connection: {
    readonly stream: { readonly bytesRead?: number; destroy(error: Error): unknown };
  };
  /** Nothing is asked. */
  readonly readyForQuery: boolean;
}

interface Watched {
  bytesRead: number;
  /** Since when nothing has come though something was asked; monotonic milliseconds. */
  silentSince: number;
}

export interface SilenceWatchOptions {
  readonly connection: ConnectionOptions;
  /** How often connections are looked at, in milliseconds. */
  readonly everyMs?: number;
  /** After so long without an answer it is found out whether the server answers at all. */
  readonly suspectMs?: number;
  /** An answer takes no longer, because the server gives up before (`statement_timeout`). */
  readonly silentMaxMs?: number;
  /** The same after `hurry`. */
  readonly hurriedMaxMs?: number;
  /** A server that works lets somebody in and answers within this time. */
  readonly probeTimeoutMs?: number;
}

const EVERY_MS = 1_000;
const SUSPECT_MS = 4_000;
const SILENT_MAX_MS = 35_000;
const HURRIED_MAX_MS = 3_000;
const PROBE_TIMEOUT_MS = 3_000;
/** A look that comes later than so many times its interval shows that this process was held up. */
const STALL_FACTOR = 3;

/**
 * Ends connections whose server is not heard any more. A network that drops packets breaks no connection: without this, what was
 * asked over it would wait until the kernel gives up, a quarter of an hour later, and its connection would be missing in the pool.
 */
export class SilenceWatch {
  readonly #connection: ConnectionOptions;
  readonly #everyMs: number;
  readonly #suspectMs: number;
  readonly #hurriedMaxMs: number;
  readonly #probeTimeoutMs: number;
  #silentMaxMs: number;
  /** When connections were opened, monotonic milliseconds. */
  readonly #openedAt = new WeakMap<WatchedConnection, number>();
  /** When the server was found not to answer last. */
  #unheardAt = Number.NEGATIVE_INFINITY;
  readonly #watched = new Map<WatchedConnection, Watched>();
  #timer: NodeJS.Timeout | undefined;
  #lookedAt = 0;
  #isProbing = false;

  constructor(options: SilenceWatchOptions) {
    const { connection, everyMs, suspectMs, silentMaxMs, hurriedMaxMs, probeTimeoutMs } = options;
    this.#connection = connection;
    this.#everyMs = everyMs ?? EVERY_MS;
    this.#suspectMs = suspectMs ?? SUSPECT_MS;
    this.#silentMaxMs = silentMaxMs ?? SILENT_MAX_MS;
    this.#hurriedMaxMs = hurriedMaxMs ?? HURRIED_MAX_MS;
    this.#probeTimeoutMs = probeTimeoutMs ?? PROBE_TIMEOUT_MS;
  }

  /** A connection was opened. */
  opened(client: pg.ClientBase): void {
    this.#openedAt.set(watched(client), performance.now());
  }

  /** Somebody begins to use that connection. */
  begin(client: pg.ClientBase): void {
    this.#watched.set(watched(client), { bytesRead: -1, silentSince: 0 });
    if (this.#timer !== undefined) return;
    this.#lookedAt = performance.now();
    this.#timer = setInterval(() => this.#look(), this.#everyMs).unref();
  }

  /** It is not used any more. */
  end(client: pg.ClientBase): void {
    this.#watched.delete(watched(client));
  }

  /** The process is about to end: no statement is given much time any more, whether the server is heard or not. */
  hurry(): void {
    this.#silentMaxMs = Math.min(this.#silentMaxMs, this.#hurriedMaxMs);
  }

  #look(): void {
    if (this.#watched.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    const now = performance.now();
    // Whoever was not running himself has no right to complain: answers may lie unread in their sockets.
    const wasStalled = now - this.#lookedAt > this.#everyMs * STALL_FACTOR;
    this.#lookedAt = now;
    let isSuspect = false;
    for (const [client, state] of this.#watched) {
      const { bytesRead = 0 } = client.connection.stream;
      if (wasStalled || client.readyForQuery || bytesRead !== state.bytesRead) {
        Object.assign(state, { bytesRead, silentSince: now });
        continue;
      }
      const silentMs = now - state.silentSince;
      // What was up while the server could not be heard may have been forgotten by whatever lies between.
      const isOld = (this.#openedAt.get(client) ?? 0) < this.#unheardAt;
      if (silentMs >= (isOld ? this.#suspectMs : this.#silentMaxMs)) cut(client, silentMs);
      else if (silentMs >= this.#suspectMs) isSuspect = true;
    }
    if (isSuspect && !this.#isProbing) void this.#cutUnlessHeard();
  }

  /** A statement may take its time; a server that lets nobody in is gone. */
  async #cutUnlessHeard(): Promise<void> {
    this.#isProbing = true;
    try {
      await probe(this.#connection, this.#probeTimeoutMs);
    } catch {
      // Whoever waits gets the error of a connection that is cut.
      this.#unheardAt = performance.now();
      this.#look();
    } finally {
      this.#isProbing = false;
    }
  }
}

function watched(client: pg.ClientBase): WatchedConnection {
  return client as unknown as WatchedConnection;
}

function cut(client: WatchedConnection, silentMs: number): void {
  const message = `Connection terminated: no answer of the database for ${Math.round(silentMs)} ms`;
  client.connection.stream.destroy(Object.assign(new Error(message), { code: 'ETIMEDOUT' }));
}

/** @throws {Error} when the server does not let us in and answer in time. */
async function probe(connection: ConnectionOptions, timeoutMs: number): Promise<void> {
  const client = new pg.Client({ ...clientConfig(connection), connectionTimeoutMillis: timeoutMs });
  // That it breaks shows in what is awaited.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await inTime(client.query('select 1'), timeoutMs, `no answer within ${timeoutMs} ms`);
  } finally {
    // The goodbye may find nobody: it is not waited for.
    client.end().catch(() => undefined);
  }
}
