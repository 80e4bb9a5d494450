import { dialogKey, parseReplaces } from '../dialog/index.ts';
import type { SipRequest } from '../message/index.ts';
import type { UserAgentContext } from './context.ts';
import { EarlyDialog } from './early-dialog.ts';
import { EstablishedSession } from './established-session.ts';
import { OutgoingCall } from './outgoing-call.ts';
import { findReplacedOwner } from './replaced-session.ts';

/** What Replaces asks of an INVITE (RFC 3891 §3). */
export type ReplacementVerdict =
  /** Nothing: an ordinary call. */
  | { kind: 'none' }
  | { kind: 'refused'; status: number; reason?: string }
  | { kind: 'replaces'; replacement: Replacement };

/** Ends the session that a new one replaces. */
export class Replacement {
  readonly sessionId: string;
  /** Whether the session that is replaced has not been answered yet. */
  readonly isEarly: boolean;
  private readonly context: UserAgentContext;

  constructor(context: UserAgentContext, sessionId: string, isEarly: boolean) {
    this.context = context;
    this.sessionId = sessionId;
    this.isEarly = isEarly;
  }

  /** The new session is answered: the old one gets BYE or CANCEL (§3), if it is still there. */
  complete(replacedBy: string, nowMs: number): void {
    const session = this.context.sessions.get(this.sessionId);
    const reason = 'SIP;cause=200;text="Replaced"';
    if (session instanceof EstablishedSession) session.bye(reason, nowMs, replacedBy);
    else if (session instanceof OutgoingCall) session.cancel(reason, nowMs, replacedBy);
  }
}

function refuse(status: number, reason?: string): ReplacementVerdict {
  return { kind: 'refused', status, ...(reason === undefined ? {} : { reason }) };
}

/** Finds what an INVITE outside a dialog replaces; only when the consumer serves Replaces. */
export function findReplaced(
  context: UserAgentContext,
  request: SipRequest,
  nowMs: number,
): ReplacementVerdict {
  if (context.options.replaces !== true) return { kind: 'none' };
  const values = request.headerLines('Replaces');
  if (values.length === 0) return { kind: 'none' };
  const replaces = values.length === 1 ? parseReplaces(values[0] ?? '') : undefined;
  if (replaces === undefined) return refuse(400, 'Malformed Replaces');
  const owner = findReplacedOwner(context, replaces);
  if (owner instanceof EstablishedSession) {
    // A dialog that is on its way out counts as one that has ended.
    if (!owner.isReplaceable) return refuse(603);
    if (replaces.earlyOnly) return refuse(486);
    return { kind: 'replaces', replacement: new Replacement(context, owner.sessionId, false) };
  }
  // An early dialog can be replaced only where we called: else it is not ours to cancel.
  if (owner instanceof EarlyDialog)
    return { kind: 'replaces', replacement: new Replacement(context, owner.sessionId, true) };
  const key = dialogKey(replaces.callId, replaces.toTag, replaces.fromTag);
  return refuse(owner === undefined && context.ended.has(key, nowMs) ? 603 : 481);
}
