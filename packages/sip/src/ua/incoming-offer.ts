import type { Dialog } from '../dialog/index.ts';
import { writeMessage, type SipRequest } from '../message/index.ts';
import type { Timer } from '../timers/index.ts';
import { InviteServerTransaction, type ServerTransaction } from '../transaction/index.ts';
import type { CancelTarget, UserAgentContext } from './context.ts';
import type { BodyOptions, HeaderOptions } from './options.ts';

export type OfferAnswer = { status: number; reason?: string | undefined } & BodyOptions & HeaderOptions;

/** A re-INVITE or UPDATE of the peer that waits for our answer (RFC 3261 §14.2, RFC 3311 §5.2). */
export class IncomingOffer implements CancelTarget {
  readonly request: SipRequest;
  private readonly context: UserAgentContext;
  private readonly transaction: ServerTransaction;
  private readonly onOver: () => void;
  private timer: Timer | undefined;

  /** `onOver` is called when the offer went away without our answer. */
  constructor(
    context: UserAgentContext,
    request: SipRequest,
    transaction: ServerTransaction,
    nowMs: number,
    onOver: () => void,
  ) {
    this.context = context;
    this.request = request;
    this.transaction = transaction;
    this.onOver = onOver;
    this.timer = context.timers.set(this, 'unanswered', nowMs + 60 * context.intervals.t1Ms);
    if (transaction instanceof InviteServerTransaction) {
      context.cancellable.set(transaction, this);
      transaction.respond(context.createResponse(request, 100), nowMs);
    }
  }

  /** Sends the answer; returns what must be repeated until the ACK comes, if it was a 2xx to INVITE. */
  answer(
    dialog: Dialog,
    contact: string,
    answer: OfferAnswer,
    timerHeaders: ReadonlyArray<readonly [string, string]>,
    nowMs: number,
  ): { transaction: InviteServerTransaction; bytes: Uint8Array } | undefined {
    this.stop();
    const response = this.context.createResponse(this.request, answer.status, answer.reason);
    if (answer.status < 300) {
      response.push('Contact', contact);
      this.context.pushAbilities(response);
      for (const [name, value] of timerHeaders) response.push(name, value);
      dialog.refreshTarget(this.request);
    }
    this.context.fill(response, answer);
    this.transaction.respond(response, nowMs);
    if (answer.status >= 300 || !(this.transaction instanceof InviteServerTransaction)) return undefined;
    return { transaction: this.transaction, bytes: writeMessage(response) };
  }

  /** Refuses because the session is over or nobody answered. */
  refuse(status: number, nowMs: number): void {
    this.stop();
    this.transaction.respond(this.context.createResponse(this.request, status), nowMs);
  }

  onCancel(_cancel: SipRequest, nowMs: number): void {
    this.refuse(487, nowMs);
    this.onOver();
  }

  onTimer(_name: string, nowMs: number): void {
    this.timer = undefined;
    this.refuse(500, nowMs);
    this.onOver();
  }

  private stop(): void {
    this.timer = this.context.timers.cancel(this.timer);
    if (this.transaction instanceof InviteServerTransaction)
      this.context.cancellable.delete(this.transaction);
  }
}
