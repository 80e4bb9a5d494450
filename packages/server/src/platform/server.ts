import type { Database } from './database/index.ts';
import type { Log } from './log.ts';
import type { Settings } from './settings/index.ts';

/** What the composition root gets from the start command: everything below the features is ready. */
export interface ServerContext {
  readonly settings: Settings;
  readonly log: Log;
  /** Open, migrated, with partitions and at least one administrator. */
  readonly database: Database;
  /** Called when calls are taken, before the rest is started, with a way to ask how many are open. */
  readonly takesCalls?: (openCalls: () => number) => void;
}

/** A server that takes calls. */
export interface RunningServer {
  /** Addresses as bound, with the real ports where port 0 was asked for. */
  readonly addresses: {
    /** URL of console and API. */
    readonly console: string;
    /** `host:port` of SIP over UDP and TCP. */
    readonly sip: string;
    readonly sipTls?: string;
  };
  /**
   * Takes no new calls, lets those that are up go on as long as the settings say or until `hurry` settles, ends what must end, makes
   * every fact durable and closes all that `startServer` opened.
   */
  stop(hurry?: Promise<void>): Promise<void>;
  /** Makes every fact durable; calls go on without this process, for the next one to take up. */
  handOver(): Promise<void>;
}
