import { ftruncateSync, readSync, writeSync } from 'node:fs';

/** How the server and its spares speak with `scripts/supervise.sh`, by signals, and with one another. */

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

/** Where the supervisor names the descriptor of a file without a name, which it shares with its children. */
const noteVariable = 'SUPERVISOR_NOTE';
const noteCharsMax = 4_000;

/** Keeps for the server why this spare could not be loaded; an empty text forgets what was kept. */
export function writeNote(child: Child, text: string): void {
  const note = noteOf(child);
  if (note === undefined) return;
  try {
    ftruncateSync(note);
    writeSync(note, text.slice(0, noteCharsMax), 0);
  } catch {
    // A full disk: whoever reads is told that nothing was said.
  }
}

/** What a spare wrote last; empty when it could not. */
export function readNote(child: Child): string {
  const note = noteOf(child);
  if (note === undefined) return '';
  try {
    const content = Buffer.alloc(4 * noteCharsMax);
    return content.toString('utf8', 0, readSync(note, content, 0, content.length, 0)).trim();
  } catch {
    return '';
  }
}

function noteOf(child: Child): number | undefined {
  const note = child.env[noteVariable];
  return note === undefined || !hasSupervisor(child) ? undefined : Number(note);
}
