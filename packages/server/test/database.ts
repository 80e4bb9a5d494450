import { mkdtempSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';
import {
  type ConnectionOptions,
  Database,
  type DatabaseLog,
  ensurePartitions,
  migrateUp,
} from '../src/platform/index.ts';
import { EmbeddedPostgres, superuserConnection } from '../src/platform/postgres/index.ts';

/**
 * Databases for tests: a real PostgreSQL (the own one, or the server of `TEST_DATABASE_URL`), and in it for each test
 * file a fresh copy of a migrated template. The role of the tests is no superuser, so that row-level security counts.
 */
declare module 'vitest' {
  interface ProvidedContext {
    testDatabase: { admin: ConnectionOptions; application: ConnectionOptions; template: string };
  }
}

const TEST_ROLE = 'crosspoint';

/** A log that keeps silent, for parts that must be given one. */
export const silentLog = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
} satisfies DatabaseLog & Record<string, () => undefined>;

async function asAdmin<T>(
  connection: ConnectionOptions,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function uniqueName(prefix: string): string {
  return `${prefix}_${process.pid}_${Date.now().toString(36)}_${Math.trunc(performance.now() * 1000).toString(36)}`;
}

/** The same server and login data, with another database. */
function withDatabase(connection: ConnectionOptions, database: string): ConnectionOptions {
  if (connection.connectionString === undefined) return { ...connection, database };
  const url = new URL(connection.connectionString);
  url.pathname = `/${database}`;
  return { connectionString: url.href };
}

/** Runs once before all test files (vitest `globalSetup`). */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startServer();
  const template = uniqueName('crosspoint_template');
  const teardown = async (): Promise<void> => {
    try {
      await asAdmin(server.admin, (client) =>
        client.query(`drop database if exists ${template} with (force)`),
      );
    } finally {
      await server.stop();
    }
  };
  try {
    await asAdmin(server.admin, (client) => client.query(`create database ${template} owner ${server.role}`));
    const database = new Database({ connection: withDatabase(server.application, template), log: silentLog });
    await prepare(database).finally(() => database.close());
    project.provide('testDatabase', { admin: server.admin, application: server.application, template });
    return teardown;
  } catch (error) {
    await teardown();
    throw error;
  }
}

async function prepare(database: Database): Promise<void> {
  await migrateUp(database);
  await ensurePartitions(database, new Date());
}

interface TestServer {
  readonly admin: ConnectionOptions;
  readonly application: ConnectionOptions;
  readonly role: string;
  stop(): Promise<void>;
}

async function startServer(): Promise<TestServer> {
  const url = process.env['TEST_DATABASE_URL'];
  if (url !== undefined && url !== '') return externalServer(url);
  const dataDir = mkdtempSync(join(tmpdir(), 'crosspoint-test-database-'));
  chmodSync(dataDir, 0o711);
  const postgres = await EmbeddedPostgres.start({ dataDir, log: silentLog });
  return {
    admin: superuserConnection(postgres.layout),
    application: postgres.connection,
    role: TEST_ROLE,
    async stop() {
      await postgres.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** The URL names a role that may create databases and roles; the tests themselves get one that may not. */
async function externalServer(url: string): Promise<TestServer> {
  const role = uniqueName('crosspoint_test');
  const admin = { connectionString: url };
  await asAdmin(admin, (client) => client.query(`create role ${role} login nosuperuser password '${role}'`));
  const application = new URL(url);
  application.username = role;
  application.password = role;
  return {
    admin,
    application: { connectionString: application.href },
    role,
    stop: () => asAdmin(admin, async (client) => void (await client.query(`drop role ${role}`))),
  };
}

export interface TestDatabase {
  readonly database: Database;
  readonly connection: ConnectionOptions;
  /** Closes the connections and deletes the database. */
  drop(): Promise<void>;
}

/** A fresh, migrated database; call `drop` in `afterAll`. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { admin, application, template } = inject('testDatabase');
  const name = uniqueName('crosspoint_test');
  await asAdmin(admin, async (client) => {
    const owner = await client.query<{ owner: string }>(
      'select pg_get_userbyid(datdba) as owner from pg_database where datname = $1',
      [template],
    );
    await client.query(
      `create database ${name} template ${template} owner ${owner.rows[0]?.owner ?? TEST_ROLE}`,
    );
  });
  const connection = withDatabase(application, name);
  const database = new Database({ connection, log: silentLog });
  return {
    database,
    connection,
    async drop() {
      await database.close();
      await asAdmin(admin, (client) => client.query(`drop database if exists ${name} with (force)`));
    },
  };
}
