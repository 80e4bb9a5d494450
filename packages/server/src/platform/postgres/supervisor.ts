import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, copyFileSync, openSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { ConnectionOptions } from '../database/index.ts';
import { PlatformError } from '../errors.ts';
import { lowerPriority } from '../priority/index.ts';
import { isAlive, waitForEnd } from '../processes.ts';
import { type Account, chooseAccount, spawnAs } from './account.ts';
import { findBinaries, type PostgresBinaries, reachableBinaries } from './binaries.ts';
import { explainFailure, readTail } from './failure.ts';
import { CLEAN_ENVIRONMENT, ensureCluster, hasCurrentFiles, writeOwnedFiles } from './initialise.ts';
import { type ClusterLayout, prepareLayout } from './layout.ts';
import { clearStalePostmaster, readPostmasterFile, runningPostmaster } from './postmaster.ts';
import { applicationConnection, isOurServer, provision } from './provision.ts';

export interface PostgresLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface PostgresOptions {
  /** A prepared and locked data directory. */
  readonly dataDir: string;
  readonly log: PostgresLog;
}

/** After a crash PostgreSQL replays its journal before it is ready; that may take minutes on a slow disk. */
const READY_TIMEOUT_MS = 300_000;
const READY_POLL_MS = 10;
const ADOPT_TIMEOUT_MS = 15_000;
const FAST_SHUTDOWN_TIMEOUT_MS = 20_000;
const IMMEDIATE_SHUTDOWN_TIMEOUT_MS = 10_000;
const WATCH_INTERVAL_MS = 2_000;
const RESTART_DELAY_MIN_MS = 500;
const RESTART_DELAY_MAX_MS = 30_000;
const LOG_BYTES_MAX = 16 * 1024 * 1024;

/**
 * The own PostgreSQL of one data directory: made at the first start, adopted when it survived a `kill -9` of the
 * server, started again when it ends by itself, and shut down with the server.
 */
export class EmbeddedPostgres {
  readonly connection: ConnectionOptions;
  readonly layout: ClusterLayout;
  readonly accountName: string;
  /** Whether a cluster was made, or a running one taken over, at this start. */
  readonly wasInitialised: boolean;
  readonly wasAdopted: boolean;
  readonly #binaries: PostgresBinaries;
  readonly #account: Account;
  readonly #log: PostgresLog;
  #pid: number;
  #stopping = false;
  #restarting = false;
  readonly #watch: NodeJS.Timeout;

  private constructor(parts: {
    binaries: PostgresBinaries;
    account: Account;
    layout: ClusterLayout;
    log: PostgresLog;
    pid: number;
    wasInitialised: boolean;
    wasAdopted: boolean;
  }) {
    this.#binaries = parts.binaries;
    this.#account = parts.account;
    this.#log = parts.log;
    this.#pid = parts.pid;
    this.layout = parts.layout;
    this.accountName = parts.account.name;
    this.wasInitialised = parts.wasInitialised;
    this.wasAdopted = parts.wasAdopted;
    this.connection = applicationConnection(parts.layout);
    this.#watch = setInterval(() => this.#check(), WATCH_INTERVAL_MS);
    this.#watch.unref();
  }

  /** @throws {PlatformError} with the reason and its remedy when PostgreSQL cannot run here. */
  static async start({ dataDir, log }: PostgresOptions): Promise<EmbeddedPostgres> {
    const account = chooseAccount();
    const installed = findBinaries();
    const layout = prepareLayout(dataDir, account, installed.major);
    const binaries = reachableBinaries(installed, account);
    const wasInitialised = await ensureCluster(binaries, layout, account);
    const adopted = await adopt(binaries, layout, log);
    const pid = adopted ?? (await startClean(binaries, layout, account));
    if (wasInitialised || adopted === undefined) await provision(layout);
    return new EmbeddedPostgres({
      binaries,
      account,
      layout,
      log,
      pid,
      wasInitialised,
      wasAdopted: adopted !== undefined,
    });
  }

  get pid(): number {
    return this.#pid;
  }

  /** Fast shutdown: open transactions are rolled back and everything is on disk. Returns when it has ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#watch);
    await stopPostmaster(this.#pid, this.#log);
  }

  #check(): void {
    if (this.#stopping || this.#restarting) return;
    if (!isAlive(this.#pid)) void this.#restart();
    else limitLog(this.layout.logFile);
  }

  async #restart(): Promise<void> {
    this.#restarting = true;
    this.#log.error({ pid: this.#pid }, 'PostgreSQL has ended unexpectedly and is started again');
    for (let delayMs = RESTART_DELAY_MIN_MS; !this.#stopping; ) {
      try {
        this.#pid = await startClean(this.#binaries, this.layout, this.#account);
        this.#log.info({ pid: this.#pid }, 'PostgreSQL runs again');
        break;
      } catch (error) {
        this.#log.error({ err: error, nextAttemptMs: delayMs }, 'PostgreSQL could not be started again');
      }
      await delay(delayMs);
      delayMs = Math.min(delayMs * 2, RESTART_DELAY_MAX_MS);
    }
    this.#restarting = false;
    if (this.#stopping) await stopPostmaster(this.#pid, this.#log);
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

/** Takes over a postmaster that runs this cluster; one that is not exactly what we would start is stopped instead. */
async function adopt(
  binaries: PostgresBinaries,
  layout: ClusterLayout,
  log: PostgresLog,
): Promise<number | undefined> {
  const pid = runningPostmaster(layout.clusterDir);
  if (pid === undefined) return undefined;
  try {
    await waitUntilReady(layout, () => !isAlive(pid), ADOPT_TIMEOUT_MS);
    const isSame = readPostmasterFile(layout.clusterDir)?.socketDir === layout.socketDir;
    if (
      isSame &&
      hasCurrentFiles(layout, binaries.major) &&
      (await isOurServer(layout, serverVersion(binaries)))
    ) {
      log.info({ pid }, 'took over the PostgreSQL that was still running');
      return pid;
    }
  } catch (error) {
    log.warn({ err: error, pid }, 'the PostgreSQL that was still running does not answer and is stopped');
  }
  await stopPostmaster(pid, log);
  return undefined;
}

const versions = new Map<string, string>();

/** The version that the binaries report, such as `18.4`. */
function serverVersion(binaries: PostgresBinaries): string {
  let version = versions.get(binaries.root);
  if (version === undefined) {
    const program = join(binaries.root, 'bin', 'postgres');
    const answer = spawnSync(program, ['--version'], { encoding: 'utf8', timeout: ADOPT_TIMEOUT_MS });
    version = /\) (\S+)/.exec(answer.stdout ?? '')?.[1] ?? 'unknown';
    versions.set(binaries.root, version);
  }
  return version;
}

async function startClean(
  binaries: PostgresBinaries,
  layout: ClusterLayout,
  account: Account,
): Promise<number> {
  await clearStalePostmaster(layout);
  writeOwnedFiles(layout, account, binaries.major);
  limitLog(layout.logFile);
  const logFile = openSync(layout.logFile, 'a', 0o600);
  const logStart = statSync(layout.logFile).size;
  let child: ChildProcess;
  try {
    child = spawn(join(binaries.root, 'bin', 'postgres'), ['-D', layout.clusterDir], {
      ...spawnAs(account),
      cwd: '/',
      env: CLEAN_ENVIRONMENT,
      stdio: ['ignore', logFile, logFile],
      // A session of its own: Ctrl-C in the terminal is for the server, which then stops PostgreSQL in order.
      detached: true,
    });
  } finally {
    closeSync(logFile);
  }
  let ended: string | undefined;
  child.once('error', (error) => {
    ended = error.message;
  });
  lowerPriority(child);
  child.once('exit', (code, signal) => {
    ended = `ended with ${code ?? signal}`;
  });
  await waitUntilReady(layout, () => ended !== undefined, READY_TIMEOUT_MS);
  if (ended !== undefined || child.pid === undefined) {
    const what = `PostgreSQL could not be started on ${layout.clusterDir} (it ${ended ?? 'has no process'})`;
    const output = `${readTail(layout.logFile, logStart)}\n${ended ?? ''}`;
    throw explainFailure(what, output, 'database-start-failed');
  }
  child.unref();
  return child.pid;
}

/** Returns when the postmaster says that it is ready, or `hasEnded`. */
async function waitUntilReady(
  layout: ClusterLayout,
  hasEnded: () => boolean,
  timeoutMs: number,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!hasEnded()) {
    if (readPostmasterFile(layout.clusterDir)?.status === 'ready') return;
    if (performance.now() > deadline) {
      throw new PlatformError(
        'database-start-failed',
        `PostgreSQL in ${layout.clusterDir} is not ready after ${Math.round(timeoutMs / 1000)} seconds.`,
        `Look into ${layout.logFile}; after a crash it may still be replaying its journal.`,
      );
    }
    await new Promise((resolve) => {
      setTimeout(resolve, READY_POLL_MS);
    });
  }
}

async function stopPostmaster(pid: number, log: PostgresLog): Promise<void> {
  if (!signal(pid, 'SIGINT')) return;
  if (await waitForEnd(pid, FAST_SHUTDOWN_TIMEOUT_MS)) return;
  log.warn({ pid }, 'PostgreSQL does not stop; it is told to end at once and will recover at its next start');
  signal(pid, 'SIGQUIT');
  if (await waitForEnd(pid, IMMEDIATE_SHUTDOWN_TIMEOUT_MS)) return;
  throw new PlatformError(
    'database-start-failed',
    `PostgreSQL (process ${pid}) does not end.`,
    `End it with "kill ${pid}"; do not use kill -9.`,
  );
}

/** Whether the signal could be sent, that is, whether the process still existed. */
function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/** PostgreSQL keeps its log open for appending: an overlong one is copied aside and emptied, not renamed. */
function limitLog(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= LOG_BYTES_MAX) return;
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
}
