import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PassThrough } from 'node:stream';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import { clientConfig, type ConnectionOptions } from '../database/index.ts';
import { syncPath, syncTree } from '../durable-files.ts';
import { PlatformError, systemErrorCode } from '../errors.ts';
import { copyTo } from './copy.ts';
import { FORMAT_VERSION, hashFile, type Manifest, MANIFEST_FILE } from './manifest.ts';

export interface BackupOptions {
  readonly connection: ConnectionOptions;
  readonly dataDir: string;
  /** Folder to make; it must not exist yet. */
  readonly directory: string;
  readonly now: Date;
}

/** Entries of the data directory that belong to this machine's running server and not to a backup. */
const MACHINE_ENTRIES = /^(lock(\..*)?|postgres|postgres\.json|server\.json|run|tmp)$/;
const GZIP_LEVEL = 3;

type Table = Manifest['tables'][number];

/**
 * Writes a backup: every table as of one instant, and the files of the data directory. The server may go on working.
 * The folder appears under its name only when it is complete.
 *
 * @throws {PlatformError} `backup-invalid` when the folder exists, `disk-full`.
 */
export async function createBackup(options: BackupOptions): Promise<Manifest> {
  const directory = resolve(options.directory);
  if ((await stat(directory).catch(() => undefined)) !== undefined) {
    const remedy = 'Name a folder that does not exist yet; it is made.';
    throw new PlatformError('backup-invalid', `${directory} exists already.`, remedy);
  }
  const temporary = `${directory}.incomplete-${process.pid}`;
  try {
    await mkdir(join(temporary, 'tables'), { recursive: true, mode: 0o700 });
    // Files after tables: a recording that a row names has its file; one that is newer than the rows does no harm.
    const { tables, migrations } = await copyTables(options.connection, temporary);
    const files = await copyFiles(options.dataDir, join(temporary, 'files'), directory);
    const manifest: Manifest = {
      formatVersion: FORMAT_VERSION,
      createdAt: options.now.toISOString(),
      migrations,
      tables,
      files,
    };
    await writeFile(join(temporary, MANIFEST_FILE), `${JSON.stringify(manifest, undefined, 2)}\n`, {
      mode: 0o600,
    });
    syncTree(temporary);
    await rename(temporary, directory);
    syncPath(dirname(directory));
    return manifest;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw explain(error, directory);
  }
}

function explain(error: unknown, directory: string): unknown {
  const code = systemErrorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const message = `There is no space left for a backup in ${dirname(directory)}.`;
    return new PlatformError(
      'disk-full',
      message,
      'Free space there, or name a folder on another disk.',
      error,
    );
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
    const message = `The backup cannot be written to ${directory} (${code}).`;
    return new PlatformError('backup-invalid', message, 'Name a folder that this account may write.', error);
  }
  return error;
}

async function copyTables(
  connection: ConnectionOptions,
  directory: string,
): Promise<{ tables: Table[]; migrations: string[] }> {
  const client = new pg.Client({
    ...clientConfig(connection),
    application_name: 'crosspoint cli',
    statement_timeout: 0,
  });
  client.on('error', () => undefined); // A connection that breaks shows in the query that waits on it.
  await client.connect();
  try {
    await client.query('begin transaction isolation level repeatable read read only');
    await client.query("set local crosspoint.system = 'on'");
    const applied = await client.query<{ name: string }>('select name from kysely_migration order by name');
    const tables: Table[] = [];
    for (const { name, columns, isPartitioned } of await describeTables(client)) {
      tables.push(await copyTable(client, directory, name, columns, isPartitioned));
    }
    await client.query('commit');
    return { tables, migrations: applied.rows.map((row) => row.name) };
  } finally {
    await client.end();
  }
}

async function copyTable(
  client: pg.Client,
  directory: string,
  name: string,
  columns: readonly string[],
  isPartitioned: boolean,
): Promise<Table> {
  const file = join('tables', `${name}.copy.gz`);
  const source = new PassThrough();
  const target = createWriteStream(join(directory, file), { mode: 0o600 });
  const written = pipeline(source, createGzip({ level: GZIP_LEVEL }), target);
  // Should writing fail, the copy still has to run dry; its error is reported by the await below.
  written.catch(() => source.resume());
  const list = columns.map((column) => pg.escapeIdentifier(column)).join(', ');
  const rows = await copyTo(
    client,
    `copy (select ${list} from ${pg.escapeIdentifier(name)}) to stdout`,
    source,
  );
  source.end();
  await written;
  const table: Table = {
    name,
    columns: [...columns],
    file,
    rows,
    sha256: await hashFile(join(directory, file)),
  };
  if (!isPartitioned || rows === 0) return table;
  const range = await client.query<{ from: Date; to: Date }>(
    `select min(at) as "from", max(at) as "to" from ${pg.escapeIdentifier(name)}`,
  );
  const { from, to } = range.rows[0] ?? {};
  return from === undefined || to === undefined
    ? table
    : { ...table, range: { from: from.toISOString(), to: to.toISOString() } };
}

interface TableDescription {
  readonly name: string;
  readonly columns: readonly string[];
  readonly isPartitioned: boolean;
}

/** Every table of ours with its stored columns, ordered so that each comes after those that its foreign keys name. */
async function describeTables(client: pg.Client): Promise<TableDescription[]> {
  const answer = await client.query<TableDescription & { parents: string[] }>(`
    select
      c.relname as name, c.relkind = 'p' as "isPartitioned",
      (
        select array_agg(a.attname::text order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      ) as columns,
      array(
        select distinct p.relname::text from pg_constraint f join pg_class p on p.oid = f.confrelid
        where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid
      ) as parents
    from pg_class c
    where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = current_schema()::regnamespace
      and c.relname not in ('kysely_migration', 'kysely_migration_lock')
    order by c.relname
  `);
  const waiting = new Map(answer.rows.map((row) => [row.name, row]));
  const ordered: TableDescription[] = [];
  while (waiting.size > 0) {
    const free = [...waiting.values()].filter((row) => row.parents.every((parent) => !waiting.has(parent)));
    if (free.length === 0)
      throw new Error(`The foreign keys of ${[...waiting.keys()].join(', ')} form a circle.`);
    for (const { name, columns, isPartitioned } of free) {
      ordered.push({ name, columns, isPartitioned });
      waiting.delete(name);
    }
  }
  return ordered;
}

/** Copies every regular file of the data directory that is not the machine's own. */
async function copyFiles(
  dataDir: string,
  target: string,
  backupDirectory: string,
): Promise<Manifest['files']> {
  const files: Manifest['files'] = [];
  const visit = async (directory: string): Promise<void> => {
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (directory === dataDir && MACHINE_ENTRIES.test(entry.name)) continue;
      // Backups may themselves be kept inside the data directory.
      if (path === dirname(backupDirectory) || path.startsWith(backupDirectory)) continue;
      if (entry.isDirectory()) await visit(path);
      else if (entry.isFile()) files.push(await copyOne(path, relative(dataDir, path)));
    }
  };
  const copyOne = async (path: string, name: string): Promise<Manifest['files'][number]> => {
    const copy = join(target, name);
    await mkdir(dirname(copy), { recursive: true, mode: 0o700 });
    await copyFile(path, copy);
    return { path: name, sizeBytes: (await stat(copy)).size, sha256: await hashFile(copy) };
  };
  if ((await stat(dataDir).catch(() => undefined)) !== undefined) await visit(dataDir);
  return files;
}
