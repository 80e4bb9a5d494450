import {
  accessSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { PlatformError, systemErrorCode } from './errors.ts';
import { identifyProcess, isSameProcess, type ProcessIdentity } from './processes.ts';

const LOCK_FILE = 'lock';
const LOCK_ATTEMPTS_MAX = 5;

/** The exclusive right to use a data directory, held until `release`. */
export interface DataDirectoryLock {
  readonly dataDir: string;
  release(): void;
}

interface LockContent extends ProcessIdentity {
  readonly since: string;
}

/**
 * Makes sure that the data directory exists and that this account may write it.
 *
 * @returns its real path, without symbolic links.
 * @throws {PlatformError} `data-directory-unusable` or `disk-full`.
 */
export function prepareDataDirectory(dataDir: string): string {
  const isRoot = process.getuid?.() === 0;
  try {
    // Root runs PostgreSQL under another account, which must be able to pass through to its own folder.
    makeFolders(dataDir, isRoot ? 0o711 : 0o700);
    if (!statSync(dataDir).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    return realpathSync(dataDir);
  } catch (error) {
    throw unusable(dataDir, error);
  }
}

/** Step by step, because Node's own recursion never ends where the system makes no folders, as in /proc. */
function makeFolders(path: string, mode: number): void {
  if (existsSync(path)) return;
  makeFolders(dirname(path), mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error; // Another process was faster.
  }
}

function unusable(dataDir: string, error: unknown): PlatformError {
  const code = systemErrorCode(error) ?? String(error);
  const choose = 'choose another folder with CROSSPOINT_DATA_DIR (or --data-dir)';
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const message = `No space is left for the data directory ${dataDir} (${code}).`;
    return new PlatformError('disk-full', message, `Free space there, or ${choose}.`, error);
  }
  const reasons: Record<string, string> = {
    EACCES: `the account ${accountName()} may not write it`,
    EPERM: `the account ${accountName()} may not write it`,
    EROFS: 'it is on a read-only file system',
    ENOTDIR: 'a part of the path is not a folder',
    EEXIST: 'it is not a folder',
    ENOENT: 'the system lets nobody make files there',
    ELOOP: 'its symbolic links lead in a circle',
    ENAMETOOLONG: 'the path is too long',
  };
  const message = `The data directory ${dataDir} cannot be used: ${reasons[code] ?? code}.`;
  return new PlatformError(
    'data-directory-unusable',
    message,
    `Give this account the folder, or ${choose}.`,
    error,
  );
}

function accountName(): string {
  return `with user id ${process.getuid?.() ?? '?'}`;
}

/** Who holds the lock of a data directory now, or undefined when it is free. */
export function lockHolder(dataDir: string): (ProcessIdentity & { since: string }) | undefined {
  const content = readLock(join(dataDir, LOCK_FILE));
  return content !== undefined && isSameProcess(content) ? content : undefined;
}

/**
 * Takes the lock of a prepared data directory. A lock that a dead process left is replaced.
 *
 * @throws {PlatformError} `data-directory-in-use`, naming the process and the folder.
 */
export function lockDataDirectory(dataDir: string): DataDirectoryLock {
  const path = join(dataDir, LOCK_FILE);
  const own = join(dataDir, `${LOCK_FILE}.${process.pid}`);
  const content: LockContent = { ...identifyProcess(process.pid), since: new Date().toISOString() };
  try {
    writeFileSync(own, JSON.stringify(content), { mode: 0o600 });
  } catch (error) {
    throw unusable(dataDir, error);
  }
  try {
    for (let attempt = 0; attempt < LOCK_ATTEMPTS_MAX; attempt++) {
      if (tryLink(own, path)) return { dataDir, release: () => releaseLock(path, content) };
      const holder = readLock(path);
      if (holder !== undefined && isSameProcess(holder)) throw inUse(dataDir, holder);
      removeStale(path, holder);
    }
  } finally {
    rmSync(own, { force: true });
  }
  const remedy = 'Try again; if it repeats, look for programs that write into this folder.';
  throw new PlatformError('data-directory-in-use', `The lock ${path} keeps changing.`, remedy);
}

/** A link is made whole or not at all, so that nobody ever reads a half-written lock. */
function tryLink(own: string, path: string): boolean {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Moves the stale lock aside first: should another process have renewed it meanwhile, it is put back. */
function removeStale(path: string, judged: LockContent | undefined): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return; // Another starting process has removed it.
    throw error;
  }
  const moved = readLock(aside);
  if (moved !== undefined && moved.since !== judged?.since && isSameProcess(moved)) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function readLock(path: string): LockContent | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof content !== 'object' || content === null || !('pid' in content)) return undefined;
    return Number.isSafeInteger(content.pid) ? (content as LockContent) : undefined;
  } catch {
    return undefined; // No lock, or one that a crash of the machine left damaged: nobody holds it.
  }
}

function releaseLock(path: string, own: LockContent): void {
  if (readLock(path)?.since === own.since) rmSync(path, { force: true });
}

function inUse(dataDir: string, holder: LockContent): PlatformError {
  return new PlatformError(
    'data-directory-in-use',
    `Crosspoint already runs on the data directory ${dataDir}: process ${holder.pid}, since ${holder.since}.`,
    `Stop it first (kill ${holder.pid}), or start this one with another CROSSPOINT_DATA_DIR.`,
  );
}
