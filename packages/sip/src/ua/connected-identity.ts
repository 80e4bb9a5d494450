import type { Dialog } from '../dialog/index.ts';
import { parseAddress, type NameAddress, type SipRequest } from '../message/index.ts';
import type { UserAgentContext } from './context.ts';

/** How many asserted identities of one request are read; RFC 3325 §9.1 allows two. */
const assertedMax = 2;

/** Tells the consumer when the peer of a session becomes somebody else (RFC 4916 §4.4, RFC 3325). */
export class ConnectedIdentity {
  private readonly context: UserAgentContext;
  /** The last P-Asserted-Identity lines. */
  private asserted = '';

  constructor(context: UserAgentContext) {
    this.context = context;
  }

  /** Reads a re-INVITE or UPDATE that has been let in. */
  learn(request: SipRequest, sessionId: string, dialog: Dialog): void {
    if (this.context.options.connectedIdentity !== true) return;
    const lines = request.headerValues('P-Asserted-Identity').slice(0, assertedMax);
    const text = lines.join(', ');
    const isAsserted = text !== '' && text !== this.asserted;
    // A From with another URI is the peer's new identity, and the To of what we send from now on.
    const isChanged = dialog.refreshIdentity(request);
    if (!isAsserted && !isChanged) return;
    this.asserted = text;
    const asserted = lines
      .map(parseAddress)
      .filter((address): address is NameAddress => address !== undefined);
    this.context.emit({ type: 'identity', sessionId, from: request.from, asserted, request });
  }
}
