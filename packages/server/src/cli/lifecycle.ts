import type { Log } from '../platform/index.ts';
import { NewSpares } from './new-spares.ts';

/** A request to stop, by a signal or by a fault that nobody caught. */
export interface StopRequest {
  readonly requested: Promise<string>;
  /** Settles when it was asked for a second time: nothing is waited for any more that only would be nice. */
  readonly hurried: Promise<void>;
  readonly isRequested: boolean;
  dispose(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Ctrl-C reaches us from the terminal and once more from npm: what comes so soon is the same key press. */
const SAME_REQUEST_MS = 1_000;

/** What `scripts/supervise.sh` starts the server again after. */
const CRASH_CODE = 70;

/** Whether `scripts/supervise.sh` starts the server after another one, whose calls may go on meanwhile. */
export function isStartedAgain(): boolean {
  return process.env['SUPERVISED_AGAIN'] === '1';
}

/** What a start that fails ends with: the next attempt may take up the calls, where there is one. */
export function failedStartCode(): number {
  return isStartedAgain() ? CRASH_CODE : 1;
}

/** After this one `scripts/supervise.sh` starts the server again as well, without counting a crash. */
const HAND_OVER_CODE = 71;

/**
 * Lets the next process take up the calls of this one, which ends: after an update, or for new settings. The next one is a spare, where
 * the supervisor makes one, which is loaded first: SIP is away only for the time between them, and a version that cannot be loaded
 * changes nothing.
 *
 * @param refused is told why this process goes on; whoever asked for another one is a command that waits.
 * @returns passes the signal over from then on; without anybody who hears it, it would end the process.
 */
export function handOverOnSignal(
  log: Log,
  handOver: () => Promise<void>,
  refused: (reason: string) => void,
): () => void {
  let state: 'serving' | 'awaiting' | 'ending' = 'serving';
  const goOn = (reason: string, details: object): void => {
    state = 'serving';
    log.error(details, `${reason}; this process goes on`);
  };
  const end = (): void => {
    state = 'ending';
    log.info('handing over to a new process; calls go on');
    handOver().then(
      () => process.exit(HAND_OVER_CODE),
      (error: unknown) => {
        goOn('handing over failed', { err: error });
        refused(`Handing over failed: ${error instanceof Error ? error.message : String(error)}`);
      },
    );
  };
  const spares = new NewSpares((spare) => {
    if (spare.outcome === 'loaded') return end();
    goOn('the new process could not be loaded', { reason: spare.reason });
    refused(`The new process could not be loaded: ${spare.reason || 'it ended before it could say why.'}`);
  });
  process.on(HAND_OVER_SIGNAL, () => {
    if (!isSupervised()) {
      log.warn('SIGUSR2 asks for a new process, but nobody starts one: run the server by npm start');
      refused('Nobody starts another process after this one, which was not started by npm start.');
    } else if (state === 'ending') {
      log.warn('SIGUSR2 asks for a new process, but this one is just ending');
    } else if (state === 'serving') {
      if (!spares.ask()) return end();
      state = 'awaiting';
      log.info('a new process is loaded, to which this one will hand over');
    }
  });
  return () => {
    state = 'ending';
    spares.stop();
  };
}

export const HAND_OVER_SIGNAL = 'SIGUSR2';

/** Whether somebody starts the server again when it ends by itself; an orderly stop would end every call. */
function isSupervised(): boolean {
  const { SUPERVISED, SUPERVISOR } = process.env;
  // A supervisor of an older version does not tell its number; one that was killed leaves its own behind.
  return SUPERVISED === 'crosspoint' && (SUPERVISOR === undefined || SUPERVISOR === String(process.ppid));
}

/** Thrown by {@link unless}; the start is given up in order. */
class StopRequested extends Error {}

/**
 * Listens for the signals that ask for an orderly stop. The first one starts it; a repeated Ctrl-C changes nothing
 * but says so; the fourth, for those in a hurry, ends the process at once (PostgreSQL then is adopted or recovers).
 */
export function listenForStop(log: Log): StopRequest {
  let requestedAt: number | undefined;
  let repeats = 0;
  let request: (reason: string) => void = () => undefined;
  const { promise: hurried, resolve: hurry } = Promise.withResolvers<void>();
  const requested = new Promise<string>((resolve) => {
    request = (reason) => {
      requestedAt ??= performance.now();
      resolve(reason);
    };
  });
  const onSignal = (signal: string): void => {
    if (requestedAt === undefined) {
      request(signal);
    } else if (performance.now() - requestedAt > SAME_REQUEST_MS) {
      repeats++;
      if (repeats >= 3) process.exit(130);
      hurry();
      log.warn('still stopping: calls and data are brought to a safe end');
    }
  };
  const onException = (error: unknown): void => {
    if (isSupervised()) {
      log.fatal({ err: error }, 'an error that nobody expected: the server starts anew, and calls go on');
      process.exit(CRASH_CODE);
    }
    log.fatal({ err: error }, 'an error that nobody expected: the server stops');
    process.exitCode = 1;
    request('uncaught exception');
  };
  const onRejection = (error: unknown): void => {
    log.error({ err: error }, 'a promise was rejected and nobody cared: a bug, please report it');
  };
  const onOutputError = (): void => undefined; // The terminal or pipe is gone; the signal that follows stops us.
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on('uncaughtException', onException);
  process.on('unhandledRejection', onRejection);
  process.stdout.on('error', onOutputError);
  process.stderr.on('error', onOutputError);
  return {
    requested,
    hurried,
    get isRequested() {
      return requestedAt !== undefined;
    },
    dispose() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
      process.off('uncaughtException', onException);
      process.off('unhandledRejection', onRejection);
    },
  };
}

/** Gives up the start when a stop was requested meanwhile. */
export function unless(stop: StopRequest): void {
  if (stop.isRequested) throw new StopRequested();
}

interface Closer {
  readonly name: string;
  readonly timeoutMs: number;
  readonly close: () => Promise<void>;
}

/** What must be closed, in the reverse order of its opening, each with a time-out so that none holds up the rest. */
export class Closers {
  readonly #log: Log;
  readonly #closers: Closer[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  /** @param timeoutMs 0 for what cannot take time. */
  add(name: string, timeoutMs: number, close: () => Promise<void>): void {
    this.#closers.push({ name, timeoutMs, close });
  }

  /** @returns whether everything closed in time and without an error. */
  async close(): Promise<boolean> {
    let isClean = true;
    for (const closer of this.#closers.splice(0).reverse()) {
      try {
        await withTimeout(closer);
      } catch (error) {
        isClean = false;
        this.#log.error({ err: error }, `the ${closer.name} did not stop cleanly`);
      }
    }
    return isClean;
  }
}

async function withTimeout({ name, timeoutMs, close }: Closer): Promise<void> {
  if (timeoutMs === 0) return close();
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${name}: not stopped after ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([close(), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
