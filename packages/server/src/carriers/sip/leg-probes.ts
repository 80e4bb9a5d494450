import type { LegId } from '@crosspoint/contracts';
import type { SipEvent, SipStack } from '@crosspoint/sip';
import { isBrowserFlow } from './addressing.ts';

export interface LegProbesContext {
  /** The session of a leg whose device can be asked; undefined: there is none, or nothing is to be asked of it now. */
  sessionOf: (legId: LegId) => string | undefined;
  run: (action: (stack: SipStack, now: number) => void) => void;
  /** Nothing has answered. */
  vanish: (legId: LegId) => void;
}

/** So many are asked at once, and the next ones so much later: none of a thousand questions holds a call up. */
const roundMax = 10;
const roundMs = 20;
/** A page answers at once. Its customer shall not listen to silence until the transaction gives up (RFC 3261, timer F: 32 s). */
const pageAnswerMaxMs = 5_000;

/**
 * Asks the devices of legs that have been silent for long by OPTIONS whether they are there, and ends the legs of those that do not
 * answer. A network that fails makes all of its calls silent in the same second, so that they are asked a few at a time.
 */
export class LegProbes {
  readonly #context: LegProbesContext;
  readonly #waiting = new Set<LegId>();
  /** With the timer of those that are pages. */
  readonly #asked = new Map<LegId, NodeJS.Timeout | undefined>();
  #begunInRound = 0;
  #round: NodeJS.Timeout | undefined;

  constructor(context: LegProbesContext) {
    this.#context = context;
  }

  probe(legId: LegId): void {
    if (this.#asked.has(legId)) return;
    this.#waiting.add(legId);
    this.#askSome();
  }

  answered({ key, status }: Extract<SipEvent, { type: 'options-result' }>): void {
    const legId = key as LegId;
    // Any answer shows that the device is there; 408 and 503 are made by the stack when nothing answered.
    this.#over(legId, status !== 408 && status !== 503);
  }

  close(): void {
    clearTimeout(this.#round);
    for (const timer of this.#asked.values()) clearTimeout(timer);
    this.#waiting.clear();
    this.#asked.clear();
  }

  #over(legId: LegId, isThere: boolean): void {
    if (!this.#asked.has(legId)) return;
    clearTimeout(this.#asked.get(legId));
    this.#asked.delete(legId);
    if (!isThere) this.#context.vanish(legId);
  }

  #askSome(): void {
    for (const legId of this.#waiting) {
      if (this.#begunInRound === roundMax) return;
      this.#waiting.delete(legId);
      this.#ask(legId);
    }
  }

  #ask(legId: LegId): void {
    const { sessionOf, run } = this.#context;
    const session = sessionOf(legId);
    if (session === undefined) return;
    this.#begunInRound += 1;
    this.#round ??= setTimeout(() => {
      this.#round = undefined;
      this.#begunInRound = 0;
      this.#askSome();
    }, roundMs).unref();
    run((stack, now) => {
      const snapshot = stack.exportSession(session);
      if (snapshot === undefined) return;
      const { remoteTarget: uri, flow } = snapshot;
      const giveUp = () => this.#over(legId, false);
      this.#asked.set(legId, isBrowserFlow(flow) ? setTimeout(giveUp, pageAnswerMaxMs) : undefined);
      if (stack.options({ key: legId, uri, flow }, now).ok) return;
      clearTimeout(this.#asked.get(legId));
      this.#asked.delete(legId);
    });
  }
}
