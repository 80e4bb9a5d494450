import type { Dialog } from '../dialog/index.ts';
import type { Flow } from '../flow/index.ts';
import type { SipRequest } from '../message/index.ts';
import type { ServerTransaction } from '../transaction/index.ts';
import type { DialogOwner, UserAgentContext } from './context.ts';
import { EarlyOffers, type EarlySession } from './early-offers.ts';
import { answerEarlyRequest } from './early-requests.ts';
import type { ClientCredentials } from './options.ts';

export type EarlyDialogOptions = {
  sessionId: string;
  dialog: Dialog;
  remoteTag: string;
  credentials: ClientCredentials | undefined;
  contactUser: string | undefined;
  /** Whether this fork has answered our offer reliably. */
  isAnswered: () => boolean;
  /** The callee has hung up, although it never answered. */
  onBye: (nowMs: number) => void;
};

/** One fork of a call that we make and that is not answered yet (RFC 3261 §12.1.2). */
export class EarlyDialog implements DialogOwner, EarlySession {
  readonly context: UserAgentContext;
  readonly sessionId: string;
  readonly dialog: Dialog;
  readonly credentials: ClientCredentials | undefined;
  readonly fork: { remoteTag: string };
  readonly offers: EarlyOffers;
  readonly ownsCallId = true;
  readonly isReplaceable = true;
  /** It was the peer who made it. */
  readonly isKnownToPeer = true;
  private readonly options: EarlyDialogOptions;

  constructor(context: UserAgentContext, options: EarlyDialogOptions) {
    this.context = context;
    this.options = options;
    this.sessionId = options.sessionId;
    this.dialog = options.dialog;
    this.credentials = options.credentials;
    this.fork = { remoteTag: options.remoteTag };
    this.offers = new EarlyOffers(this);
  }

  get isAnswered(): boolean {
    return this.options.isAnswered();
  }

  contact(): string {
    return this.context.createContact(this.context.flowFor(this.dialog), this.options.contactUser);
  }

  timerHeaders(): Array<[string, string]> {
    return [];
  }

  onRequest(request: SipRequest, transaction: ServerTransaction, flow: Flow, nowMs: number): void {
    if (answerEarlyRequest(this, request, transaction, flow, nowMs)) this.options.onBye(nowMs);
  }

  onAck(): void {
    // No INVITE of the peer can be outstanding in an early dialog of ours.
  }

  onFlowClosed(flow: Flow): void {
    this.context.leaveClosedFlow(this.dialog, flow);
  }

  /** Forgets the dialog and what is open in it. */
  end(nowMs: number): void {
    this.offers.end(nowMs);
    if (this.context.dialogs.get(this.dialog.key) === this) this.context.dialogs.delete(this.dialog.key);
  }
}
