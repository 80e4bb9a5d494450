import { createHash } from 'node:crypto';
import {
  chownSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeDurablySync } from '../durable-files.ts';
import { PlatformError } from '../errors.ts';
import { newId } from '../ids.ts';
import { type Account, canUse } from './account.ts';
import { SHARED_STATE_DIR } from './binaries.ts';
import { runningPostmaster } from './postmaster.ts';

/** Where the own PostgreSQL keeps its things. Every folder belongs to its account alone. */
export interface ClusterLayout {
  /** Holds everything below; inside the data directory where possible. */
  readonly baseDir: string;
  readonly clusterDir: string;
  readonly socketDir: string;
  readonly logFile: string;
  /** Whether the base lies outside the data directory, because the account cannot enter that. */
  readonly isOutside: boolean;
}

/** `dataDir/postgres.json`: says where the cluster is. */
interface Pointer {
  readonly instanceId: string;
  /** Absolute, or undefined for `postgres` inside the data directory, which may then be moved as a whole. */
  readonly outsideDir?: string;
}

/** `owner.json` in a base outside: whose it is. */
interface Owner {
  readonly instanceId: string;
  readonly dataDir: string;
}

const POINTER_FILE = 'postgres.json';
const OWNER_FILE = 'owner.json';
/** sun_path of a unix socket holds 108 bytes on Linux and 104 on macOS, with the final zero. */
const SOCKET_PATH_BYTES_MAX = process.platform === 'darwin' ? 103 : 107;
const SOCKET_NAME = '/.s.PGSQL.5432.lock';

/** The layout that was recorded for a data directory, without changing anything; undefined before the first start. */
export function recordedLayout(dataDir: string, major: number): ClusterLayout | undefined {
  const pointer = readJson<Pointer>(join(dataDir, POINTER_FILE));
  return pointer === undefined ? undefined : layoutAt(dataDir, pointer, major);
}

/**
 * Decides at the first start where the cluster lives, and makes its folders.
 *
 * @throws {PlatformError} `data-directory-in-use` when the data directory is a copy whose original still exists.
 */
export function prepareLayout(dataDir: string, account: Account, major: number): ClusterLayout {
  const pointerFile = join(dataDir, POINTER_FILE);
  let pointer = readJson<Pointer>(pointerFile);
  if (pointer === undefined) {
    const instanceId = newId();
    const isInside = canUse(account, dataDir, 'enter');
    pointer = isInside ? { instanceId } : { instanceId, outsideDir: join(SHARED_STATE_DIR, instanceId) };
    if (!isInside) removeTemporaryBases();
    writeDurablySync(pointerFile, JSON.stringify(pointer));
  }
  const layout = layoutAt(dataDir, pointer, major);
  if (pointer.outsideDir !== undefined) mkdirSync(SHARED_STATE_DIR, { recursive: true, mode: 0o755 });
  makePrivate(layout.baseDir, account);
  if (pointer.outsideDir !== undefined) claim(layout.baseDir, { instanceId: pointer.instanceId, dataDir });
  makePrivate(layout.socketDir, account);
  return layout;
}

function layoutAt(dataDir: string, pointer: Pointer, major: number): ClusterLayout {
  const baseDir = pointer.outsideDir ?? join(dataDir, 'postgres');
  return {
    baseDir,
    clusterDir: join(baseDir, String(major)),
    socketDir: socketDirFor(baseDir, pointer.instanceId),
    logFile: join(baseDir, 'postgres.log'),
    isOutside: pointer.outsideDir !== undefined,
  };
}

/** The folder of the socket: beside the cluster, or under /tmp when that path is longer than a socket may have. */
function socketDirFor(baseDir: string, instanceId: string): string {
  const preferred = join(baseDir, 'run');
  if (Buffer.byteLength(preferred + SOCKET_NAME) <= SOCKET_PATH_BYTES_MAX) return preferred;
  const hash = createHash('sha256').update(`${instanceId} ${baseDir}`).digest('hex').slice(0, 16);
  return join('/tmp', `crosspoint-${hash}`);
}

/** Makes a folder that the account alone may enter. One that somebody else has put there is refused. */
function makePrivate(directory: string, account: Account): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const found = lstatSync(directory);
  const ownUid = process.getuid?.() ?? -1;
  if (!found.isDirectory() || (found.uid !== account.uid && found.uid !== ownUid)) {
    throw new PlatformError(
      'data-directory-unusable',
      `${directory} exists already and does not belong to the account ${account.name} (user id ${found.uid}).`,
      'Start Crosspoint under the account that started it first, or remove that folder if nobody needs it.',
    );
  }
  if (account.isOther) chownSync(directory, account.uid, account.gid);
  chmodSync(directory, 0o700);
}

/** Notes whose base this is. A copied data directory must not run the cluster of its original. */
function claim(baseDir: string, owner: Owner): void {
  const file = join(baseDir, OWNER_FILE);
  const known = readJson<Owner>(file);
  if (known !== undefined && known.dataDir !== owner.dataDir) {
    const original = readJson<Pointer>(join(known.dataDir, POINTER_FILE));
    if (original?.instanceId === owner.instanceId) {
      throw new PlatformError(
        'data-directory-in-use',
        `${owner.dataDir} is a copy of ${known.dataDir}: both point to the database in ${baseDir}.`,
        'Make copies with "crosspoint backup" and "crosspoint restore" instead.',
      );
    }
  }
  if (known?.dataDir !== owner.dataDir) writeDurablySync(file, JSON.stringify(owner));
}

/** A base outside the data directory, and the data directory that it belongs to. */
interface OutsideBase {
  readonly baseDir: string;
  readonly dataDir: string;
}

function outsideBases(): OutsideBase[] {
  if (!existsSync(SHARED_STATE_DIR)) return [];
  return readdirSync(SHARED_STATE_DIR).flatMap((name) => {
    const baseDir = join(SHARED_STATE_DIR, name);
    const owner = readJson<Owner>(join(baseDir, OWNER_FILE));
    return owner === undefined ? [] : [{ baseDir, dataDir: owner.dataDir }];
  });
}

/** Bases whose data directory was deleted; nobody can reach their data any more but by hand. */
export function abandonedBases(): OutsideBase[] {
  return outsideBases().filter(({ dataDir }) => !existsSync(join(dataDir, POINTER_FILE)));
}

/**
 * Deletes the databases of data directories that lay in the system's temporary folder and are gone, as trials and
 * tests leave them. Elsewhere a missing data directory may just be a disk that is not mounted.
 */
function removeTemporaryBases(): void {
  const temporary = realpathSync(tmpdir());
  for (const { baseDir, dataDir } of abandonedBases()) {
    if (dataDir.startsWith(`${temporary}/`) && !isInUse(baseDir))
      rmSync(baseDir, { recursive: true, force: true });
  }
}

function isInUse(baseDir: string): boolean {
  return readdirSync(baseDir).some((name) => runningPostmaster(join(baseDir, name)) !== undefined);
}

function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new PlatformError(
      'data-directory-unusable',
      `The file ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      'Restore it from a backup. If this is a new installation without data, delete the data directory.',
      error,
    );
  }
}
