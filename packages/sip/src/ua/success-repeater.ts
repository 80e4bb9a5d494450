import type { Timer } from '../timers/index.ts';
import type { InviteServerTransaction } from '../transaction/index.ts';
import type { UserAgentContext } from './context.ts';

/**
 * Repeats a 2xx to an INVITE until its ACK comes (RFC 3261 §13.3.1.4): T1, doubling up to T2, over every transport,
 * for 64*T1.
 */
export class SuccessRepeater {
  /** CSeq number of the INVITE; the ACK carries the same. */
  readonly sequence: number;
  private readonly context: UserAgentContext;
  private readonly transaction: InviteServerTransaction;
  private readonly bytes: Uint8Array;
  private readonly onGiveUp: (nowMs: number) => void;
  private readonly endsAtMs: number;
  private intervalMs: number;
  private timer: Timer | undefined;

  constructor(
    context: UserAgentContext,
    transaction: InviteServerTransaction,
    bytes: Uint8Array,
    sequence: number,
    nowMs: number,
    onGiveUp: (nowMs: number) => void,
  ) {
    this.context = context;
    this.transaction = transaction;
    this.bytes = bytes;
    this.sequence = sequence;
    this.onGiveUp = onGiveUp;
    this.intervalMs = context.intervals.t1Ms;
    this.endsAtMs = nowMs + 64 * this.intervalMs;
    this.timer = context.timers.set(this, 'repeat', nowMs + this.intervalMs);
  }

  /** Further ACKs tell nothing new, and the transaction stays for 64*T1: it must not keep the whole call. */
  stop(): void {
    this.transaction.user = undefined;
    this.timer = this.context.timers.cancel(this.timer);
  }

  onTimer(_name: string, nowMs: number): void {
    this.timer = undefined;
    if (nowMs >= this.endsAtMs) {
      this.onGiveUp(nowMs);
      return;
    }
    this.transaction.repeatSuccess(this.bytes);
    this.intervalMs = Math.min(this.intervalMs * 2, this.context.intervals.t2Ms);
    this.timer = this.context.timers.set(this, 'repeat', Math.min(nowMs + this.intervalMs, this.endsAtMs));
  }
}
