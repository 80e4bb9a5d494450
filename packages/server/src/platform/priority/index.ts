/**
 * Who comes first on a busy machine: the sound, then signalling and routing, then everything else, and last the threads of
 * the engine that compile and collect garbage beside the program.
 */
import { readdirSync, readFileSync } from 'node:fs';
import * as os from 'node:os';

/** What of the operating system is asked. Of a process that is given by its id, Linux changes the main thread. */
type Priorities = Pick<typeof os, 'getPriority' | 'setPriority'>;

/** Between the media processes, whose sound comes first, and everything else on the machine. */
export const serverPriority = -5;
export const mediaPriority: number = os.constants.priority.PRIORITY_ABOVE_NORMAL;
/** A quarter of the share of a thread of normal priority, so that code is compiled on a machine without an idle moment too. */
const backgroundPriority = 6;
/** How Node names the threads of the engine, from version 24 on; without such a name they are left alone. */
const backgroundThread = 'V8Worker';

/**
 * Raises this process where the system lets us say so: as root, with CAP_SYS_NICE, or by `Nice=` of a service manager; else
 * everything stays as it is. Programs that are started later inherit it, see `lowerPriority`.
 *
 * @returns why it is not allowed here, if it is not
 */
export function raisePriority(
  priority: number,
  { getPriority, setPriority }: Priorities = os,
): Error | undefined {
  if (getPriority() <= priority) return undefined;
  try {
    setPriority(priority);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
  return undefined;
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

/**
 * Whoever compiles hot code and marks the heap beside the program gives way to what a call waits for, here and in the other
 * processes. Linux knows a priority for each thread; elsewhere nothing is changed.
 */
export function lowerBackgroundThreads(
  setPriority: Priorities['setPriority'] = os.setPriority,
  tasks = '/proc/self/task',
): void {
  try {
    for (const task of readdirSync(tasks)) {
      const name = readFileSync(`${tasks}/${task}/comm`, 'utf8').trim();
      if (name === backgroundThread) setPriority(Number(task), backgroundPriority);
    }
  } catch {
    // No such folder, a thread that has just ended, or a system that forbids it: they go on as they did.
  }
}
