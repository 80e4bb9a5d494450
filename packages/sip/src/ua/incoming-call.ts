import { Dialog } from '../dialog/index.ts';
import type { Flow } from '../flow/index.ts';
import { writeMessage, type SipRequest, type SipResponse } from '../message/index.ts';
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
import { answerEarlyRequest } from './early-requests.ts';
import { EstablishedSession } from './established-session.ts';
import type { BodyOptions, HeaderOptions } from './options.ts';

/** Proxies forget a ringing call after three minutes; a provisional response each minute reminds them (§13.3.1.1). */
const provisionalRepeatMs = 60_000;

type Answer = { reason?: string | undefined } & BodyOptions & HeaderOptions;

/** A call to us that has no final response yet (RFC 3261 §13.3). */
export class IncomingCall implements DialogOwner, CancelTarget, SessionEntry {
  readonly kind = 'incoming' as const;
  readonly sessionId: string;
  private readonly context: UserAgentContext;
  private readonly request: SipRequest;
  private readonly transaction: InviteServerTransaction;
  private readonly localTag: string;
  private readonly dialog: Dialog;
  private lastProvisional: SipResponse | undefined;
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
    this.dialog = Dialog.ofServer(request, this.localTag, flow);
  }

  /** Tells the consumer about the call. */
  start(authenticatedUser: string | undefined, nowMs: number): void {
    const { context, request } = this;
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
      request,
    });
  }

  progress(status: number, answer: Answer, nowMs: number): void {
    const response = this.context.createResponse(this.request, status, answer.reason, this.localTag);
    this.addDialogHeaders(response, undefined);
    this.context.fill(response, answer);
    this.lastProvisional = response;
    this.transaction.respond(response, nowMs);
    this.armRepeat(nowMs);
  }

  accept(answer: Answer & { contactUser?: string | undefined }, nowMs: number): void {
    const { context } = this;
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
      description: answer,
    });
    session.attach();
    session.refresh.learn(this.request);
    session.refresh.onAnswered(timer.kind === 'agreed' ? timer.interval : undefined, nowMs);
    this.transaction.respond(response, nowMs);
    session.awaitAck(this.transaction, writeMessage(response), this.request, nowMs);
  }

  reject(status: number, answer: Answer, nowMs: number): void {
    this.release();
    const response = this.context.createResponse(this.request, status, answer.reason, this.localTag);
    this.context.fill(response, answer);
    this.transaction.respond(response, nowMs);
  }

  onRequest(request: SipRequest, transaction: ServerTransaction, flow: Flow, nowMs: number): void {
    const { context, sessionId, dialog } = this;
    const wasBye = answerEarlyRequest({ context, sessionId, dialog }, request, transaction, flow, nowMs);
    if (wasBye) this.endByCaller(request, nowMs);
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
      if (this.lastProvisional !== undefined) this.transaction.respond(this.lastProvisional, nowMs);
      this.armRepeat(nowMs);
      return;
    }
    this.ringTimer = undefined;
    this.reject(480, {}, nowMs);
    const reason = 'Temporarily Unavailable';
    this.context.emit({ type: 'rejected', sessionId: this.sessionId, status: 480, reason, cause: 'timeout' });
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
    this.repeatTimer = context.timers.cancel(this.repeatTimer);
    this.ringTimer = context.timers.cancel(this.ringTimer);
    context.sessions.delete(this.sessionId);
    context.dialogs.delete(this.dialog.key);
    context.cancellable.delete(this.transaction);
  }
}
