import { Dialog } from '../dialog/index.ts';
import type { Flow } from '../flow/index.ts';
import { decodeUtf8, writeMessage, type SipRequest, type SipResponse } from '../message/index.ts';
import { answerTimer } from '../session-timer/index.ts';
import type { Timer } from '../timers/index.ts';
import type { InviteServerTransaction, ServerTransaction } from '../transaction/index.ts';
import {
  bodyOf,
  type CancelTarget,
  type DialogOwner,
  type SessionEntry,
  type UserAgentContext,
} from './context.ts';
import { EarlyOffers, type EarlySession } from './early-offers.ts';
import { answerEarlyRequest } from './early-requests.ts';
import { EstablishedSession } from './established-session.ts';
import { ReliableResponses } from './reliable-responses.ts';
import type { BodyOptions, HeaderOptions } from './options.ts';

/** Proxies forget a ringing call after three minutes; a provisional response each minute reminds them (§13.3.1.1). */
const provisionalRepeatMs = 60_000;

type Answer = { reason?: string | undefined } & BodyOptions & HeaderOptions;
/** The session that this call replaces (RFC 3891). */
type ReplacedSession = {
  readonly sessionId: string;
  readonly isEarly: boolean;
  complete(replacedBy: string, nowMs: number): void;
};

type Acceptance = Answer & { contactUser?: string | undefined; keepsReplaced?: boolean | undefined };

/** A call to us that has no final response yet (RFC 3261 §13.3). */
export class IncomingCall implements DialogOwner, CancelTarget, EarlySession, SessionEntry {
  readonly kind = 'incoming' as const;
  readonly context: UserAgentContext;
  readonly sessionId: string;
  readonly dialog: Dialog;
  readonly offers: EarlyOffers;
  readonly fork = {};
  readonly ownsCallId = false;
  readonly credentials = undefined;
  private readonly request: SipRequest;
  private readonly transaction: InviteServerTransaction;
  private readonly localTag: string;
  private lastProvisional: SipResponse | undefined;
  /** Set when the caller requires reliable provisional responses (RFC 3262). */
  private readonly reliable: ReliableResponses | undefined;
  /** The answer that a reliable response has carried: no other one may follow (RFC 3262 §5). */
  private earlyAnswer: BodyOptions | undefined;
  /** The consumer's answer, which waits for the PRACK of a provisional response. */
  private accepted: Acceptance | undefined;
  private replacement: ReplacedSession | undefined;
  private repeatTimer: Timer | undefined;
  private ringTimer: Timer | undefined;

  constructor(
    context: UserAgentContext,
    request: SipRequest,
    transaction: InviteServerTransaction,
    flow: Flow,
  ) {
    this.context = context;
    this.request = request;
    this.transaction = transaction;
    this.localTag = context.token();
    this.sessionId = `in-${this.localTag}`;
    if (request.lists('Require', '100rel')) {
      this.reliable = new ReliableResponses(context, request, transaction, (at) => this.prackMissing(at));
    }
    this.dialog = Dialog.ofServer(request, this.localTag, flow);
    this.offers = new EarlyOffers(this);
  }

  get isAnswered(): boolean {
    return this.earlyAnswer !== undefined && this.reliable?.isUnacknowledged === false;
  }

  get isKnownToPeer(): boolean {
    return this.reliable?.isAcknowledged === true;
  }

  contact(): string {
    return this.context.createContact(this.context.flowFor(this.dialog), this.request.uri?.user);
  }

  timerHeaders(): Array<[string, string]> {
    return [];
  }

  /** Tells the consumer about the call. */
  start(
    authenticatedUser: string | undefined,
    replacement: ReplacedSession | undefined,
    nowMs: number,
  ): void {
    const { context, request } = this;
    this.replacement = replacement;
    const { uri } = request;
    if (uri === undefined) throw new Error('A call was started whose Request-URI cannot be read.');
    context.sessions.set(this.sessionId, this);
    context.dialogs.set(this.dialog.key, this);
    context.cancellable.set(this.transaction, this);
    this.ringTimer = context.timers.set(this, 'unanswered', nowMs + context.intervals.ringTimeoutMs);
    context.emit({
      type: 'invite',
      sessionId: this.sessionId,
      flow: this.dialog.flow,
      callId: request.callId,
      uri,
      from: request.from,
      to: request.to,
      ...bodyOf(request),
      ...(authenticatedUser === undefined ? {} : { authenticatedUser }),
      ...(replacement === undefined
        ? {}
        : { replaces: { sessionId: replacement.sessionId, isEarly: replacement.isEarly } }),
      request,
    });
  }

  progress(status: number, answer: Answer, nowMs: number): void {
    if (this.reliable === undefined) {
      const response = this.createProvisional(status, answer);
      this.lastProvisional = response;
      this.transaction.respond(response, nowMs);
    } else if (!this.progressReliably(this.reliable, status, answer, nowMs)) return;
    this.armRepeat(nowMs);
  }

  private createProvisional(status: number, answer: Answer): SipResponse {
    const response = this.context.createResponse(this.request, status, answer.reason, this.localTag);
    this.addDialogHeaders(response, undefined);
    this.context.fill(response, answer);
    return response;
  }

  private progressReliably(
    reliable: ReliableResponses,
    status: number,
    answer: Answer,
    nowMs: number,
  ): boolean {
    // Without an offer of the caller the first reliable response would have to make one (RFC 3261 §13.2.1); ours
    // comes with the 2xx, so the caller has to wait for that.
    if (this.request.body.length === 0) return false;
    const { body, contentType, ...rest } = answer;
    const isAnswer = body !== undefined && body.length > 0 && this.earlyAnswer === undefined;
    if (isAnswer) this.earlyAnswer = { body, contentType };
    reliable.send(this.createProvisional(status, isAnswer ? answer : rest), nowMs);
    this.lastProvisional = this.createProvisional(status, rest);
    return true;
  }

  /** Whether the consumer has accepted, but the 2xx must wait for a PRACK. */
  get isAccepted(): boolean {
    return this.accepted !== undefined;
  }

  accept(answer: Acceptance, nowMs: number): void {
    if (this.reliable?.isUnacknowledged === true) {
      // A 2xx must not overtake a reliable answer (RFC 3262 §3).
      this.accepted = answer;
      return;
    }
    this.answer(answer, nowMs);
  }

  private answer(acceptance: Acceptance, nowMs: number): void {
    const { context } = this;
    const answer = this.earlyAnswer === undefined ? acceptance : this.withoutBody(acceptance);
    this.offers.handOver(nowMs);
    this.release();
    const response = context.createResponse(this.request, 200, answer.reason, this.localTag);
    this.addDialogHeaders(response, answer.contactUser);
    const timer = answerTimer(this.request, context.sessionTimer, 'uas');
    if (timer.kind === 'agreed') for (const [name, value] of timer.headers) response.push(name, value);
    context.fill(response, answer);
    const session = new EstablishedSession(context, {
      sessionId: this.sessionId,
      role: 'uas',
      dialog: this.dialog,
      credentials: undefined,
      contactUser: answer.contactUser ?? this.request.uri?.user,
      description: this.offers.description ?? this.earlyAnswer ?? answer,
    });
    session.attach();
    session.refresh.learn(this.request);
    session.refresh.onAnswered(timer.kind === 'agreed' ? timer.interval : undefined, nowMs);
    this.transaction.respond(response, nowMs);
    session.awaitAck(this.transaction, writeMessage(response), this.request, nowMs);
    if (acceptance.keepsReplaced !== true) this.replacement?.complete(this.sessionId, nowMs);
  }

  private withoutBody(acceptance: Acceptance): Acceptance {
    const { body, contentType: _type, ...rest } = acceptance;
    if (body !== undefined && !isSameBody(body, this.earlyAnswer?.body)) {
      const detail = `${this.sessionId}: the answer sent with a reliable provisional response holds`;
      this.context.log('warn', 'answer dropped', detail);
    }
    return rest;
  }

  /** Hangs up: a refusal, which ends a call that had been accepted with an event. */
  hangUp(nowMs: number): void {
    const { sessionId, isAccepted } = this;
    this.reject(480, {}, nowMs);
    if (isAccepted) this.context.emit({ type: 'ended', sessionId, by: 'local' });
  }

  reject(status: number, answer: Answer, nowMs: number): void {
    this.offers.end(nowMs);
    this.release();
    const response = this.context.createResponse(this.request, status, answer.reason, this.localTag);
    this.context.fill(response, answer);
    this.transaction.respond(response, nowMs);
  }

  onRequest(request: SipRequest, transaction: ServerTransaction, flow: Flow, nowMs: number): void {
    if (request.method === 'PRACK' && this.reliable !== undefined) {
      this.onPrack(this.reliable, request, transaction, flow, nowMs);
      return;
    }
    if (answerEarlyRequest(this, request, transaction, flow, nowMs)) this.endByCaller(request, nowMs);
  }

  private onPrack(
    reliable: ReliableResponses,
    prack: SipRequest,
    transaction: ServerTransaction,
    flow: Flow,
    nowMs: number,
  ): void {
    const { context } = this;
    if (!this.dialog.receive(prack, flow)) {
      context.respond(transaction, prack, 500, nowMs, [], 'CSeq Out of Order');
      return;
    }
    if (!reliable.acknowledge(prack)) {
      context.respond(transaction, prack, 481, nowMs);
      return;
    }
    // A new offer in a PRACK would need an answer of the consumer at once: the caller may offer again later.
    context.respond(transaction, prack, prack.body.length === 0 ? 200 : 488, nowMs);
    if (this.accepted !== undefined) this.answer(this.accepted, nowMs);
    else reliable.sendNext(nowMs);
  }

  /** 64*T1 without PRACK: the call is refused (RFC 3262 §3). */
  private prackMissing(nowMs: number): void {
    this.reject(504, {}, nowMs);
    const reason = 'Server Time-out';
    this.context.emit({ type: 'rejected', sessionId: this.sessionId, status: 504, reason, cause: 'timeout' });
  }

  onCancel(cancel: SipRequest, nowMs: number): void {
    this.endByCaller(cancel, nowMs);
  }

  private endByCaller(request: SipRequest, nowMs: number): void {
    this.reject(487, {}, nowMs);
    const reasonHeader = request.header('Reason');
    this.context.emit({
      type: 'cancelled',
      sessionId: this.sessionId,
      by: 'remote',
      crossed: false,
      ...(reasonHeader === undefined ? {} : { reasonHeader }),
    });
  }

  onAck(): void {
    // There is no 2xx yet that it could acknowledge.
  }

  onFlowClosed(flow: Flow): void {
    this.context.leaveClosedFlow(this.dialog, flow);
  }

  onTimer(name: string, nowMs: number): void {
    if (name === 'repeat') {
      this.repeatTimer = undefined;
      this.repeatProvisional(nowMs);
      this.armRepeat(nowMs);
      return;
    }
    this.ringTimer = undefined;
    this.reject(480, {}, nowMs);
    const reason = 'Temporarily Unavailable';
    this.context.emit({ type: 'rejected', sessionId: this.sessionId, status: 480, reason, cause: 'timeout' });
  }

  private repeatProvisional(nowMs: number): void {
    const { lastProvisional, reliable } = this;
    if (lastProvisional === undefined) return;
    if (reliable === undefined) this.transaction.respond(lastProvisional, nowMs);
    else if (!reliable.isUnacknowledged && !this.isAccepted) {
      reliable.send(
        this.createProvisional(lastProvisional.status, { reason: lastProvisional.reason }),
        nowMs,
      );
    }
  }

  private armRepeat(nowMs: number): void {
    this.context.timers.cancel(this.repeatTimer);
    this.repeatTimer = this.context.timers.set(this, 'repeat', nowMs + provisionalRepeatMs);
  }

  private addDialogHeaders(response: SipResponse, contactUser: string | undefined): void {
    for (const route of this.request.headerLines('Record-Route')) response.push('Record-Route', route);
    const user = contactUser ?? this.request.uri?.user;
    response.push('Contact', this.context.createContact(this.dialog.flow, user));
    this.context.pushAbilities(response);
  }

  private release(): void {
    const { context } = this;
    this.reliable?.stop();
    this.repeatTimer = context.timers.cancel(this.repeatTimer);
    this.ringTimer = context.timers.cancel(this.ringTimer);
    context.sessions.delete(this.sessionId);
    context.dialogs.delete(this.dialog.key);
    context.cancellable.delete(this.transaction);
  }
}

function isSameBody(a: Uint8Array | string, b: Uint8Array | string | undefined): boolean {
  const text = (body: Uint8Array | string): string => (typeof body === 'string' ? body : decodeUtf8(body));
  return b !== undefined && text(a) === text(b);
}
