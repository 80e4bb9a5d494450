import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PlatformError } from '../errors.ts';
import { commandLineOf, isAlive, processesIn, waitForEnd, workingDirectoryOf } from '../processes.ts';

const PID_FILE = 'postmaster.pid';
const SOCKET_LOCK = '.s.PGSQL.5432.lock';
const ORPHANS_END_TIMEOUT_MS = 15_000;

/** What a postmaster writes about itself (PostgreSQL source: include/utils/pidfile.h). */
export interface PostmasterFile {
  readonly pid: number;
  readonly socketDir: string;
  /** `starting`, `ready`, `stopping`, `standby`; empty very early. */
  readonly status: string;
}

/** Reads postmaster.pid; undefined when there is none or it is not whole yet. */
export function readPostmasterFile(clusterDir: string): PostmasterFile | undefined {
  let text: string;
  try {
    text = readFileSync(join(clusterDir, PID_FILE), 'utf8');
  } catch {
    return undefined; // No postmaster has been started, or it has ended cleanly.
  }
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return { pid, socketDir: lines[4] ?? '', status: (lines[7] ?? '').trim() };
}

/** The pid of the postmaster that runs this cluster, or undefined. A reused pid is not mistaken for it. */
export function runningPostmaster(clusterDir: string): number | undefined {
  const pid = readPostmasterFile(clusterDir)?.pid;
  if (pid === undefined || !isAlive(pid)) return undefined;
  // A postmaster works in its cluster. Without /proc nothing better than the living pid is known.
  const directory = workingDirectoryOf(pid);
  return directory === undefined && commandLineOf(pid) === undefined
    ? pid
    : directory === clusterDir
      ? pid
      : undefined;
}

/**
 * Removes what a postmaster left that was killed or went down with the machine. PostgreSQL itself refuses to start
 * when the old pid belongs to some other process by now; here it is certain that nobody works in the cluster any more.
 *
 * @throws {PlatformError} `database-start-failed` when processes of the old postmaster do not end.
 */
export async function clearStalePostmaster(layout: { clusterDir: string; socketDir: string }): Promise<void> {
  if (readPostmasterFile(layout.clusterDir) === undefined) return;
  for (const pid of processesIn(layout.clusterDir)) {
    if (await waitForEnd(pid, ORPHANS_END_TIMEOUT_MS)) continue;
    throw new PlatformError(
      'database-start-failed',
      `Process ${pid} of an earlier PostgreSQL still works in ${layout.clusterDir}.`,
      `End it (kill ${pid}) and start again.`,
    );
  }
  rmSync(join(layout.clusterDir, PID_FILE), { force: true });
  rmSync(join(layout.socketDir, SOCKET_LOCK), { force: true });
}
