import type { SipRequest } from '../message/index.ts';
import type { ServerTransaction } from '../transaction/index.ts';
import { done, refused } from './arguments.ts';
import { refuseContent } from './content.ts';
import { bodyOf, type UserAgentContext } from './context.ts';
import { IncomingOffer, type OfferAnswer } from './incoming-offer.ts';
import type { BodyOptions, CommandResult, HeaderOptions } from './options.ts';
import { OutgoingUpdate, type UpdateOwner } from './outgoing-update.ts';
import type { RequestOutcome } from './request-attempt.ts';

/** An early dialog in which UPDATEs travel. */
export interface EarlySession extends UpdateOwner {
  readonly context: UserAgentContext;
  readonly sessionId: string;
  /** The peer's tag, where the session may have several early dialogs. */
  readonly fork: { remoteTag?: string };
  /** Whether the first offer has its answer, in a provisional response with its PRACK: only then may a new one come. */
  readonly isAnswered: boolean;
  /** Whether the peer knows of the dialog for sure. */
  readonly isKnownToPeer: boolean;
}

/** The UPDATEs of a call that has no final response yet, in both directions (RFC 3311 §5). */
export class EarlyOffers {
  private readonly session: EarlySession;
  private incoming: IncomingOffer | undefined;
  private outgoing: OutgoingUpdate | undefined;
  /** What we have sent last as offer or answer of an UPDATE. */
  description: BodyOptions | undefined;

  constructor(session: EarlySession) {
    this.session = session;
  }

  /** Whether an UPDATE of the peer waits for the consumer's answer. */
  get isAsked(): boolean {
    return this.incoming !== undefined;
  }

  /** Takes an UPDATE whose Require has been checked (§5.2). */
  receive(request: SipRequest, transaction: ServerTransaction, nowMs: number): void {
    const { context, dialog, sessionId, fork } = this.session;
    const refusal = refuseContent(request);
    if (refusal !== undefined) {
      context.respond(transaction, request, refusal.status, nowMs, refusal.headers);
    } else if (request.body.length === 0) this.confirm(request, transaction, nowMs);
    else if (this.outgoing?.isOfferOpen === true || (this.session.ownsCallId && !this.session.isAnswered)) {
      // The offer that has no answer yet is ours.
      context.respond(transaction, request, 491, nowMs);
    } else if (this.incoming !== undefined || !this.session.isAnswered) {
      context.respond(transaction, request, 500, nowMs, [['Retry-After', String(context.draw(11))]]);
    } else {
      dialog.refreshTarget(request);
      this.incoming = new IncomingOffer(context, request, transaction, nowMs, () => {
        this.incoming = undefined;
      });
      context.emit({ type: 'reinvite', sessionId, method: 'UPDATE', ...fork, ...bodyOf(request), request });
    }
  }

  /** Answers an UPDATE that only says where the peer is now. */
  private confirm(request: SipRequest, transaction: ServerTransaction, nowMs: number): void {
    const { context, dialog } = this.session;
    dialog.refreshTarget(request);
    const response = context.createResponse(request, 200);
    response.push('Contact', this.session.contact());
    context.pushAbilities(response);
    transaction.respond(response, nowMs);
  }

  answer(answer: OfferAnswer, nowMs: number): CommandResult {
    const { incoming, session } = this;
    if (incoming === undefined)
      return refused('wrong-state', 'No offer of the peer waits for an answer in this early dialog.');
    this.incoming = undefined;
    incoming.answer(session.dialog, session.contact(), answer, [], nowMs);
    if (answer.status < 300) {
      this.description = { body: answer.body, contentType: answer.contentType };
      this.outgoing?.outdate(nowMs);
    }
    return done;
  }

  update(options: BodyOptions & HeaderOptions, nowMs: number): CommandResult {
    const { session } = this;
    const isOffer = options.body !== undefined && options.body.length > 0;
    if (!session.isKnownToPeer)
      return refused(
        'wrong-state',
        'The peer may not know of the dialog yet: no reliable response is through.',
      );
    if (this.outgoing !== undefined) return refused('wrong-state', 'Another UPDATE of ours is in progress.');
    if (isOffer && !session.isAnswered)
      return refused('wrong-state', 'The first offer has no reliable answer yet.');
    if (isOffer && this.incoming !== undefined)
      return refused('wrong-state', 'An offer of the peer waits for its answer.');
    this.outgoing = new OutgoingUpdate(session.context, session, options, (outcome) =>
      this.onOutcome(outcome, options),
    );
    this.outgoing.start(nowMs);
    return done;
  }

  private onOutcome({ status, reason, response }: RequestOutcome, options: BodyOptions): void {
    const { context, sessionId, fork } = this.session;
    this.outgoing = undefined;
    if (status < 300 && options.body !== undefined) this.description = options;
    // The call may have been refused while the UPDATE was on its way.
    if (!context.sessions.has(sessionId)) return;
    const body = response === undefined ? {} : bodyOf(response);
    context.emit({ type: 'update-result', sessionId, ...fork, status, reason, ...body });
  }

  /** The call is answered: what it has not answered itself is refused, and may be offered again (RFC 6337 §3.2). */
  handOver(nowMs: number): void {
    this.incoming?.refuse(500, nowMs);
    this.incoming = undefined;
  }

  /** The early dialog is over. */
  end(nowMs: number): void {
    this.outgoing?.abandon(nowMs);
    this.outgoing = undefined;
    this.incoming?.refuse(487, nowMs);
    this.incoming = undefined;
  }
}
