import { readDigits, type SipRequest, type SipResponse } from '../message/index.ts';
import type { Timer } from '../timers/index.ts';
import type { InviteServerTransaction } from '../transaction/index.ts';
import type { UserAgentContext } from './context.ts';

/** How many provisional responses may wait for the PRACK of the one before; a newer one then takes the last place. */
const waitingMax = 4;

/**
 * Sends provisional responses reliably (RFC 3262 §3): one at a time, each repeated until its PRACK comes: T1, doubling,
 * for 64*T1.
 */
export class ReliableResponses {
  private readonly context: UserAgentContext;
  private readonly invite: SipRequest;
  private readonly transaction: InviteServerTransaction;
  private readonly onGiveUp: (nowMs: number) => void;
  private readonly waiting: SipResponse[] = [];
  /** The response without its PRACK, as it was sent. */
  private unacknowledged: SipResponse | undefined;
  private sequence: number;
  private intervalMs = 0;
  private endsAtMs = 0;
  private timer: Timer | undefined;
  /** Whether a PRACK has come: then the caller knows of the dialog. */
  isAcknowledged = false;

  /** `onGiveUp` is called when no PRACK has come for 64*T1. */
  constructor(
    context: UserAgentContext,
    invite: SipRequest,
    transaction: InviteServerTransaction,
    onGiveUp: (nowMs: number) => void,
  ) {
    this.context = context;
    this.invite = invite;
    this.transaction = transaction;
    this.onGiveUp = onGiveUp;
    // §3: the first RSeq is drawn from 1 to 2^31 - 1; half of that leaves room to count.
    this.sequence = context.draw(2 ** 30);
  }

  /** Whether a response still waits for its PRACK. */
  get isUnacknowledged(): boolean {
    return this.unacknowledged !== undefined;
  }

  /** Sends a provisional response, now or when the one before it is acknowledged. */
  send(response: SipResponse, nowMs: number): void {
    if (this.unacknowledged !== undefined) {
      if (this.waiting.length >= waitingMax) this.waiting.pop();
      this.waiting.push(response);
      return;
    }
    this.sequence++;
    response.push('Require', '100rel');
    response.push('RSeq', String(this.sequence));
    this.unacknowledged = response;
    this.transaction.respond(response, nowMs);
    this.intervalMs = this.context.intervals.t1Ms;
    this.endsAtMs = nowMs + 64 * this.intervalMs;
    this.timer = this.context.timers.set(this, 'repeat', nowMs + this.intervalMs);
  }

  /** Takes a PRACK; false when it is about no response that waits for one. */
  acknowledge(prack: SipRequest): boolean {
    if (this.unacknowledged === undefined) return false;
    const [sequence = '', inviteSequence = '', method] = (prack.header('RAck') ?? '').split(/[ \t]+/, 4);
    const isMeant =
      readDigits(sequence) === this.sequence &&
      readDigits(inviteSequence) === this.invite.sequence &&
      method === 'INVITE';
    if (!isMeant) return false;
    this.unacknowledged = undefined;
    this.isAcknowledged = true;
    this.timer = this.context.timers.cancel(this.timer);
    return true;
  }

  /** Sends the next response that has been waiting. */
  sendNext(nowMs: number): void {
    const next = this.waiting.shift();
    if (next !== undefined) this.send(next, nowMs);
  }

  /** The final response is due: nothing more is sent or repeated. */
  stop(): void {
    this.waiting.length = 0;
    this.unacknowledged = undefined;
    this.timer = this.context.timers.cancel(this.timer);
  }

  onTimer(_name: string, nowMs: number): void {
    this.timer = undefined;
    if (this.unacknowledged === undefined) return;
    if (nowMs >= this.endsAtMs) {
      this.stop();
      this.onGiveUp(nowMs);
      return;
    }
    this.transaction.respond(this.unacknowledged, nowMs);
    this.intervalMs *= 2;
    this.timer = this.context.timers.set(this, 'repeat', Math.min(nowMs + this.intervalMs, this.endsAtMs));
  }
}
