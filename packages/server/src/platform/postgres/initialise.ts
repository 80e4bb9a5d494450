import { spawn } from 'node:child_process';
import { chownSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { syncPath, writeDurablySync } from '../durable-files.ts';
import { PlatformError } from '../errors.ts';
import { type Account, spawnAs } from './account.ts';
import type { PostgresBinaries } from './binaries.ts';
import { hbaConf, identConf, postgresqlConf, SUPERUSER } from './config.ts';
import { explainFailure } from './failure.ts';
import type { ClusterLayout } from './layout.ts';

const INITDB_TIMEOUT_MS = 120_000;
const OUTPUT_BYTES_MAX = 64_000;

/** The environment of PostgreSQL's programs: nothing of ours, so that no PG… variable of a person changes them. */
export const CLEAN_ENVIRONMENT: NodeJS.ProcessEnv = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/**
 * Makes the cluster when there is none. It is built beside its place and renamed at the end, so that an interrupted
 * first start leaves nothing that looks like a database.
 *
 * @returns whether a new one was made.
 * @throws {PlatformError} `database-version-mismatch`, `disk-full`, `database-initialisation-failed` …
 */
export async function ensureCluster(
  binaries: PostgresBinaries,
  layout: ClusterLayout,
  account: Account,
): Promise<boolean> {
  const versionFile = join(layout.clusterDir, 'PG_VERSION');
  if (existsSync(versionFile)) {
    checkVersion(layout, readFileSync(versionFile, 'utf8').trim(), binaries.major);
    return false;
  }
  checkOtherVersions(layout, binaries.major);
  const prefix = `${basename(layout.clusterDir)}.new-`;
  for (const name of readdirSync(dirname(layout.clusterDir))) {
    if (name.startsWith(prefix))
      rmSync(join(dirname(layout.clusterDir), name), { recursive: true, force: true });
  }
  const temporary = join(dirname(layout.clusterDir), `${prefix}${process.pid}`);
  try {
    await runInitdb(binaries, temporary, account);
    renameSync(temporary, layout.clusterDir);
    syncPath(dirname(layout.clusterDir));
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return true;
}

function checkVersion(layout: ClusterLayout, found: string, wanted: number): void {
  if (found === String(wanted)) return;
  throw new PlatformError(
    'database-version-mismatch',
    `The database in ${layout.clusterDir} is of PostgreSQL ${found}; this release brings PostgreSQL ${wanted}.`,
    'Make a backup with the release that wrote it ("crosspoint backup") and restore it with this one.',
  );
}

/** A cluster of another major version lies beside: an empty new one would look like lost data. */
function checkOtherVersions(layout: ClusterLayout, wanted: number): void {
  const other = readdirSync(layout.baseDir).find(
    (name) => /^\d+$/.test(name) && existsSync(join(layout.baseDir, name, 'PG_VERSION')),
  );
  if (other !== undefined)
    checkVersion({ ...layout, clusterDir: join(layout.baseDir, other) }, other, wanted);
}

async function runInitdb(binaries: PostgresBinaries, directory: string, account: Account): Promise<void> {
  const args = [
    ...['--pgdata', directory, '--username', SUPERUSER, '--encoding', 'UTF8'],
    ...['--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
    ...['--data-checksums', '--auth-local', 'peer', '--auth-host', 'reject', '--no-instructions'],
  ];
  const child = spawn(join(binaries.root, 'bin', 'initdb'), args, {
    ...spawnAs(account),
    cwd: '/',
    env: CLEAN_ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: INITDB_TIMEOUT_MS,
    // Ctrl-C reaches the whole process group; a half-made cluster is removed by us, in order.
    detached: true,
  });
  let output = '';
  const collect = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-OUTPUT_BYTES_MAX);
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const failure = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : `ended with ${code ?? signal}`));
  });
  if (failure === undefined) return;
  const what = `PostgreSQL could not make its database in ${directory} (initdb ${failure})`;
  throw explainFailure(what, output, 'database-initialisation-failed');
}

/** The files that Crosspoint owns inside the cluster, by name. */
export function ownedFiles(layout: ClusterLayout, major: number): ReadonlyMap<string, string> {
  return new Map([
    ['postgresql.conf', postgresqlConf(layout, major)],
    ['pg_hba.conf', hbaConf()],
    ['pg_ident.conf', identConf()],
  ]);
}

/** Whether the files in the cluster are what this release would write. */
export function hasCurrentFiles(layout: ClusterLayout, major: number): boolean {
  return [...ownedFiles(layout, major)].every(([name, text]) => {
    const path = join(layout.clusterDir, name);
    return existsSync(path) && readFileSync(path, 'utf8') === text;
  });
}

export function writeOwnedFiles(layout: ClusterLayout, account: Account, major: number): void {
  for (const [name, text] of ownedFiles(layout, major)) {
    const path = join(layout.clusterDir, name);
    writeDurablySync(path, text);
    if (account.isOther) chownSync(path, account.uid, account.gid);
  }
}
