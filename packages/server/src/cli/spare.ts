import { Socket } from 'node:net';
import { type Child, hasSupervisor, tell, writeNote } from './supervisor.ts';

/**
 * A spare is another process of the server with all of its code loaded, which does nothing until the first one has died: so
 * calls are taken again about a second and a half sooner. `scripts/supervise.sh` keeps two when the server asks for them, which it does while
 * calls are up: who has none to lose does not pay their memory. A hand-over goes to one that is loaded for it, from what is on the disk now.
 */

/** Asks `scripts/supervise.sh` for a spare. */
const spareSignal = 'SIGUSR1';
const keepAskingMs = 5_000;
/** Where `scripts/supervise.sh` tells a spare to go on; it ends with the supervisor. */
const toldAt = 3;
/** What a spare ends with that never served; `scripts/supervise.sh` then starts the server as if there had been none. */
const SPARE_FAILED_CODE = 72;
/** The calls that are up are looked for so often. */
const lookMs = 1_000;

const spareTitle = 'crosspoint-spare';
const spareVariable = 'SUPERVISED_SPARE';
/** Set where somebody waits until this spare has loaded everything. */
const awaitedVariable = 'SUPERVISED_AWAITED';

/** Whether this process waits for the end of another one. */
export function isSpare(env: NodeJS.ProcessEnv = process.env): boolean {
  return env[spareVariable] === '1';
}

/**
 * Resolves when this process is to serve; it ends when nobody will ask it to any more.
 *
 * @param load loads what a server consists of.
 * @param hurry is called when this process is to serve, which may be before everything is loaded: until then what serves goes before it.
 */
export async function waitForTurn(load: () => Promise<unknown>, hurry: () => void): Promise<void> {
  // Nobody who looks for the server in a list of processes should find this one.
  process.title = spareTitle;
  // Whoever stops the server stops this one by closing the line; Ctrl-C reaches every process of the terminal.
  try {
    const isTurn = isTold().then((isTold) => {
      if (!isTold) process.exit(0);
      hurry();
    });
    await load();
    tellThatLoaded();
    await isTurn;
  } catch (error) {
    // Before anything else is loaded, which may be what fails.
    if (isAwaited())
      writeNote(process, error instanceof Error ? (error.stack ?? error.message) : String(error));
    // Loaded only now: a process that is no spare should not wait for what this needs.
    const { printError } = await import('./output.ts');
    printError(error);
    process.exit(SPARE_FAILED_CODE);
  }
  delete process.env[spareVariable];
  delete process.env[awaitedVariable];
  process.title = [process.argv0, ...process.execArgv, ...process.argv.slice(1)].join(' ');
}

function tellThatLoaded(): void {
  if (isAwaited() && hasSupervisor(process)) tell(process, 'SIGALRM');
}

function isAwaited(): boolean {
  return process.env[awaitedVariable] === '1';
}

/** Resolves with false when the other end was closed without a word. */
function isTold(): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  // Not a stream of files: that would leave a thread reading for ever, which a process has to wait for when it ends.
  const line = new Socket({ fd: toldAt, readable: true, writable: false });
  const settle = (isTold: boolean) => {
    resolve(isTold);
    // The programs that this server starts must not hold it.
    line.destroy();
  };
  line.once('data', () => settle(true));
  line.once('end', () => settle(false));
  line.once('error', () => settle(false));
  return promise;
}

/**
 * Asks for spares as long as calls are up, where a supervisor is there to keep them: at once when they are already, which are those
 * of a process that has died.
 *
 * @returns stops looking.
 */
export function askForSpare(openCalls: () => number, child: Child = process): () => void {
  if (!hasSupervisor(child)) return () => undefined;
  let askedAtMs = Number.NEGATIVE_INFINITY;
  const look = () => {
    if (performance.now() - askedAtMs < keepAskingMs || openCalls() === 0) return;
    askedAtMs = performance.now();
    tell(child, spareSignal);
  };
  look();
  const timer = setInterval(look, lookMs);
  timer.unref();
  return () => clearInterval(timer);
}
