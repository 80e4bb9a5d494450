import type { SipEvent } from '@crosspoint/sip';
import type { SipLeg } from './leg.ts';
import type { SipShell } from './shell.ts';

interface AskedTransfer {
  leg: SipLeg;
  /** The leg is over for the house; its session ends when the far end has heard how the transfer went. */
  lingering: { sessionId: string; timer: NodeJS.Timeout } | undefined;
}

/** A device is rung for 30 s, and somebody in its place as long again; then its far end is let go unheard. */
const lingerMaxMs = 75_000;

/**
 * Transfers that far ends have asked for by REFER (RFC 3515), until they know how it went. Telephones that are hung up before
 * mostly forget the subscription with the call, so that they never learn of a failure: our BYE waits for the last NOTIFY.
 */
export class AskedTransfers {
  readonly #shell: SipShell;
  readonly #open = new Map<string, AskedTransfer>();

  constructor(shell: SipShell) {
    this.#shell = shell;
  }

  /** Takes the REFER: the far end hears 100 Trying, and later how it went. */
  take(referId: string, leg: SipLeg): void {
    const taken = this.#shell.run((stack, now) => stack.transfers.accept({ referId }, now));
    if (taken.ok) this.#open.set(referId, { leg, lingering: undefined });
  }

  /** How it went, as a SIP status from 200. The report may still wait for the answer to the one before it. */
  end(referId: string, status: number): void {
    const reported = this.#shell.run((stack, now) => stack.transfers.report({ referId, status }, now));
    // Nobody is told: the far end wanted no reports, or has heard the last one.
    if (!reported.ok) this.#forget(referId);
  }

  /** The house hangs the leg up: true when its session stays until the far end has heard of its transfer. */
  linger(leg: SipLeg): boolean {
    for (const [referId, transfer] of this.#open) {
      if (transfer.leg !== leg) continue;
      const timer = setTimeout(() => this.end(referId, 408), lingerMaxMs);
      transfer.lingering = { sessionId: leg.sessionId, timer };
      return true;
    }
    return false;
  }

  /** What comes of sessions that linger. */
  handle(event: SipEvent): void {
    if (this.#open.size === 0) return;
    // The far end has heard how it went, wants no more reports, or cannot be reached.
    if (event.type === 'refer-told' || event.type === 'refer-ended') return this.#forget(event.referId);
    if (event.type !== 'reinvite' && event.type !== 'ended') return;
    for (const transfer of this.#open.values()) {
      const { lingering } = transfer;
      if (lingering?.sessionId !== event.sessionId) continue;
      if (event.type === 'ended') {
        // It hung up itself; its subscription outlives the call (RFC 5057).
        clearTimeout(lingering.timer);
        transfer.lingering = undefined;
      } else {
        const { sessionId } = lingering;
        this.#shell.run((stack, now) => stack.answerReinvite({ sessionId, status: 488 }, now));
      }
      return;
    }
  }

  #forget(referId: string): void {
    const { lingering } = this.#open.get(referId) ?? {};
    this.#open.delete(referId);
    if (lingering === undefined) return;
    const { sessionId, timer } = lingering;
    clearTimeout(timer);
    this.#shell.run((stack, now) => stack.bye({ sessionId }, now));
  }
}
