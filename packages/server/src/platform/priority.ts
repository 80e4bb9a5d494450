import * as os from 'node:os';
import type { Log } from './log.ts';

/** What of the operating system is asked. */
type Priorities = Pick<typeof os, 'getPriority' | 'setPriority'>;

/** Between the media processes, whose sound comes first, and everything else on the machine. */
const serverPriority = -5;

/**
 * Signalling and routing come before what else the machine does, where the system lets us say so: as root, with CAP_SYS_NICE, or
 * by `Nice=` of a service manager. To be called when the database is up, which inherits the priority that we have then.
 */
export function raisePriority(log: Log, { getPriority, setPriority }: Priorities = os): void {
  if (getPriority() <= serverPriority) return;
  try {
    setPriority(serverPriority);
  } catch (error) {
    log.debug({ err: error }, 'the priority of the process stays as it is');
  }
}

/** A program that we started goes on like any other, after the calls. */
export function lowerPriority(
  { pid }: { pid?: number | undefined },
  { getPriority, setPriority }: Priorities = os,
): void {
  if (pid === undefined || getPriority() >= os.constants.priority.PRIORITY_NORMAL) return;
  try {
    setPriority(pid, os.constants.priority.PRIORITY_NORMAL);
  } catch {
    // It has ended already, or belongs to another account by now.
  }
}
