import type { LegId } from '@crosspoint/contracts';
import type { SipEvent } from '@crosspoint/sip';
import type { SoundSocket } from '../door.ts';
import type { SipLeg } from './leg.ts';
import type { SipShell } from './shell.ts';

export interface SoundMovesContext {
  shell: SipShell;
  /** The far end cannot be told where its sound is now. */
  failed: (leg: SipLeg) => void;
  /** Writes a refusal to the log. */
  log: (what: string, detail: string) => void;
}

interface Telling {
  attempts: number;
  timer: NodeJS.Timeout | undefined;
}

/** An offer of the far end, or an ACK on its way, stands in the way for a moment only. */
const retryDelayMs = 150;
const attemptsMax = 20;
/** A far end that refuses is not asked twenty times. */
const refusalWeight = 7;

/**
 * Legs whose sound goes through another socket in mid-call: their far ends are told by a re-INVITE (RFC 3261 §14.1), as
 * soon as the call is up and no other offer is open.
 */
export class SoundMoves {
  readonly #context: SoundMovesContext;
  readonly #telling = new Map<LegId, Telling>();

  constructor(context: SoundMovesContext) {
    this.#context = context;
  }

  /** The leg has another socket. One that is not up yet is told when it is. */
  moved(leg: SipLeg, socket: SoundSocket): void {
    if (leg.sound === undefined) return this.#context.failed(leg);
    leg.sound.useSocket(socket);
    this.tell(leg);
  }

  /** Tells the far end of a leg that is up what it does not know yet. */
  tell(leg: SipLeg): void {
    if (leg.state !== 'up' || leg.sound?.isOutdated !== true) return;
    // What is offered already is answered first, and shows then that it is not what is to be known any more.
    if (this.isTelling(leg.legId) && leg.sound.awaitsAnswer) return;
    this.forget(leg.legId);
    const telling = { attempts: 0, timer: undefined };
    this.#telling.set(leg.legId, telling);
    this.#offer(leg, telling);
  }

  /** Tells the far ends of legs taken up from a former process what that one may not have told them; a page is told when it is back. */
  tellAll(legs: Iterable<SipLeg>): void {
    for (const leg of legs) if (leg.browser === undefined) this.tell(leg);
  }

  /** Whether the far end of that leg is being told. */
  isTelling(legId: LegId): boolean {
    return this.#telling.has(legId);
  }

  /** How our offer was taken. */
  answered(leg: SipLeg, { status, reason, body }: Extract<SipEvent, { type: 'reinvite-result' }>): void {
    const telling = this.#telling.get(leg.legId);
    if (telling === undefined || leg.sound === undefined) return;
    const isTaken = status >= 200 && status < 300;
    const problem =
      isTaken && body !== undefined
        ? leg.sound.acceptAnswer(body)?.detail
        : `${status} ${reason} to a new socket`;
    if (problem !== undefined) {
      leg.sound.withdrawOffer();
      this.#context.log('media', problem);
    }
    // Also when the far end has made an offer of its own meanwhile, whose answer told it.
    if (!leg.sound.isOutdated) return this.forget(leg.legId);
    // A page that cannot take it is called again at once.
    const isRefusedByPage = status === 488 && leg.browser !== undefined;
    telling.attempts += problem === undefined ? 1 : isRefusedByPage ? attemptsMax : refusalWeight;
    this.#again(leg, telling);
  }

  /** The leg is over, or knows. */
  forget(legId: LegId): void {
    clearTimeout(this.#telling.get(legId)?.timer);
    this.#telling.delete(legId);
  }

  #offer(leg: SipLeg, telling: Telling): void {
    const { sessionId, sound } = leg;
    if (sound?.isOutdated !== true) return this.forget(leg.legId);
    // An offer that is on its way must not be forgotten for one that cannot go out: its answer would not be understood.
    if (!sound.awaitsAnswer) {
      const body = sound.offerAsIs();
      const sent = this.#context.shell.run((stack, now) => stack.reinvite({ sessionId, body }, now));
      if (sent.ok) return;
      sound.withdrawOffer();
    }
    telling.attempts++;
    this.#again(leg, telling);
  }

  #again(leg: SipLeg, telling: Telling): void {
    clearTimeout(telling.timer);
    if (telling.attempts < attemptsMax) {
      telling.timer = setTimeout(() => this.#offer(leg, telling), retryDelayMs);
      return;
    }
    this.forget(leg.legId);
    this.#context.failed(leg);
  }
}
