import { readdirSync, readFileSync } from 'node:fs';

/** What `/proc` tells about one process (Linux). */
export type ProcessInfo = {
  pid: number;
  parentPid: number;
  commandLine: string;
  /** User and system time since its start, in milliseconds, without its children. */
  cpuMs: number;
  residentBytes: number;
  /** Since the system was started. */
  startedAtMs: number;
};

/** `USER_HZ`, the unit of times in `/proc/<pid>/stat`: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;
const pageBytes = 4096;

/** Undefined when the process is gone or a zombie. */
export function processInfo(pid: number): ProcessInfo | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command in parentheses may itself hold spaces and parentheses: the fields begin after the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const field = (number: number): number => Number(fields[number - 3]);
    if (fields[0] === 'Z') return undefined;
    return {
      pid,
      parentPid: field(4),
      commandLine: readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim(),
      cpuMs: ((field(14) + field(15)) * 1000) / ticksPerSecond,
      residentBytes: field(24) * pageBytes,
      startedAtMs: (field(22) * 1000) / ticksPerSecond,
    };
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** A process that ends while it is read answers ENOENT, or ESRCH once the file is open. */
function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH');
}

/**
 * Memory of a process with each shared page divided by the number of those who share it, so that a sum over a tree of
 * processes counts it once. Undefined when the process is gone or belongs to somebody else.
 */
export function proportionalBytes(pid: number): number | undefined {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch (error) {
    if (isGone(error) || (error instanceof Error && 'code' in error && error.code === 'EACCES'))
      return undefined;
    throw error;
  }
}

export function allProcesses(): ProcessInfo[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => processInfo(Number(name)))
    .filter((info) => info !== undefined);
}

/** The process and all its descendants that live now. */
export function processTree(pid: number): ProcessInfo[] {
  const all = allProcesses();
  const found = all.filter((info) => info.pid === pid);
  for (const parent of found) found.push(...all.filter((info) => info.parentPid === parent.pid));
  return found;
}

/** Sends a signal; false when the process is already gone. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}
