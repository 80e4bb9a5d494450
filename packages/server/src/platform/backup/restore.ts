import { createReadStream } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { createGunzip } from 'node:zlib';
import pg from 'pg';
import {
  clientConfig,
  type Database,
  ensurePartitions,
  migrateTo,
  migrateUp,
  migrationStates,
} from '../database/index.ts';
import { syncPath } from '../durable-files.ts';
import { PlatformError } from '../errors.ts';
import { copyFrom } from './copy.ts';
import { invalidBackup, type Manifest, readManifest, verifyFiles } from './manifest.ts';

export interface RestoreOptions {
  /** Without tables, or with the empty tables of a first start. */
  readonly database: Database;
  readonly dataDir: string;
  readonly directory: string;
  /** Replaces what is there instead of refusing. */
  readonly replace: boolean;
}

const MONTHS_MAX = 1_200;

/**
 * Puts a backup back: checks every checksum first, makes the tables as they were, fills them in one transaction,
 * brings them to this release and copies the files. Nothing is changed when the backup is damaged.
 *
 * @throws {PlatformError} `backup-invalid`: damaged, from a newer release, or data exists and `replace` is false.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Manifest> {
  const directory = resolve(options.directory);
  const manifest = readManifest(directory);
  await verifyFiles(directory, manifest);
  const { database } = options;
  const last = await checkMigrations(database, manifest, directory);
  if (!options.replace) await refuseExistingData(database);
  await migrateTo(database, 'nothing');
  await migrateTo(database, last);
  for (const { range } of manifest.tables) {
    if (range !== undefined) await ensurePartitions(database, new Date(range.from), monthsBetween(range));
  }
  await fillTables(database, directory, manifest);
  await migrateUp(database);
  await restoreFiles(join(directory, 'files'), options.dataDir, manifest);
  return manifest;
}

function monthsBetween(range: { from: string; to: string }): number {
  const [from, to] = [new Date(range.from), new Date(range.to)];
  const months = (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
  return Math.min(Math.max(months, 0), MONTHS_MAX);
}

async function checkMigrations(database: Database, manifest: Manifest, directory: string): Promise<string> {
  const known = (await migrationStates(database)).map(({ name }) => name);
  const unknown = manifest.migrations.find((name, index) => known[index] !== name);
  const last = manifest.migrations.at(-1);
  if (unknown !== undefined || last === undefined) {
    throw invalidBackup(
      directory,
      `its migration ${unknown} is not known here; it comes from a newer release`,
    );
  }
  return last;
}

async function refuseExistingData(database: Database): Promise<void> {
  const states = await migrationStates(database);
  if (states.some(({ appliedAt }) => appliedAt === undefined)) return;
  const found = await database.asSystem(async (transaction) => {
    const contact = await transaction.selectFrom('contacts').select('id').limit(1).executeTakeFirst();
    return contact ?? (await transaction.selectFrom('users').select('id').limit(1).executeTakeFirst());
  });
  if (found === undefined) return;
  throw new PlatformError(
    'backup-invalid',
    'There is data in this database already.',
    'Restore into a new data directory (--data-dir), or add --replace to delete what is there.',
  );
}

async function fillTables(database: Database, directory: string, manifest: Manifest): Promise<void> {
  const config = {
    ...clientConfig(database.connection),
    application_name: 'crosspoint cli',
    statement_timeout: 0,
  };
  const client = new pg.Client(config);
  client.on('error', () => undefined); // A connection that breaks shows in the query that waits on it.
  await client.connect();
  try {
    await client.query('begin');
    await client.query("set local crosspoint.system = 'on'");
    for (const table of [...manifest.tables].reverse()) {
      await client.query(`delete from ${pg.escapeIdentifier(table.name)}`);
    }
    for (const table of manifest.tables) await fillTable(client, directory, table);
    await client.query('commit');
  } finally {
    await client.end();
  }
}

async function fillTable(
  client: pg.Client,
  directory: string,
  table: Manifest['tables'][number],
): Promise<void> {
  const name = pg.escapeIdentifier(table.name);
  const columns = table.columns.map((column) => pg.escapeIdentifier(column)).join(', ');
  const source = createReadStream(join(directory, table.file)).pipe(createGunzip());
  // PostgreSQL does not copy into a table whose row-level security applies to the copying role; the owner may
  // suspend that for itself, and nobody else sees it before the commit, when it is in force again.
  await client.query(`alter table ${name} no force row level security`);
  const rows = await copyFrom(client, `copy ${name} (${columns}) from stdin`, source);
  await client.query(`alter table ${name} force row level security`);
  if (rows !== table.rows) {
    throw invalidBackup(directory, `${table.file} holds ${rows} rows instead of ${table.rows}`);
  }
}

async function restoreFiles(source: string, dataDir: string, manifest: Manifest): Promise<void> {
  for (const { path } of manifest.files) {
    const target = join(dataDir, path);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await copyFile(join(source, path), target);
    syncPath(target);
    syncPath(dirname(target));
  }
}
