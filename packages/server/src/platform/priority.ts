import * as os from 'node:os';

/** What of the operating system is asked. */
type Priorities = Pick<typeof os, 'getPriority' | 'setPriority'>;

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
