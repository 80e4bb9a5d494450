import { setTimeout as delay } from 'node:timers/promises';
import {
  type ConnectionOptions,
  Database,
  type DataDirectoryLock,
  lockDataDirectory,
  lockHolder,
  prepareDataDirectory,
  type Log,
  migrationStates,
  PlatformError,
  type Settings,
} from '../platform/index.ts';
import { isStartedAgain } from './lifecycle.ts';
import {
  applicationConnection,
  EmbeddedPostgres,
  findBinaries,
  recordedLayout,
} from '../platform/postgres/index.ts';

const REACHABLE_TIMEOUT_MS = 600_000;
const REACHABLE_POLL_MS = 500;

/** A database that is open, and what was opened to have it. */
export interface Storage {
  readonly database: Database;
  /** The own PostgreSQL, when this process started or adopted it. */
  readonly postgres: EmbeddedPostgres | undefined;
  close(): Promise<void>;
}

/**
 * Locks the data directory and opens the database for the server itself.
 *
 * @throws {PlatformError} also `data-directory-in-use`.
 */
export async function openServerStorage(settings: Settings, log: Log): Promise<Storage> {
  const dataDir = prepareDataDirectory(settings.dataDir);
  const lock = lockDataDirectory(dataDir);
  try {
    if (settings.databaseUrl !== undefined) {
      await untilReachable(settings, log);
      return await external(settings.databaseUrl, log, lock);
    }
    return await embedded(dataDir, log, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Opens the database for a command: that of the running server where there is one, else it is started for a moment. */
export async function openCommandStorage(settings: Settings, log: Log): Promise<Storage> {
  if (settings.databaseUrl !== undefined) return external(settings.databaseUrl, log, undefined);
  const dataDir = prepareDataDirectory(settings.dataDir);
  const holder = lockHolder(dataDir);
  if (holder === undefined) return openServerStorage(settings, log);
  const layout = recordedLayout(dataDir, findBinaries().major);
  if (layout === undefined) {
    throw new PlatformError(
      'database-unreachable',
      `Process ${holder.pid} is just starting on the data directory ${dataDir}.`,
      'Try again in a few seconds.',
    );
  }
  const database = await openDatabase(applicationConnection(layout), log);
  return { database, postgres: undefined, close: () => database.close() };
}

/** Like {@link openCommandStorage}, for commands that need the tables of this release. */
export async function openMigratedStorage(settings: Settings, log: Log): Promise<Storage> {
  const storage = await openCommandStorage(settings, log);
  try {
    const pending = (await migrationStates(storage.database)).filter(
      ({ appliedAt }) => appliedAt === undefined,
    );
    if (pending.length === 0) return storage;
    throw new PlatformError(
      'database-unreachable',
      `The database lacks ${pending.length} migration(s) of this release, from ${pending[0]?.name} on.`,
      'Start the server once, or run "crosspoint migrate up".',
    );
  } catch (error) {
    await storage.close();
    throw error;
  }
}

async function embedded(dataDir: string, log: Log, lock: DataDirectoryLock): Promise<Storage> {
  const postgres = await EmbeddedPostgres.start({ dataDir, log });
  try {
    const database = await openDatabase(postgres.connection, log);
    const close = async (): Promise<void> => {
      try {
        await database.close();
      } finally {
        await postgres.stop().finally(() => lock.release());
      }
    };
    return { database, postgres, close };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

/**
 * A server that died while its database was away is started again at once, and waits for it: calls go on meanwhile. At a first
 * start an unreachable database is a mistake in the settings, which is told at once.
 */
async function untilReachable(settings: Settings, log: Log): Promise<void> {
  const { databaseUrl } = settings;
  const deadline = performance.now() + REACHABLE_TIMEOUT_MS;
  for (let isTold = false; isStartedAgain(); isTold = true) {
    const probe = new Database({ connection: { connectionString: databaseUrl ?? '' }, log });
    try {
      return await probe.check(log);
    } catch (error) {
      if (performance.now() > deadline) return;
      if (!isTold)
        log.warn({ err: error }, 'the database is away; calls that are up go on, and it is awaited');
      await delay(REACHABLE_POLL_MS);
    } finally {
      await probe.close();
    }
  }
}

async function external(url: string, log: Log, lock: DataDirectoryLock | undefined): Promise<Storage> {
  const database = await openDatabase({ connectionString: url }, log);
  const close = async (): Promise<void> => {
    try {
      await database.close();
    } finally {
      lock?.release();
    }
  };
  return { database, postgres: undefined, close };
}

async function openDatabase(connection: ConnectionOptions, log: Log): Promise<Database> {
  const database = new Database({ connection, log });
  try {
    await database.check(log);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}
