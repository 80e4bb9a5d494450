/** How the server and its spares speak with `scripts/supervise.sh`, by signals. */

/** What of a process is needed to speak with its supervisor. */
export type Child = Pick<NodeJS.Process, 'env' | 'ppid' | 'kill'>;

/** Nobody else than the supervisor is sent a signal, which would end it. */
export function hasSupervisor({ env, ppid }: Child): boolean {
  return env['SUPERVISOR'] === String(ppid);
}

/** @returns false when the supervisor is gone: the next start is then somebody else's. */
export function tell({ ppid, kill }: Child, signal: NodeJS.Signals): boolean {
  try {
    return kill(ppid, signal);
  } catch {
    return false;
  }
}
