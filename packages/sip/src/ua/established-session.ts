import type { Dialog } from '../dialog/index.ts';
import type { Flow } from '../flow/index.ts';
import { decodeUtf8, type SipRequest, type SipResponse } from '../message/index.ts';
import { answerTimer } from '../session-timer/index.ts';
import type { InviteServerTransaction, ServerTransaction } from '../transaction/index.ts';
import { refuseContent, refuseRequire } from './content.ts';
import { bodyOf, type DialogOwner, type SessionEntry, type UserAgentContext } from './context.ts';
import { answerAnywhere } from './early-requests.ts';
import type { EndedBy } from './events.ts';
import { IncomingOffer, type OfferAnswer } from './incoming-offer.ts';
import type { InviteFailure } from './invite-attempt.ts';
import type { BodyOptions, ClientCredentials, CommandResult, HeaderOptions } from './options.ts';
import { OutgoingReinvite, type ReinviteOwner } from './outgoing-reinvite.ts';
import { RequestAttempt, type RequestOutcome } from './request-attempt.ts';
import { SessionRefresh, type RefreshOwner } from './session-refresh.ts';
import type { SessionSnapshot } from './session-snapshot.ts';
import { SuccessRepeater } from './success-repeater.ts';

export type EstablishedSessionOptions = {
  sessionId: string;
  role: 'uac' | 'uas';
  dialog: Dialog;
  credentials: ClientCredentials | undefined;
  contactUser: string | undefined;
  /** The body that we have sent as offer or answer, to be sent again when nothing changes. */
  description: BodyOptions;
};

type Acknowledge = (body: Uint8Array | string | undefined, contentType: string | undefined) => void;

/**
 * active: both sides may talk. ending: hung up, but BYE must wait for the ACK of our 2xx (RFC 3261 §15).
 * over: nothing more will come.
 */
type State = 'active' | 'ending' | 'over';

const done: CommandResult = { ok: true };

function wrongState(detail: string): CommandResult {
  return { ok: false, reason: 'wrong-state', detail };
}

/** A call from its 2xx to its BYE, in either role. */
export class EstablishedSession implements DialogOwner, ReinviteOwner, RefreshOwner, SessionEntry {
  readonly kind = 'established' as const;
  readonly sessionId: string;
  readonly dialog: Dialog;
  readonly credentials: ClientCredentials | undefined;
  readonly refresh: SessionRefresh;
  private readonly context: UserAgentContext;
  private readonly role: 'uac' | 'uas';
  private readonly contactUser: string | undefined;
  private state: State = 'active';
  private repeater: SuccessRepeater | undefined;
  /** The 2xx that waits for its ACK made the offer: the ACK brings the answer. */
  private awaitsAnswer = false;
  private isConfirmed: boolean;
  private byeReason: string | undefined;
  private incoming: IncomingOffer | undefined;
  private outgoing: OutgoingReinvite | undefined;
  /** The body that we have sent last as offer or answer and that holds. */
  private description: BodyOptions = {};
  /** Whether the re-INVITE that is under way only refreshes the session. */
  private isRefreshing = false;
  /** What the consumer wants to offer once the refresh is done. */
  private queuedReinvite: (BodyOptions & HeaderOptions) | undefined;
  /** Sends the ACK with our answer, when the peer made the offer in its 2xx. */
  private pendingAcknowledge: Acknowledge | undefined;

  constructor(context: UserAgentContext, options: EstablishedSessionOptions) {
    this.context = context;
    this.sessionId = options.sessionId;
    this.role = options.role;
    this.dialog = options.dialog;
    this.credentials = options.credentials;
    this.contactUser = options.contactUser;
    this.remember(options.description);
    this.refresh = new SessionRefresh(context, this);
    this.isConfirmed = options.role === 'uac';
  }

  get ownsCallId(): boolean {
    return this.role === 'uac';
  }

  contact(): string {
    return this.context.createContact(this.context.flowFor(this.dialog), this.contactUser);
  }

  /** Makes the session known under its id and its dialog. */
  attach(): void {
    this.context.sessions.set(this.sessionId, this);
    this.context.dialogs.set(this.dialog.key, this);
  }

  /** UAS: repeats the 2xx until it is acknowledged. */
  awaitAck(transaction: InviteServerTransaction, bytes: Uint8Array, invite: SipRequest, nowMs: number): void {
    const { sequence } = invite;
    transaction.user = this;
    this.awaitsAnswer = invite.body.length === 0;
    this.repeater = new SuccessRepeater(this.context, transaction, bytes, sequence, nowMs, (at) =>
      this.ackMissing(at),
    );
  }

  expectAcknowledgement(acknowledge: Acknowledge): void {
    this.pendingAcknowledge = acknowledge;
  }

  /** Marks an imported session as acknowledged. */
  resume(): void {
    this.isConfirmed = true;
    this.attach();
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
    if (!this.isConfirmed) return wrongState('The ACK of the first answer has not arrived yet.');
    if (this.outgoing !== undefined) {
      if (!this.isRefreshing || this.queuedReinvite !== undefined)
        return wrongState('Another re-INVITE of ours is in progress.');
      this.queuedReinvite = options;
      return done;
    }
    if (this.incoming !== undefined) return wrongState('An offer of the peer waits for its answer.');
    if (this.repeater !== undefined) return wrongState('The ACK of the last answer has not arrived yet.');
    if (this.pendingAcknowledge !== undefined)
      return wrongState('The last 2xx has not been acknowledged yet.');
    this.outgoing = new OutgoingReinvite(this.context, this, options);
    this.outgoing.start(nowMs);
    return done;
  }

  answerReinvite(answer: OfferAnswer, nowMs: number): CommandResult {
    const { incoming } = this;
    if (incoming === undefined) return wrongState('No offer of the peer waits for an answer.');
    this.incoming = undefined;
    const timer = answerTimer(incoming.request, this.context.sessionTimer, this.refresh.refresherForPeer);
    const timerHeaders = timer.kind === 'agreed' ? timer.headers : [];
    const repeated = incoming.answer(this.dialog, this.contact(), answer, timerHeaders, nowMs);
    if (answer.status < 300) {
      this.remember(answer);
      this.refresh.onAnswered(timer.kind === 'agreed' ? timer.interval : undefined, nowMs);
      this.outgoing?.outdate(nowMs);
    }
    if (repeated !== undefined) this.awaitAck(repeated.transaction, repeated.bytes, incoming.request, nowMs);
    return done;
  }

  info(contentType: string, body: Uint8Array | string, nowMs: number): CommandResult {
    this.request('INFO', { body, contentType }, nowMs, (outcome, at) => {
      if (this.state !== 'active') return;
      if (!this.endIfLost(outcome, at)) {
        this.context.emit({ type: 'info-result', sessionId: this.sessionId, status: outcome.status });
      }
    });
    return done;
  }

  bye(reasonHeader: string | undefined, nowMs: number): CommandResult {
    this.byeReason = reasonHeader;
    this.end('local', {}, nowMs);
    if (!this.isConfirmed && this.repeater !== undefined) this.state = 'ending';
    else this.sendBye(nowMs);
    return done;
  }

  /** Hangs up a dialog that the consumer never saw (a second fork, an answer that crossed CANCEL). */
  hangUpUnseen(nowMs: number): void {
    this.state = 'over';
    this.context.dialogs.set(this.dialog.key, this);
    this.sendBye(nowMs);
  }

  /** Everything needed to continue in another process; undefined while something is in progress. */
  export(): SessionSnapshot | undefined {
    if (this.state !== 'active' || !this.isConfirmed) return undefined;
    const { sessionId, role, contactUser } = this;
    const sessionTimer = this.refresh.export();
    const { body } = this.description;
    const description = body === undefined || typeof body === 'string' ? body : decodeUtf8(body);
    return {
      version: 1,
      sessionId,
      role,
      contactUser,
      ...this.dialog.export(),
      ...(sessionTimer === undefined ? {} : { sessionTimer }),
      ...(sessionTimer === undefined || description === undefined ? {} : { description }),
    };
  }

  // ------------------------------------------------------------------ what the peer sends

  onRequest(request: SipRequest, transaction: ServerTransaction, flow: Flow, nowMs: number): void {
    const { context } = this;
    if (!this.dialog.receive(request, flow)) {
      context.respond(transaction, request, 500, nowMs, [], 'CSeq Out of Order');
      return;
    }
    if (request.method === 'BYE') {
      transaction.respond(context.createResponse(request, 200), nowMs);
      this.onBye(request, nowMs);
    } else if (this.state !== 'active') context.respond(transaction, request, 481, nowMs);
    else if (request.method === 'INVITE' || request.method === 'UPDATE') {
      this.onOffer(request, transaction, nowMs);
    } else
      answerAnywhere(
        { context, sessionId: this.sessionId, dialog: this.dialog },
        request,
        transaction,
        nowMs,
      );
  }

  private onBye(request: SipRequest, nowMs: number): void {
    const reasonHeader = request.header('Reason');
    if (this.state === 'active')
      this.end('remote', reasonHeader === undefined ? {} : { reasonHeader }, nowMs);
    this.release();
  }

  private get hasOpenOffer(): boolean {
    const isAnswerOutstanding = this.repeater !== undefined && this.awaitsAnswer;
    return (
      this.outgoing?.isInProgress === true || this.pendingAcknowledge !== undefined || isAnswerOutstanding
    );
  }

  private onOffer(request: SipRequest, transaction: ServerTransaction, nowMs: number): void {
    const { context } = this;
    const refusal = refuseRequire(request, context.extensions) ?? refuseContent(request);
    const timer = answerTimer(request, context.sessionTimer, this.refresh.refresherForPeer);
    this.refresh.learn(request);
    if (refusal !== undefined) {
      context.respond(transaction, request, refusal.status, nowMs, refusal.headers);
    } else if (timer.kind === 'too-small') {
      context.respond(transaction, request, 422, nowMs, [['Min-SE', String(timer.minSeconds)]]);
    } else if (this.hasOpenOffer) {
      // §14.2, RFC 3311 §5.2: an offer of ours is open.
      context.respond(transaction, request, 491, nowMs);
    } else if (this.incoming !== undefined) {
      context.respond(transaction, request, 500, nowMs, [['Retry-After', String(context.draw(11))]]);
    } else if (request.method === 'UPDATE' && request.body.length === 0) {
      this.dialog.refreshTarget(request);
      const response = context.createResponse(request, 200);
      response.push('Contact', this.contact());
      context.pushAbilities(response);
      if (timer.kind === 'agreed') for (const [name, value] of timer.headers) response.push(name, value);
      this.refresh.onAnswered(timer.kind === 'agreed' ? timer.interval : undefined, nowMs);
      transaction.respond(response, nowMs);
    } else {
      // Whoever sends a new offer has received our last 2xx, even when its ACK was lost.
      if (this.repeater !== undefined) this.confirm(undefined, nowMs);
      this.incoming = new IncomingOffer(context, request, transaction, nowMs, () => {
        this.incoming = undefined;
      });
      const method = request.method === 'INVITE' ? 'INVITE' : 'UPDATE';
      context.emit({ type: 'reinvite', sessionId: this.sessionId, method, ...bodyOf(request), request });
    }
  }

  onAck(ack: SipRequest, nowMs: number): void {
    if (this.repeater?.sequence === ack.sequence) this.confirm(ack, nowMs);
  }

  /** The last 2xx of ours has arrived. */
  private confirm(ack: SipRequest | undefined, nowMs: number): void {
    this.repeater?.stop();
    this.repeater = undefined;
    const wasConfirmed = this.isConfirmed;
    this.isConfirmed = true;
    if (this.state === 'ending') {
      this.state = 'over';
      this.sendBye(nowMs);
    } else if (this.state === 'active') {
      const type = wasConfirmed ? 'reinvite-confirmed' : 'confirmed';
      this.context.emit({ type, sessionId: this.sessionId, ...(ack === undefined ? {} : bodyOf(ack)) });
    }
  }

  /** 64*T1 without ACK: the session is hung up (§13.3.1.4). */
  private ackMissing(nowMs: number): void {
    this.repeater = undefined;
    this.isConfirmed = true;
    if (this.state === 'active') this.end('timeout', {}, nowMs);
    this.state = 'over';
    this.sendBye(nowMs);
  }

  onFlowClosed(flow: Flow): void {
    this.context.leaveClosedFlow(this.dialog, flow);
  }

  // ------------------------------------------------------------------ results of our requests

  onReinviteSuccess(response: SipResponse, acknowledge: Acknowledge | undefined, nowMs: number): void {
    const offered = this.outgoing?.options;
    this.outgoing = undefined;
    this.refresh.onAccepted(response, nowMs);
    if (this.isRefreshing) {
      this.finishRefresh(nowMs);
      return;
    }
    this.pendingAcknowledge = acknowledge;
    if (offered !== undefined) this.remember(offered);
    const { status, reason } = response;
    this.context.emit({
      type: 'reinvite-result',
      sessionId: this.sessionId,
      status,
      reason,
      ...bodyOf(response),
    });
  }

  onReinviteFailure(failure: InviteFailure, nowMs: number): void {
    this.outgoing = undefined;
    if (this.endIfLost(failure, nowMs)) return;
    if (this.isRefreshing) {
      this.refresh.onRefused(failure, nowMs);
      this.finishRefresh(nowMs);
      return;
    }
    const { status, reason } = failure;
    this.context.emit({ type: 'reinvite-result', sessionId: this.sessionId, status, reason });
  }

  // ------------------------------------------------------------------ session timer

  timerHeaders(): Array<[string, string]> {
    return this.refresh.headers();
  }

  sendUpdate(onOutcome: (outcome: RequestOutcome, nowMs: number) => void, nowMs: number): void {
    const headers: Array<[string, string]> = [['Contact', this.contact()], ...this.refresh.headers()];
    this.request('UPDATE', { headers }, nowMs, onOutcome);
  }

  sendUnchangedReinvite(nowMs: number): boolean {
    if (this.description.body === undefined || this.outgoing !== undefined) return false;
    this.isRefreshing = this.reinvite(this.description, nowMs).ok;
    return this.isRefreshing;
  }

  onExpired(nowMs: number): void {
    if (this.state !== 'active') return;
    this.byeReason = 'SIP;cause=408;text="Session expired"';
    this.end('timeout', {}, nowMs);
    this.sendBye(nowMs);
  }

  /** The re-INVITE without change is over: whatever the consumer has asked for meanwhile comes now. */
  private finishRefresh(nowMs: number): void {
    this.isRefreshing = false;
    const queued = this.queuedReinvite;
    this.queuedReinvite = undefined;
    if (queued === undefined || this.reinvite(queued, nowMs).ok) return;
    const { sessionId } = this;
    this.context.emit({ type: 'reinvite-result', sessionId, status: 491, reason: 'Request Pending' });
  }

  private remember(sent: BodyOptions): void {
    if (sent.body === undefined || sent.body.length === 0) return;
    this.description = { body: sent.body, contentType: sent.contentType };
  }

  /** No answer or 481 to a request in the dialog means that the peer is gone (§12.2.1.2). */
  endIfLost(outcome: RequestOutcome, nowMs: number): boolean {
    if (outcome.status !== 408 && outcome.status !== 481 && outcome.cause === 'remote') return false;
    const by = outcome.cause === 'remote' && outcome.status === 408 ? 'timeout' : outcome.cause;
    this.end(by, { status: outcome.status }, nowMs);
    this.sendBye(nowMs);
    return true;
  }

  private request(
    method: string,
    options: BodyOptions & HeaderOptions,
    nowMs: number,
    onOutcome: (outcome: RequestOutcome, nowMs: number) => void,
  ): void {
    const { context, dialog } = this;
    const request = context.createDialogRequest(dialog, method);
    context.pushAbilities(request);
    context.fill(request, options);
    const next = (): number => dialog.nextSequence();
    new RequestAttempt(context, request, context.flowFor(dialog), this.credentials, next, onOutcome).start(
      nowMs,
    );
  }

  // ------------------------------------------------------------------ ending

  /** Tells the consumer and lets go of whatever is open; the dialog itself goes with `release`. */
  private end(by: EndedBy, details: { status?: number; reasonHeader?: string }, nowMs: number): void {
    this.state = 'over';
    this.refresh.stop();
    this.queuedReinvite = undefined;
    const acknowledge = this.pendingAcknowledge;
    this.pendingAcknowledge = undefined;
    acknowledge?.(undefined, undefined);
    this.outgoing?.abandon(nowMs);
    this.outgoing = undefined;
    this.incoming?.refuse(487, nowMs);
    this.incoming = undefined;
    if (this.isConfirmed) {
      this.repeater?.stop();
      this.repeater = undefined;
    }
    this.context.sessions.delete(this.sessionId);
    this.context.emit({ type: 'ended', sessionId: this.sessionId, by, ...details });
  }

  private sendBye(nowMs: number): void {
    const headers: Array<[string, string]> = this.byeReason === undefined ? [] : [['Reason', this.byeReason]];
    this.request('BYE', { headers }, nowMs, () => this.release());
  }

  private release(): void {
    this.state = 'over';
    this.repeater?.stop();
    this.repeater = undefined;
    if (this.context.dialogs.get(this.dialog.key) === this) this.context.dialogs.delete(this.dialog.key);
  }
}
