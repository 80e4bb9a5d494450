import type { Dialog } from '../dialog/index.ts';
import type { Flow } from '../flow/index.ts';
import type { SipRequest } from '../message/index.ts';
import type { ServerTransaction } from '../transaction/index.ts';
import { allow, bodyOf, type UserAgentContext } from './context.ts';

type DialogScope = { context: UserAgentContext; sessionId: string; dialog: Dialog };

/** Answers a request within a dialog that has no final response yet; true when it was a BYE. */
export function answerEarlyRequest(
  scope: DialogScope,
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
  switch (request.method) {
    case 'BYE':
      context.respond(transaction, request, 200, nowMs);
      return true;
    case 'UPDATE':
      // The first offer is still without an answer (RFC 3311 §5.2); a mere target refresh is fine.
      if (request.body.length === 0) dialog.refreshTarget(request);
      context.respond(transaction, request, request.body.length === 0 ? 200 : 491, nowMs);
      return false;
    case 'INVITE':
      context.respond(transaction, request, 500, nowMs, [['Retry-After', String(context.draw(11))]]);
      return false;
    default:
      answerAnywhere(scope, request, transaction, nowMs);
      return false;
  }
}

/** Requests that are answered alike in every state of a dialog: INFO, OPTIONS, and what we do not know. */
export function answerAnywhere(
  scope: DialogScope,
  request: SipRequest,
  transaction: ServerTransaction,
  nowMs: number,
): void {
  const { context, sessionId } = scope;
  if (request.method === 'OPTIONS') context.respond(transaction, request, 200, nowMs, context.capabilities);
  else if (request.method === 'PRACK') {
    // Whoever waits for a PRACK has taken it already (RFC 3262 §3).
    context.respond(transaction, request, 481, nowMs);
  } else if (request.method !== 'INFO') context.respond(transaction, request, 405, nowMs, [['Allow', allow]]);
  else if (request.header('Info-Package') !== undefined) {
    // We have agreed to no package (RFC 6086 §4.2.2); an empty Recv-Info says so.
    context.respond(transaction, request, 469, nowMs, [['Recv-Info', '']]);
  } else {
    context.respond(transaction, request, 200, nowMs);
    const { body, contentType } = bodyOf(request);
    if (body === undefined) return;
    context.emit({ type: 'info', sessionId, contentType: contentType ?? '', body, request });
  }
}
