import { Dialog, dialogKey, readTargetDialog } from '../dialog/index.ts';
import type { Flow } from '../flow/index.ts';
import type { SipRequest } from '../message/index.ts';
import type { ServerTransaction } from '../transaction/index.ts';
import type { DialogOwner, UserAgentContext } from './context.ts';
import { DialogRefers } from './dialog-refers.ts';
import { refuseDemands } from './early-requests.ts';
import type { ReferScope } from './incoming-refer.ts';
import type { RequestContext } from './options.ts';

/** The dialog that a REFER outside a call makes (RFC 3515 §2.4.4); it lasts as long as its reports. */
export class ReferDialog implements DialogOwner, ReferScope {
  readonly context: UserAgentContext;
  readonly dialog: Dialog;
  readonly credentials = undefined;
  private readonly contactUser: string | undefined;
  private readonly refers: DialogRefers;

  constructor(context: UserAgentContext, request: SipRequest, flow: Flow) {
    this.context = context;
    this.dialog = Dialog.ofServer(request, context.token(), flow);
    this.contactUser = request.uri?.user;
    this.refers = new DialogRefers(this, () => context.dialogs.delete(this.dialog.key));
  }

  contact(): string {
    return this.context.createContact(this.context.flowFor(this.dialog), this.contactUser);
  }

  /** Tells the consumer about the REFER that made the dialog. */
  start(request: SipRequest, transaction: ServerTransaction, facts: RequestContext): void {
    const { context } = this;
    const asked = this.refers.receive(request, transaction, facts.nowMs);
    if (asked === undefined) return;
    context.dialogs.set(this.dialog.key, this);
    const target = readTargetDialog(request);
    const owner = target && context.dialogs.get(dialogKey(target.callId, target.localTag, target.remoteTag));
    const user = facts.authenticatedUser;
    context.emit({
      type: 'refer-outside',
      ...asked,
      flow: facts.flow,
      from: request.from,
      ...(owner?.sessionId === undefined ? {} : { targetSessionId: owner.sessionId }),
      ...(user === undefined ? {} : { authenticatedUser: user }),
    });
  }

  onRequest(request: SipRequest, transaction: ServerTransaction, flow: Flow, nowMs: number): void {
    const { context } = this;
    if (!this.dialog.receive(request, flow)) {
      context.respond(transaction, request, 500, nowMs, [], 'CSeq Out of Order');
      return;
    }
    if (refuseDemands(context, request, transaction, nowMs)) return;
    const isTaken =
      request.method === 'SUBSCRIBE' && this.refers.receiveSubscribe(request, transaction, nowMs);
    if (!isTaken) context.respond(transaction, request, 481, nowMs);
  }

  onAck(): void {
    // There is no INVITE in this dialog.
  }

  onFlowClosed(flow: Flow): void {
    this.context.leaveClosedFlow(this.dialog, flow);
  }
}
