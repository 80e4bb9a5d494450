import type { Dialog } from '../dialog/index.ts';
import { decodeUtf8, type SipRequest, type SipResponse } from '../message/index.ts';
import { answerTimer } from '../session-timer/index.ts';
import type { ServerTransaction } from '../transaction/index.ts';
import type { AcknowledgementWait } from './acknowledgement-wait.ts';
import { done, refused } from './arguments.ts';
import { ConnectedIdentity } from './connected-identity.ts';
import { refuseContent } from './content.ts';
import { bodyOf, type UserAgentContext } from './context.ts';
import { IncomingOffer, type OfferAnswer } from './incoming-offer.ts';
import type { InviteFailure } from './invite-attempt.ts';
import type { BodyOptions, ClientCredentials, CommandResult, HeaderOptions } from './options.ts';
import { OutgoingReinvite, type ReinviteOwner } from './outgoing-reinvite.ts';
import { OutgoingUpdate } from './outgoing-update.ts';
import type { RequestOutcome } from './request-attempt.ts';
import type { SessionRefresh } from './session-refresh.ts';

/** The session whose description is changed. */
export interface OfferingSession {
  readonly context: UserAgentContext;
  readonly sessionId: string;
  readonly dialog: Dialog;
  readonly credentials: ClientCredentials | undefined;
  readonly ownsCallId: boolean;
  readonly refresh: SessionRefresh;
  readonly acknowledgement: AcknowledgementWait;
  contact(): string;
  /** Our last 2xx has arrived, with or without its ACK. */
  confirm(ack: SipRequest | undefined, nowMs: number): void;
  /** 408, 481 or no way to the peer: ends the session and returns true; else false. */
  endIfLost(outcome: RequestOutcome, nowMs: number): boolean;
}

export type Acknowledge = (body: Uint8Array | string | undefined, contentType: string | undefined) => void;

function wrongState(detail: string): CommandResult {
  return refused('wrong-state', detail);
}

/** The offers and answers of an answered session, in both directions (RFC 3261 §14, RFC 3311, RFC 3264 §4). */
export class SessionOffers implements ReinviteOwner {
  private readonly session: OfferingSession;
  private readonly context: UserAgentContext;
  private readonly identity: ConnectedIdentity;
  private incoming: IncomingOffer | undefined;
  private outgoing: OutgoingReinvite | OutgoingUpdate | undefined;
  /** The body that we have sent last as offer or answer and that holds. */
  private description: BodyOptions = {};
  /** Whether the re-INVITE that is under way only refreshes the session. */
  private isRefreshing = false;
  /** What the consumer wants to offer once the refresh is done. */
  private queued: (BodyOptions & HeaderOptions) | undefined;
  /** Sends the ACK with our answer, when the peer made the offer in its 2xx. */
  private pendingAcknowledge: Acknowledge | undefined;

  constructor(session: OfferingSession, description: BodyOptions) {
    this.session = session;
    this.context = session.context;
    this.identity = new ConnectedIdentity(session.context);
    this.remember(description);
  }

  get dialog(): Dialog {
    return this.session.dialog;
  }

  get credentials(): ClientCredentials | undefined {
    return this.session.credentials;
  }

  get ownsCallId(): boolean {
    return this.session.ownsCallId;
  }

  contact(): string {
    return this.session.contact();
  }

  timerHeaders(): Array<[string, string]> {
    return this.session.refresh.headers();
  }

  /** The description of ours that holds, as text. */
  get descriptionText(): string | undefined {
    const { body } = this.description;
    return body === undefined || typeof body === 'string' ? body : decodeUtf8(body);
  }

  expectAcknowledgement(acknowledge: Acknowledge): void {
    this.pendingAcknowledge = acknowledge;
  }

  // ------------------------------------------------------------------ commands

  acknowledge(options: BodyOptions): CommandResult {
    const acknowledge = this.pendingAcknowledge;
    if (acknowledge === undefined)
      return wrongState('No 2xx with an offer of the peer waits for our answer.');
    this.pendingAcknowledge = undefined;
    this.remember(options);
    acknowledge(options.body, options.contentType);
    return done;
  }

  reinvite(options: BodyOptions & HeaderOptions, nowMs: number): CommandResult {
    if (this.outgoing !== undefined && this.isRefreshing && this.queued === undefined) {
      this.queued = options;
      return done;
    }
    const obstacle = this.obstacle();
    if (obstacle !== undefined) return wrongState(obstacle);
    this.outgoing = new OutgoingReinvite(this.context, this, options);
    this.outgoing.start(nowMs);
    return done;
  }

  /** Changes the session by UPDATE; without a body it only tells something, and then no offer stands in its way. */
  update(options: BodyOptions & HeaderOptions, nowMs: number): CommandResult {
    const isOffer = options.body !== undefined && options.body.length > 0;
    const busy = this.outgoing === undefined ? undefined : 'Another change of ours is in progress.';
    const obstacle = isOffer ? this.obstacle() : busy;
    if (obstacle !== undefined) return wrongState(obstacle);
    this.outgoing = new OutgoingUpdate(this.context, this, options, (outcome, at) =>
      this.onUpdateOutcome(outcome, at),
    );
    this.outgoing.start(nowMs);
    return done;
  }

  /** Why no offer of ours may go out now; undefined when it may. */
  private obstacle(): string | undefined {
    const { acknowledgement } = this.session;
    if (!acknowledgement.isConfirmed) return 'The ACK of the first answer has not arrived yet.';
    if (this.outgoing !== undefined) return 'Another offer of ours is in progress.';
    if (this.incoming !== undefined) return 'An offer of the peer waits for its answer.';
    if (acknowledgement.isOpen) return 'The ACK of the last answer has not arrived yet.';
    if (this.pendingAcknowledge !== undefined) return 'The last 2xx has not been acknowledged yet.';
    return undefined;
  }

  answer(answer: OfferAnswer, nowMs: number): CommandResult {
    const { incoming, session } = this;
    if (incoming === undefined) return wrongState('No offer of the peer waits for an answer.');
    this.incoming = undefined;
    const { refresh } = session;
    const timer = answerTimer(incoming.request, this.context.sessionTimer, refresh.refresherForPeer);
    const timerHeaders = timer.kind === 'agreed' ? timer.headers : [];
    const repeated = incoming.answer(this.dialog, this.contact(), answer, timerHeaders, nowMs);
    if (answer.status < 300) {
      this.remember(answer);
      refresh.onAnswered(timer.kind === 'agreed' ? timer.interval : undefined, nowMs);
      this.outgoing?.outdate(nowMs);
    }
    if (repeated !== undefined) {
      session.acknowledgement.start(repeated.transaction, repeated.bytes, incoming.request, nowMs);
    }
    return done;
  }

  // ------------------------------------------------------------------ what the peer sends

  /** Whether an offer of ours has no answer yet. */
  private get isOfferOpen(): boolean {
    return (
      this.outgoing?.isOfferOpen === true ||
      this.pendingAcknowledge !== undefined ||
      this.session.acknowledgement.bringsAnswer
    );
  }

  /** Takes a re-INVITE or UPDATE whose Require has been checked. */
  receive(request: SipRequest, transaction: ServerTransaction, nowMs: number): void {
    const { context, session } = this;
    const refusal = refuseContent(request);
    const timer = answerTimer(request, context.sessionTimer, session.refresh.refresherForPeer);
    session.refresh.learn(request);
    if (refusal !== undefined) {
      context.respond(transaction, request, refusal.status, nowMs, refusal.headers);
    } else if (timer.kind === 'too-small') {
      context.respond(transaction, request, 422, nowMs, [['Min-SE', String(timer.minSeconds)]]);
    } else if (this.isOfferOpen) {
      // §14.2, RFC 3311 §5.2: an offer of ours is open.
      context.respond(transaction, request, 491, nowMs);
    } else if (this.incoming !== undefined) {
      context.respond(transaction, request, 500, nowMs, [['Retry-After', String(context.draw(11))]]);
    } else if (request.method === 'UPDATE' && request.body.length === 0) {
      this.dialog.refreshTarget(request);
      this.identity.learn(request, session.sessionId, this.dialog);
      const response = context.createResponse(request, 200);
      response.push('Contact', this.contact());
      context.pushAbilities(response);
      if (timer.kind === 'agreed') for (const [name, value] of timer.headers) response.push(name, value);
      session.refresh.onAnswered(timer.kind === 'agreed' ? timer.interval : undefined, nowMs);
      transaction.respond(response, nowMs);
    } else this.present(request, transaction, nowMs);
  }

  private present(request: SipRequest, transaction: ServerTransaction, nowMs: number): void {
    const { context, session } = this;
    // Whoever sends a new offer has received our last 2xx, even when its ACK was lost.
    if (session.acknowledgement.isOpen) session.confirm(undefined, nowMs);
    this.incoming = new IncomingOffer(context, request, transaction, nowMs, () => {
      this.incoming = undefined;
    });
    this.identity.learn(request, session.sessionId, this.dialog);
    const method = request.method === 'INVITE' ? 'INVITE' : 'UPDATE';
    context.emit({ type: 'reinvite', sessionId: session.sessionId, method, ...bodyOf(request), request });
  }

  // ------------------------------------------------------------------ results of our offers

  onReinviteSuccess(response: SipResponse, acknowledge: Acknowledge | undefined, nowMs: number): void {
    const offered = this.outgoing?.options;
    this.outgoing = undefined;
    this.session.refresh.onAccepted(response, nowMs);
    if (this.isRefreshing) {
      this.finishRefresh(nowMs);
      return;
    }
    this.pendingAcknowledge = acknowledge;
    if (offered !== undefined) this.remember(offered);
    const { status, reason } = response;
    const { sessionId } = this.session;
    this.context.emit({ type: 'reinvite-result', sessionId, status, reason, ...bodyOf(response) });
  }

  onReinviteFailure(failure: InviteFailure, nowMs: number): void {
    this.outgoing = undefined;
    if (this.session.endIfLost(failure, nowMs)) return;
    if (this.isRefreshing) {
      this.session.refresh.onRefused(failure, nowMs);
      this.finishRefresh(nowMs);
      return;
    }
    const { status, reason } = failure;
    this.context.emit({ type: 'reinvite-result', sessionId: this.session.sessionId, status, reason });
  }

  private onUpdateOutcome(outcome: RequestOutcome, nowMs: number): void {
    const { status, reason, response } = outcome;
    const offered = this.outgoing?.options;
    this.outgoing = undefined;
    if (this.session.endIfLost(outcome, nowMs)) return;
    if (status < 300 && response !== undefined) {
      this.session.refresh.onAccepted(response, nowMs);
      if (offered !== undefined) this.remember(offered);
    }
    const body = response === undefined ? {} : bodyOf(response);
    this.context.emit({ type: 'update-result', sessionId: this.session.sessionId, status, reason, ...body });
  }

  /** Sends a re-INVITE with the description that holds already (RFC 4028 §7.4); false when that is not possible now. */
  refreshUnchanged(nowMs: number): boolean {
    if (this.description.body === undefined || this.outgoing !== undefined) return false;
    this.isRefreshing = this.reinvite(this.description, nowMs).ok;
    return this.isRefreshing;
  }

  /** The re-INVITE without change is over: whatever the consumer has asked for meanwhile comes now. */
  private finishRefresh(nowMs: number): void {
    this.isRefreshing = false;
    const { queued } = this;
    this.queued = undefined;
    if (queued === undefined || this.reinvite(queued, nowMs).ok) return;
    const { sessionId } = this.session;
    this.context.emit({ type: 'reinvite-result', sessionId, status: 491, reason: 'Request Pending' });
  }

  private remember(sent: BodyOptions): void {
    if (sent.body === undefined || sent.body.length === 0) return;
    this.description = { body: sent.body, contentType: sent.contentType };
  }

  /** The session is over: lets go of whatever is open. */
  end(nowMs: number): void {
    this.queued = undefined;
    const acknowledge = this.pendingAcknowledge;
    this.pendingAcknowledge = undefined;
    acknowledge?.(undefined, undefined);
    this.outgoing?.abandon(nowMs);
    this.outgoing = undefined;
    this.incoming?.refuse(487, nowMs);
    this.incoming = undefined;
  }
}
