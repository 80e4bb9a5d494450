import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { systemErrorCode } from './errors.ts';

/**
 * Which process a pid meant when it was written down. A pid alone is reused; with the start time of the process and
 * the boot of the machine it is unique. Both are undefined where there is no /proc (macOS).
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to the start of the process (proc_pid_stat(5), field 22). */
  readonly startTicks: number | undefined;
  readonly bootId: string | undefined;
}

const STARTTIME_FIELDS_AFTER_NAME = 19;

function readIfPossible(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // The process has ended, or this system has no /proc.
  }
}

function startTicksOf(pid: number): number | undefined {
  const stat = readIfPossible(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name, in parentheses, may itself contain spaces and parentheses: count from its end.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[STARTTIME_FIELDS_AFTER_NAME]);
  return Number.isSafeInteger(ticks) ? ticks : undefined;
}

/** The identity of a running process. */
export function identifyProcess(pid: number): ProcessIdentity {
  return {
    pid,
    startTicks: startTicksOf(pid),
    bootId: readIfPossible('/proc/sys/kernel/random/boot_id')?.trim(),
  };
}

/** Whether a process with this pid exists, whoever it belongs to. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return systemErrorCode(error) === 'EPERM';
  }
  // A zombie has ended; only its parent has not collected it yet.
  const stat = readIfPossible(`/proc/${pid}/stat`);
  return stat === undefined || stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
}

/** Whether the very process that was identified still runs. */
export function isSameProcess(identity: ProcessIdentity): boolean {
  if (!isAlive(identity.pid)) return false;
  const now = identifyProcess(identity.pid);
  if (now.startTicks === undefined || identity.startTicks === undefined) return true;
  return now.startTicks === identity.startTicks && now.bootId === identity.bootId;
}

/** The working directory of a process, or undefined when it ended or may not be asked. */
export function workingDirectoryOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined; // The process has ended or belongs to somebody else.
  }
}

/** Pids of every process whose working directory is `directory` (a real path). Empty without /proc. */
export function processesIn(directory: string): number[] {
  let entries: string[];
  try {
    entries = readdirSync('/proc');
  } catch {
    return []; // No /proc on this system.
  }
  return entries
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => workingDirectoryOf(pid) === directory);
}

/** The command line of a process, arguments separated by spaces, or undefined when it is not known. */
export function commandLineOf(pid: number): string | undefined {
  const text = readIfPossible(`/proc/${pid}/cmdline`)
    ?.replaceAll(/[\0\s]+/g, ' ')
    .trim();
  return text === undefined || text === '' ? undefined : text;
}

/** Resolves once the process has ended, or with false when it still runs after `timeoutMs`. */
export async function waitForEnd(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (isAlive(pid)) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => {
      setTimeout(resolve, END_POLL_MS);
    });
  }
  return true;
}

const END_POLL_MS = 20;
