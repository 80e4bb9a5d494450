import { DigestServer, type Verification } from '../digest/index.ts';
import { dialogKey, findDialogFault } from '../dialog/index.ts';
import { isReliable, type Flow } from '../flow/index.ts';
import { writeMessage, type ParseFailure, type SipRequest } from '../message/index.ts';
import { Registrar, type RegistrarPolicy } from '../registrar/index.ts';
import { answerTimer } from '../session-timer/index.ts';
import {
  InviteServerTransaction,
  markReceived,
  responseFlow,
  type ServerTransaction,
} from '../transaction/index.ts';
import { refuseAccept, refuseContent } from './content.ts';
import { bodyOf, type UserAgentContext } from './context.ts';
import { IncomingCall } from './incoming-call.ts';
import { inspect, statelessTag, type RequestRefusal } from './inspection.ts';
import { subscribingKey } from './own-subscription.ts';
import { ReferDialog } from './refer-dialog.ts';
import type { Subscriptions } from './subscriptions.ts';
import { findReplaced } from './replacement.ts';
import type { RequestContext } from './options.ts';

const defaultPolicy: RegistrarPolicy = {
  expiresDefaultSeconds: 300,
  expiresMinSeconds: 60,
  expiresMaxSeconds: 3_600,
};

/** Takes every request that arrives to where it belongs (RFC 3261 §8.2, §9.2, §12.2.2). */
export class RequestHandler {
  readonly registrar: Registrar;
  private readonly context: UserAgentContext;
  private readonly subscriptions: Subscriptions;
  private readonly digest: DigestServer;

  constructor(context: UserAgentContext, subscriptions: Subscriptions) {
    this.subscriptions = subscriptions;
    const { options, limits, timers } = context;
    this.context = context;
    this.digest = new DigestServer({
      realm: options.realm,
      secret: options.secret,
      random32: options.random32,
      algorithms: options.digestAlgorithms ?? (() => ['MD5']),
      nonceLifetimeMs: options.nonceLifetimeMs ?? 300_000,
      usedNoncesMax: 50_000,
      credentials: options.credentials,
    });
    this.registrar = new Registrar(
      {
        realm: options.realm,
        policy: { ...defaultPolicy, ...options.registrar },
        bindingsPerAorMax: limits.bindingsPerAorMax,
        aorsMax: limits.aorsMax,
        onChange: (change) => context.emit({ type: 'registration-changed', ...change }),
      },
      timers,
    );
  }

  receive(request: SipRequest, flow: Flow, nowMs: number): void {
    const { context } = this;
    markReceived(request, flow);
    const known = context.transactions.findServer(request);
    if (request.method === 'ACK') {
      if (known instanceof InviteServerTransaction) known.receive(request, nowMs);
      else this.findDialog(request)?.onAck(request, nowMs);
    } else if (known !== undefined) known.receive(request, nowMs);
    else if (request.method === 'CANCEL') this.cancel(request, flow, nowMs);
    else if (context.transactions.serverCount >= context.limits.transactionsMax) {
      this.respondStatelessly(request, flow, { status: 503, headers: [['Retry-After', '5']] });
    } else if (request.toTag !== undefined) this.receiveInDialog(request, flow, nowMs);
    else this.receiveOutside(request, flow, nowMs);
  }

  /** Answers a request that could not be read, as far as it could be read; an ACK is never answered. */
  receiveMalformed(failure: ParseFailure, flow: Flow): void {
    const { request, status, reason } = failure;
    this.context.log('info', 'malformed message', reason, flow);
    if (request === undefined || request.method === 'ACK' || request.via === undefined) return;
    markReceived(request, flow);
    this.respondStatelessly(request, flow, { status, reason });
  }

  private findDialog(request: SipRequest) {
    return this.context.dialogs.get(dialogKey(request.callId, request.toTag ?? '', request.fromTag ?? ''));
  }

  /** Whoever awaits the first NOTIFY of a subscription (RFC 6665 §4.4.1). */
  private findSubscribing(request: SipRequest) {
    if (request.method !== 'NOTIFY') return undefined;
    return this.context.subscribing.get(subscribingKey(request.callId, request.toTag));
  }

  private createTransaction(request: SipRequest, flow: Flow): ServerTransaction {
    const { transactions } = this.context;
    return request.method === 'INVITE'
      ? transactions.createInviteServer(request, flow)
      : transactions.createServer(request, flow);
  }

  /** RFC 3261 §9.2: 200 and the end of the INVITE if it has no final response yet; else 200 and nothing; else 481. */
  private cancel(request: SipRequest, flow: Flow, nowMs: number): void {
    const { context } = this;
    const invite = context.transactions.findCancelled(request);
    const transaction = context.transactions.createServer(request, flow);
    context.respond(transaction, request, invite === undefined ? 481 : 200, nowMs);
    if (invite !== undefined) context.cancellable.get(invite)?.onCancel(request, nowMs);
  }

  private receiveInDialog(request: SipRequest, flow: Flow, nowMs: number): void {
    const transaction = this.createTransaction(request, flow);
    const owner = this.findDialog(request) ?? this.findSubscribing(request);
    if (owner === undefined) this.context.respond(transaction, request, 481, nowMs);
    else owner.onRequest(request, transaction, flow, nowMs);
  }

  private receiveOutside(request: SipRequest, flow: Flow, nowMs: number): void {
    const { context } = this;
    const isMerged = context.transactions.isMerged(request);
    const transaction = this.createTransaction(request, flow);
    const refusal: RequestRefusal | undefined = isMerged ? { status: 482 } : inspect(request, context);
    if (refusal !== undefined) {
      this.answer(transaction, request, refusal, nowMs);
      return;
    }
    const facts: RequestContext = { flow, nowMs };
    if (context.options.requireAuthentication(request, flow)) {
      const username = this.authenticate(request, transaction, flow, nowMs);
      if (username === undefined) return;
      facts.authenticatedUser = username;
    }
    const denied = context.options.admit?.(request, facts);
    if (denied !== undefined) this.answer(transaction, request, denied, nowMs);
    else this.serve(request, transaction, facts);
  }

  private serve(request: SipRequest, transaction: ServerTransaction, facts: RequestContext): void {
    const { context } = this;
    const { nowMs } = facts;
    if (transaction instanceof InviteServerTransaction) this.invite(request, transaction, facts);
    else if (request.method === 'REGISTER') this.register(request, transaction, facts);
    else if (request.method === 'OPTIONS')
      context.respond(transaction, request, 200, nowMs, context.capabilities);
    else if (request.method === 'SUBSCRIBE') this.subscriptions.receive(request, transaction, facts);
    else if (request.method === 'NOTIFY') this.subscriptions.receiveUnsolicited(request, transaction, facts);
    else if (request.method === 'REFER') this.refer(request, transaction, facts);
    else if (request.method === 'MESSAGE') this.message(request, transaction, facts);
    else context.respond(transaction, request, 481, nowMs);
  }

  private refer(request: SipRequest, transaction: ServerTransaction, facts: RequestContext): void {
    const { context } = this;
    const { flow, nowMs } = facts;
    const fault = findDialogFault(request);
    if (context.options.refer === 'calls') {
      this.answer(transaction, request, { status: 403, reason: 'REFER Only Within Calls' }, nowMs);
    } else if (fault !== undefined) {
      this.answer(transaction, request, { status: 400, reason: fault }, nowMs);
    } else if (context.refers.size >= context.limits.sessionsMax) {
      this.answer(transaction, request, { status: 503, headers: [['Retry-After', '5']] }, nowMs);
    } else new ReferDialog(context, request, flow).start(request, transaction, facts);
  }

  /** A message outside a call (RFC 3428 §7). */
  private message(request: SipRequest, transaction: ServerTransaction, facts: RequestContext): void {
    const { context } = this;
    const refusal = context.options.message?.(request, facts);
    this.answer(transaction, request, refusal ?? { status: 200 }, facts.nowMs);
    if (refusal !== undefined) return;
    const { body = request.body, contentType = 'text/plain' } = bodyOf(request);
    const user = facts.authenticatedUser;
    context.emit({
      type: 'message-outside',
      flow: facts.flow,
      from: request.from,
      ...(user === undefined ? {} : { authenticatedUser: user }),
      contentType,
      body,
      request,
    });
  }

  private invite(request: SipRequest, transaction: InviteServerTransaction, facts: RequestContext): void {
    const { context } = this;
    const { nowMs, flow } = facts;
    if (context.sessions.size >= context.limits.sessionsMax) {
      this.answer(transaction, request, { status: 503, headers: [['Retry-After', '5']] }, nowMs);
      return;
    }
    const refusal = refuseContent(request) ?? refuseAccept(request);
    if (refusal !== undefined) {
      this.answer(transaction, request, refusal, nowMs);
      return;
    }
    const fault = findDialogFault(request);
    if (fault !== undefined) {
      this.answer(transaction, request, { status: 400, reason: fault }, nowMs);
      return;
    }
    const timer = answerTimer(request, context.sessionTimer, 'uas');
    if (timer.kind === 'too-small') {
      const headers = [['Min-SE', String(timer.minSeconds)]] as const;
      this.answer(transaction, request, { status: 422, headers }, nowMs);
      return;
    }
    const verdict = findReplaced(context, request, nowMs);
    if (verdict.kind === 'refused') {
      this.answer(transaction, request, verdict, nowMs);
      return;
    }
    const replacement = verdict.kind === 'replaces' ? verdict.replacement : undefined;
    transaction.tryWithin(context.intervals.tryingDelayMs, () => context.createResponse(request, 100), nowMs);
    new IncomingCall(context, request, transaction, flow).start(facts.authenticatedUser, replacement, nowMs);
  }

  private register(request: SipRequest, transaction: ServerTransaction, facts: RequestContext): void {
    const { context } = this;
    const { options } = context;
    const { flow, nowMs, authenticatedUser } = facts;
    const { uri } = request.to;
    const user = uri?.user;
    const isLocal = uri !== undefined && (options.isLocalDomain?.(uri.host) ?? true);
    if (uri === undefined || user === undefined || !isLocal) {
      this.answer(transaction, request, { status: 404 }, nowMs);
      return;
    }
    const mayRegister =
      authenticatedUser === undefined ||
      (options.mayRegister === undefined
        ? authenticatedUser === user
        : options.mayRegister(authenticatedUser, uri));
    if (!mayRegister) {
      this.answer(transaction, request, { status: 403 }, nowMs);
      return;
    }
    const answer = this.registrar.register(request, user, flow, nowMs);
    context.respond(transaction, request, answer.status, nowMs, answer.headers, answer.reason);
    if (answer.status < 300) context.stranded.registered(this.registrar.bindings(user), flow, nowMs);
  }

  /** The digest user; undefined after a challenge has been sent. */
  private authenticate(
    request: SipRequest,
    transaction: ServerTransaction,
    flow: Flow,
    nowMs: number,
  ): string | undefined {
    const verification = this.digest.verify(request, flow.remoteAddress, nowMs);
    this.reportAuthentication(request, verification, flow);
    if (verification.ok) return verification.username;
    if (verification.why !== 'missing' && !verification.stale) {
      const detail = `${request.method} of ${request.from.uriText}: ${verification.why}`;
      this.context.log('info', 'authentication failed', detail, flow);
    }
    this.context.transactions.forgetMerge(transaction);
    const challenges = this.digest.challenge(request, flow.remoteAddress, verification.stale, nowMs);
    const headers = challenges.map((value) => ['WWW-Authenticate', value] as const);
    this.context.respond(transaction, request, 401, nowMs, headers);
    return undefined;
  }

  private reportAuthentication(request: SipRequest, verification: Verification, flow: Flow): void {
    const { method } = request;
    const hasOwnNonce = verification.ok || verification.hasOwnNonce === true;
    const isWrong = !verification.ok && verification.why === 'wrong-credentials';
    this.context.emit({
      type: 'authentication',
      outcome: verification.ok ? 'succeeded' : isWrong ? 'failed' : 'challenged',
      username: verification.username ?? request.from.uri?.user ?? '',
      method,
      provesAddress: hasOwnNonce || isReliable(flow.protocol),
      flow,
    });
  }

  private answer(
    transaction: ServerTransaction,
    request: SipRequest,
    refusal: RequestRefusal,
    nowMs: number,
  ): void {
    this.context.respond(transaction, request, refusal.status, nowMs, refusal.headers ?? [], refusal.reason);
  }

  /** Answers without memory; the To tag is the same for each repetition (RFC 3261 §8.2.7). */
  private respondStatelessly(request: SipRequest, flow: Flow, refusal: RequestRefusal): void {
    const { via } = request;
    if (via === undefined) return;
    const response = this.context.createResponse(
      request,
      refusal.status,
      refusal.reason,
      statelessTag(request),
    );
    for (const [name, value] of refusal.headers ?? []) response.append(name, value);
    this.context.send(responseFlow(via, flow), writeMessage(response));
  }
}
