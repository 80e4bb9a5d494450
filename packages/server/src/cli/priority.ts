import * as os from 'node:os';

/** What of the operating system is asked. */
type Priorities = Pick<typeof os, 'getPriority' | 'setPriority'>;

/** Between the media processes, whose sound comes first, and everything else on the machine. */
const serverPriority = -5;

/**
 * Signalling and routing come before what else the machine does, where the system lets us say so: as root, with CAP_SYS_NICE, or
 * by `Nice=` of a service manager; else everything stays as it is. Programs that are started later inherit it, see `lowerPriority`.
 */
export function raisePriority({ getPriority, setPriority }: Priorities = os): void {
  if (getPriority() <= serverPriority) return;
  try {
    setPriority(serverPriority);
  } catch {
    // Not allowed here: the server then runs like everything else.
  }
}
