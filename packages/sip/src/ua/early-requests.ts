import type { Dialog } from '../dialog/index.ts';
import type { Flow } from '../flow/index.ts';
import type { SipRequest } from '../message/index.ts';
import { readEvent } from '../subscription/index.ts';
import type { ServerTransaction } from '../transaction/index.ts';
import { refuseMethod, refuseRequire } from './content.ts';
import { bodyOf, type UserAgentContext } from './context.ts';
import type { EarlyOffers } from './early-offers.ts';

type DialogScope = { context: UserAgentContext; sessionId: string; dialog: Dialog };
type EarlyScope = DialogScope & { offers: EarlyOffers; ownsCallId: boolean };

/**
 * Answers a request within a dialog that has no final response yet; true when it was a BYE, which is then for the
 * caller of this function to act on.
 */
export function answerEarlyRequest(
  scope: EarlyScope,
  request: SipRequest,
  transaction: ServerTransaction,
  flow: Flow,
  nowMs: number,
): boolean {
  const { context, dialog } = scope;
  if (!dialog.receive(request, flow)) {
    context.respond(transaction, request, 500, nowMs, [], 'CSeq Out of Order');
    return false;
  }
  if (request.method === 'BYE') {
    context.respond(transaction, request, 200, nowMs);
    return true;
  }
  if (refuseDemands(context, request, transaction, nowMs)) return false;
  if (request.method === 'UPDATE') scope.offers.receive(request, transaction, nowMs);
  else if (request.method !== 'INVITE') answerAnywhere(scope, request, transaction, nowMs);
  else if (scope.ownsCallId) {
    // §14.2: the INVITE that is under way is ours.
    context.respond(transaction, request, 491, nowMs);
  } else context.respond(transaction, request, 500, nowMs, [['Retry-After', String(context.draw(11))]]);
  return false;
}

/** Refuses a method that is not served, or an extension that is not supported; true when it did. */
export function refuseDemands(
  context: UserAgentContext,
  request: SipRequest,
  transaction: ServerTransaction,
  nowMs: number,
): boolean {
  const refusal = refuseMethod(request, context.methods) ?? refuseRequire(request, context.extensions);
  if (refusal === undefined) return false;
  context.respond(transaction, request, refusal.status, nowMs, refusal.headers);
  return true;
}

/** Answers what is answered alike in every state of a dialog: INFO, MESSAGE, OPTIONS, and what has no place here. */
export function answerAnywhere(
  scope: DialogScope,
  request: SipRequest,
  transaction: ServerTransaction,
  nowMs: number,
): void {
  const { context, sessionId } = scope;
  if (request.method === 'OPTIONS') context.respond(transaction, request, 200, nowMs, context.capabilities);
  else if (request.method === 'REFER') {
    // An answered call takes it before it comes here.
    context.respond(transaction, request, 403, nowMs, [], 'Call Not Answered');
  } else if (request.method === 'MESSAGE') answerMessage(scope, request, transaction, nowMs);
  else if (request.method === 'SUBSCRIBE' && !context.servesEvent(readEvent(request)?.package)) {
    // RFC 6665 §4.2.1.1: what we have never heard of, whatever dialog it comes in.
    context.respond(transaction, request, 489, nowMs, [['Allow-Events', context.eventNames]]);
  } else if (request.method !== 'INFO') {
    // A PRACK, SUBSCRIBE or NOTIFY that nobody waits for (RFC 3262 §3, RFC 6665 §4.1.3), or a REGISTER.
    context.respond(transaction, request, 481, nowMs);
  } else if (request.header('Info-Package') !== undefined) {
    // We have agreed to no package (RFC 6086 §4.2.2); an empty Recv-Info says so.
    context.respond(transaction, request, 469, nowMs, [['Recv-Info', '']]);
  } else if (!context.takesInfo(request)) {
    context.respond(transaction, request, 415, nowMs, [['Accept', context.infoTypes.join(', ')]]);
  } else {
    context.respond(transaction, request, 200, nowMs);
    const { body, contentType } = bodyOf(request);
    if (body === undefined) return;
    context.emit({ type: 'info', sessionId, contentType: contentType ?? '', body, request });
  }
}

/** The consumer's hook says whether a message is taken (RFC 3428 §7). */
function answerMessage(
  { context, sessionId, dialog }: DialogScope,
  request: SipRequest,
  transaction: ServerTransaction,
  nowMs: number,
): void {
  const refusal = context.options.message?.(request, { flow: dialog.flow, nowMs, sessionId });
  if (refusal !== undefined) {
    context.respond(transaction, request, refusal.status, nowMs, refusal.headers ?? [], refusal.reason);
    return;
  }
  context.respond(transaction, request, 200, nowMs);
  const { body = request.body, contentType = 'text/plain' } = bodyOf(request);
  context.emit({ type: 'message', sessionId, from: request.from, contentType, body, request });
}
