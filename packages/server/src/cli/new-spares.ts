import { type Child, hasSupervisor, readNote, tell, writeNote } from './supervisor.ts';

/** Asks `scripts/supervise.sh` for a new one to hand over to, and what became of that. */
const newSpareSignal = 'SIGUSR2';
/** Its answers. */
const answers = { SIGUSR1: 'loaded', SIGALRM: 'failed' } as const;
/** A signal that comes between two commands of a shell may go unseen. */
const askAgainMs = 1_000;

/** What is known of a spare that was asked for: all of it is loaded; or there will be none, and why, as far as it could say so. */
export type NewSpare = { outcome: 'loaded' } | { outcome: 'failed'; reason: string };

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
    for (const [signal, outcome] of Object.entries(answers)) child.on(signal, () => this.#settle(outcome));
  }

  /** @returns false where nobody makes one: the supervisor is of an older version, or gone. */
  ask(): boolean {
    if (!hasSupervisor(this.#child) || this.#child.env['SUPERVISOR_RENEWS'] !== '1') return false;
    writeNote(this.#child, '');
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

  #settle(outcome: NewSpare['outcome']): void {
    if (this.#timer === undefined) return;
    this.stop();
    this.#told(outcome === 'loaded' ? { outcome } : { outcome, reason: readNote(this.#child) });
  }
}
