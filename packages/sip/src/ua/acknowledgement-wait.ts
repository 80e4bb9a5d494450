import type { SipRequest } from '../message/index.ts';
import type { InviteServerTransaction } from '../transaction/index.ts';
import type { UserAgentContext } from './context.ts';
import { SuccessRepeater } from './success-repeater.ts';

/** Our last 2xx to an INVITE or re-INVITE, repeated until its ACK comes (RFC 3261 §13.3.1.4). */
export class AcknowledgementWait {
  /** Whether the first 2xx of the session has been acknowledged; always so where the INVITE was ours. */
  isConfirmed: boolean;
  private readonly context: UserAgentContext;
  private readonly onMissing: (nowMs: number) => void;
  private repeater: SuccessRepeater | undefined;
  private isOffer = false;

  /** `onMissing` is called when no ACK has come for 64*T1. */
  constructor(context: UserAgentContext, isConfirmed: boolean, onMissing: (nowMs: number) => void) {
    this.context = context;
    this.isConfirmed = isConfirmed;
    this.onMissing = onMissing;
  }

  /** Whether an ACK is awaited. */
  get isOpen(): boolean {
    return this.repeater !== undefined;
  }

  /** Whether the ACK that is awaited will bring the answer to an offer of ours. */
  get bringsAnswer(): boolean {
    return this.repeater !== undefined && this.isOffer;
  }

  start(transaction: InviteServerTransaction, bytes: Uint8Array, invite: SipRequest, nowMs: number): void {
    const { sequence } = invite;
    this.isOffer = invite.body.length === 0;
    this.repeater = new SuccessRepeater(this.context, transaction, bytes, sequence, nowMs, (at) => {
      this.repeater = undefined;
      this.onMissing(at);
    });
  }

  /** Whether an ACK with this CSeq number is the one awaited. */
  awaits(sequence: number): boolean {
    return this.repeater?.sequence === sequence;
  }

  stop(): void {
    this.repeater?.stop();
    this.repeater = undefined;
  }
}
