import { createReadStream } from 'node:fs';

/**
 * A spare is a second process of the server with all of its code loaded, which does nothing until the first one has died: so
 * calls are taken again about a second and a half sooner. `scripts/supervise.sh` starts it when the server asks for it, which it does once
 * calls are up: who has none to lose does not pay its memory.
 */

/** Asks `scripts/supervise.sh` for a spare. */
const spareSignal = 'SIGUSR1';
/** Where `scripts/supervise.sh` tells a spare to go on; it ends with the supervisor. */
const toldAt = 3;
/** What a spare ends with that never served; `scripts/supervise.sh` then starts the server as if there had been none. */
const SPARE_FAILED_CODE = 72;
/** The calls that are up are looked for so often. */
const lookMs = 1_000;

const spareTitle = 'crosspoint-spare';
const spareVariable = 'SUPERVISED_SPARE';

/** Whether this process waits for the end of another one. */
export function isSpare(env: NodeJS.ProcessEnv = process.env): boolean {
  return env[spareVariable] === '1';
}

/**
 * Resolves when this process is to serve; it ends when nobody will ask it to any more.
 *
 * @param load loads what a server consists of.
 */
export async function waitForTurn(load: () => Promise<unknown>): Promise<void> {
  // Nobody who looks for the server in a list of processes should find this one.
  process.title = spareTitle;
  // Whoever stops the server stops this one by closing the line; Ctrl-C reaches every process of the terminal.
  try {
    await load();
    if (!(await isTold())) process.exit(0);
  } catch (error) {
    // Loaded only now: a process that is no spare should not wait for what this needs.
    const { printError } = await import('./output.ts');
    printError(error);
    process.exit(SPARE_FAILED_CODE);
  }
  delete process.env[spareVariable];
  process.title = [process.argv0, ...process.execArgv, ...process.argv.slice(1)].join(' ');
}

async function isTold(): Promise<boolean> {
  const line = createReadStream('', { fd: toldAt });
  // The first word is the only one: leaving the loop closes the line, which the programs that this server starts must not hold.
  for await (const _word of line) return true;
  return false;
}

/**
 * Asks for a spare as soon as calls are up, where a supervisor is there to keep one: at once when they are already, which are those
 * of a process that has died.
 *
 * @returns stops looking.
 */
export function askForSpare(
  openCalls: () => number,
  { env, ppid, kill }: Pick<NodeJS.Process, 'env' | 'ppid' | 'kill'> = process,
): () => void {
  // Nobody else is sent a signal that would end it.
  if (env['SUPERVISOR'] !== String(ppid)) return () => undefined;
  let isAsked = false;
  const look = () => {
    if (isAsked || openCalls() === 0) return;
    isAsked = true;
    try {
      kill(ppid, spareSignal);
    } catch {
      // The supervisor is gone: the next start is then somebody else's.
    }
  };
  look();
  const timer = setInterval(look, lookMs);
  timer.unref();
  return () => clearInterval(timer);
}
