import { readReferredBy, readReferTo } from '../dialog/index.ts';
import type { SipRequest } from '../message/index.ts';
import { readEvent } from '../subscription/index.ts';
import type { ServerTransaction } from '../transaction/index.ts';
import { IncomingRefer, type ReferScope } from './incoming-refer.ts';
import { OutgoingRefer } from './outgoing-refer.ts';
import type { ReferReport, ReferRequest } from './refer-types.ts';
import { findReplacedSession } from './replaced-session.ts';
import type { RequestOutcome } from './request-attempt.ts';

/** How many REFERs may be open in one dialog, in each direction. */
const openMax = 8;

/** The REFERs of one dialog, in both directions, each with the subscription that it implies (RFC 3515 §2.4.6). */
export class DialogRefers {
  private readonly scope: ReferScope;
  private readonly onIdle: () => void;
  private readonly incoming = new Set<IncomingRefer>();
  private readonly outgoing = new Set<OutgoingRefer>();
  private isFirst = true;

  /** `onIdle` is called when the last of them is over. */
  constructor(scope: ReferScope, onIdle: () => void) {
    this.scope = scope;
    this.onIdle = onIdle;
  }

  get isIdle(): boolean {
    return this.incoming.size === 0 && this.outgoing.size === 0;
  }

  /** Takes a REFER whose method and Require have been checked; undefined when it is refused here. */
  receive(request: SipRequest, transaction: ServerTransaction, nowMs: number): ReferRequest | undefined {
    const { context } = this.scope;
    const referTo = readReferTo(request);
    if (!referTo.ok) {
      context.respond(transaction, request, referTo.status, nowMs, [], referTo.reason);
      return undefined;
    }
    if (this.incoming.size >= openMax) {
      context.respond(transaction, request, 500, nowMs, [['Retry-After', '5']], 'Too Many Open REFERs');
      return undefined;
    }
    this.scope.dialog.refreshTarget(request);
    const refer = new IncomingRefer(
      this.scope,
      request,
      transaction,
      this.isFirst,
      () => {
        this.incoming.delete(refer);
        this.checkIdle();
      },
      nowMs,
    );
    this.isFirst = false;
    this.incoming.add(refer);
    const { referId, wantsReport } = refer;
    const { target } = referTo;
    const sessionId = target.replaces && findReplacedSession(context, target.replaces);
    const referredBy = readReferredBy(request);
    return {
      referId,
      target,
      ...(sessionId === undefined ? {} : { replacesSessionId: sessionId }),
      ...(referredBy === undefined ? {} : { referredBy }),
      wantsReport,
      request,
    };
  }

  /** Sends a REFER; false when too many are open. `onLost` is called when its response shows that the peer is gone. */
  send(
    request: SipRequest,
    onReport: (report: ReferReport) => void,
    onLost: (outcome: RequestOutcome, nowMs: number) => void,
    nowMs: number,
  ): boolean {
    if (this.outgoing.size >= openMax) return false;
    const refer = new OutgoingRefer(this.scope, onReport, (lost, at) => {
      this.outgoing.delete(refer);
      if (lost !== undefined) onLost(lost, at);
      this.checkIdle();
    });
    this.outgoing.add(refer);
    refer.start(request, nowMs);
    return true;
  }

  /** Takes a NOTIFY about a REFER of ours; false when it is about none. */
  receiveNotify(request: SipRequest, transaction: ServerTransaction, nowMs: number): boolean {
    const event = readEvent(request);
    if (event?.package !== 'refer') return false;
    const refer = [...this.outgoing].find((candidate) => candidate.concerns(event));
    if (refer === undefined) return false;
    const { context, dialog } = this.scope;
    dialog.refreshTarget(request);
    context.respond(transaction, request, 200, nowMs);
    refer.receive(request, nowMs);
    return true;
  }

  /** Takes a SUBSCRIBE to the reports on a REFER of the peer; false when it is about none. */
  receiveSubscribe(request: SipRequest, transaction: ServerTransaction, nowMs: number): boolean {
    const event = readEvent(request);
    if (event?.package !== 'refer') return false;
    const refer = [...this.incoming].find(
      ({ sequence }) => event.id === undefined || Number(event.id) === sequence,
    );
    refer?.resubscribe(request, transaction, nowMs);
    return refer !== undefined;
  }

  /** The session is over; reports may still come and go. */
  endSession(nowMs: number): void {
    for (const refer of [...this.incoming]) refer.endSession(nowMs);
  }

  /** The peer has forgotten the dialog. */
  abandon(nowMs: number): void {
    for (const refer of [...this.incoming]) refer.abandon();
    for (const refer of [...this.outgoing]) refer.abandon(nowMs);
  }

  private checkIdle(): void {
    if (this.isIdle) this.onIdle();
  }
}
