import { Socket } from 'node:net';

/**
 * A spare is another process of the server with all of its code loaded, which does nothing until the first one has died: so
 * calls are taken again about a second and a half sooner. `scripts/supervise.sh` keeps two when the server asks for them, which it does while
 * calls are up: who has none to lose does not pay their memory. A hand-over goes to one that is loaded for it, from what is on the disk now.
 */

/** Asks `scripts/supervise.sh` for a spare. */
const spareSignal = 'SIGUSR1';
/** Asks it for a new one to hand over to, and what became of that. */
const newSpareSignal = 'SIGUSR2';
/** The answers of `scripts/supervise.sh`; the first one also is what the spare tells it. */
const answers = { SIGUSR1: 'loaded', SIGALRM: 'failed' } as const;
/** A signal that comes between two commands of a shell may go unseen. */
const askAgainMs = 1_000;
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
 */
export async function waitForTurn(load: () => Promise<unknown>): Promise<void> {
  // Nobody who looks for the server in a list of processes should find this one.
  process.title = spareTitle;
  // Whoever stops the server stops this one by closing the line; Ctrl-C reaches every process of the terminal.
  try {
    await load();
    tellThatLoaded();
    if (!(await isTold())) process.exit(0);
  } catch (error) {
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
  if (process.env[awaitedVariable] === '1' && hasSupervisor(process)) tell(process, 'SIGALRM');
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

/** What of a process is needed to speak with its supervisor. */
type Child = Pick<NodeJS.Process, 'env' | 'ppid' | 'kill'>;

/** Nobody else than the supervisor is sent a signal, which would end it. */
function hasSupervisor({ env, ppid }: Child): boolean {
  return env['SUPERVISOR'] === String(ppid);
}

/** @returns false when the supervisor is gone: the next start is then somebody else's. */
function tell({ ppid, kill }: Child, signal: NodeJS.Signals): boolean {
  try {
    return kill(ppid, signal);
  } catch {
    return false;
  }
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
    if (openCalls() === 0 || performance.now() - askedAtMs < keepAskingMs) return;
    askedAtMs = performance.now();
    tell(child, spareSignal);
  };
  look();
  const timer = setInterval(look, lookMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** What is known of a spare that was asked for: all of it is loaded; or there will be none. */
export type NewSpare = 'loaded' | 'failed';

/**
 * Asks for spares of what is on the disk now, which may be a newer version than that of this process.
 *
 * @param told is called once for each {@link NewSpares.ask} that was taken.
 */
export class NewSpares {
  readonly #told: (spare: NewSpare) => void;
  readonly #child: Child;
  #timer: NodeJS.Timeout | undefined;

  constructor(told: (spare: NewSpare) => void, child: Child & Pick<NodeJS.Process, 'on'> = process) {
    this.#told = told;
    this.#child = child;
    // For good: an answer that is repeated would open a debugger or end this process.
    for (const [signal, spare] of Object.entries(answers)) child.on(signal, () => this.#settle(spare));
  }

  /** @returns false where nobody makes one: the supervisor is of an older version, or gone. */
  ask(): boolean {
    if (!hasSupervisor(this.#child) || this.#child.env['SUPERVISOR_RENEWS'] !== '1') return false;
    if (!tell(this.#child, newSpareSignal)) return false;
    this.#timer = setInterval(() => {
      if (!tell(this.#child, newSpareSignal)) this.#settle('failed');
    }, askAgainMs);
    return true;
  }

  /** Nobody wants to know any more. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #settle(spare: NewSpare): void {
    if (this.#timer === undefined) return;
    this.stop();
    this.#told(spare);
  }
}
