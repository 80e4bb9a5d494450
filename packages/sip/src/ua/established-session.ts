import type { Dialog } from '../dialog/index.ts';
import { type Flow, travelsOn } from '../flow/index.ts';
import { type SipRequest, writeMessage } from '../message/index.ts';
import type { Timer } from '../timers/index.ts';
import type { InviteServerTransaction, ServerTransaction } from '../transaction/index.ts';
import { AcknowledgementWait } from './acknowledgement-wait.ts';
import { done, refused } from './arguments.ts';
import { bodyOf, type DialogOwner, type SessionEntry, type UserAgentContext } from './context.ts';
import { DialogRefers } from './dialog-refers.ts';
import { answerAnywhere, refuseDemands } from './early-requests.ts';
import type { EndedBy, SipEvent } from './events.ts';
import type { ReferReport } from './refer-types.ts';
import type { BodyOptions, ClientCredentials, CommandResult, HeaderOptions } from './options.ts';
import { RequestAttempt, type RequestOutcome } from './request-attempt.ts';
import { type OfferingSession, SessionOffers } from './session-offers.ts';
import { SessionRefresh, type RefreshOwner } from './session-refresh.ts';
import type { SessionSnapshot } from './session-snapshot.ts';

export type EstablishedSessionOptions = {
  sessionId: string;
  role: 'uac' | 'uas';
  dialog: Dialog;
  credentials: ClientCredentials | undefined;
  contactUser: string | undefined;
  /** The body that we have sent as offer or answer, to be sent again when nothing changes. */
  description: BodyOptions;
};

type ReferEvent = Extract<SipEvent, { type: 'refer-progress' | 'refer-result' }>;

/** Phones register anew within this time, also those that have not noticed that their connection is gone. */
const byeOwedMaxMs = 600_000;

/**
 * active: both sides may talk. ending: hung up, but BYE must wait for the ACK of our 2xx (RFC 3261 §15).
 * over: nothing more will come.
 */
type State = 'active' | 'ending' | 'over';

/** A call from its 2xx to its BYE, in either role. */
export class EstablishedSession implements DialogOwner, OfferingSession, RefreshOwner, SessionEntry {
  readonly kind = 'established' as const;
  readonly context: UserAgentContext;
  readonly sessionId: string;
  readonly dialog: Dialog;
  readonly credentials: ClientCredentials | undefined;
  readonly refresh: SessionRefresh;
  readonly offers: SessionOffers;
  readonly acknowledgement: AcknowledgementWait;
  private readonly role: 'uac' | 'uas';
  private readonly contactUser: string | undefined;
  private state: State = 'active';
  private byeReason: string | undefined;
  /** Made with the first REFER; they may outlive the session in its dialog (RFC 5057 §4.1). */
  private refers: DialogRefers | undefined;
  private isReleased = false;
  /** It began in another process. */
  private isImported = false;
  /** Runs while the BYE waits for the peer to come back. */
  private byeTimer: Timer | undefined;

  constructor(context: UserAgentContext, options: EstablishedSessionOptions) {
    this.context = context;
    this.sessionId = options.sessionId;
    this.role = options.role;
    this.dialog = options.dialog;
    this.credentials = options.credentials;
    this.contactUser = options.contactUser;
    this.refresh = new SessionRefresh(context, this);
    this.offers = new SessionOffers(this, options.description);
    this.acknowledgement = new AcknowledgementWait(context, options.role === 'uac', (at) =>
      this.ackMissing(at),
    );
  }

  /** Whether both sides may still talk. */
  get isReplaceable(): boolean {
    return this.state === 'active';
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
    transaction.user = this;
    this.acknowledgement.start(transaction, bytes, invite, nowMs);
  }

  /** Marks an imported session as acknowledged; its connection has not survived. */
  resume(): void {
    this.acknowledgement.isConfirmed = true;
    this.isImported = true;
    this.attach();
    this.context.stranded.add(this);
  }

  /** The process that had this session may have ended before its ACK was sent (§13.2.2.4). */
  acknowledgeAgain(sequence: number): boolean {
    const { context, dialog } = this;
    if (!this.isImported) return false;
    const ack = context.createDialogRequest(dialog, 'ACK', sequence);
    context.send(context.flowFor(dialog), writeMessage(ack));
    return true;
  }

  // ------------------------------------------------------------------ commands

  /** Sends something that changes nothing about the session. */
  tell(method: 'INFO' | 'MESSAGE', options: BodyOptions & HeaderOptions, nowMs: number): CommandResult {
    this.request(method, options, nowMs, (outcome, at) => {
      if (this.state !== 'active' || this.endIfLost(outcome, at)) return;
      const type = method === 'INFO' ? 'info-result' : 'message-result';
      this.context.emit({ type, sessionId: this.sessionId, status: outcome.status });
    });
    return done;
  }

  /** Asks the peer to call somebody else. */
  refer(referId: string, headers: ReadonlyArray<readonly [string, string]>, nowMs: number): CommandResult {
    const { context, sessionId } = this;
    if (!this.acknowledgement.isConfirmed)
      return refused('wrong-state', 'The ACK of the first answer has not arrived yet.');
    const request = context.createDialogRequest(this.dialog, 'REFER');
    request.push('Contact', this.contact());
    context.pushAbilities(request);
    context.fill(request, { headers });
    const onReport = ({ kind, ...report }: ReferReport): void =>
      context.emit({ type: `refer-${kind}`, referId, sessionId, ...report } as ReferEvent);
    const isSent = this.openRefers().send(
      request,
      onReport,
      (outcome, at) => {
        if (this.state === 'active') this.endIfLost(outcome, at);
      },
      nowMs,
    );
    return isSent ? done : refused('limit-reached', 'Too many REFERs are open in this call.');
  }

  bye(reasonHeader: string | undefined, nowMs: number, replacedBy?: string): CommandResult {
    this.byeReason = reasonHeader;
    this.end('local', replacedBy === undefined ? {} : { replacedBy }, nowMs);
    if (!this.acknowledgement.isConfirmed && this.acknowledgement.isOpen) this.state = 'ending';
    else this.sendBye(nowMs);
    return done;
  }

  /** Hangs up a dialog that the consumer never saw (a second fork, an answer that crossed CANCEL). */
  hangUpUnseen(nowMs: number): void {
    this.state = 'over';
    this.context.dialogs.set(this.dialog.key, this);
    this.sendBye(nowMs);
  }

  /**
   * Everything needed to continue in another process; undefined when it is over. With `unacknowledged` also while the ACK of our
   * 2xx is on its way; without the description when it is the `known` one.
   */
  export({
    unacknowledged = false,
    known,
  }: {
    unacknowledged?: boolean;
    known?: string | undefined;
  }): SessionSnapshot | undefined {
    if (this.state !== 'active') return undefined;
    if (!this.acknowledgement.isConfirmed && !unacknowledged) return undefined;
    const { sessionId, role, contactUser } = this;
    const sessionTimer = this.refresh.export();
    const description = sessionTimer === undefined ? undefined : this.offers.descriptionText;
    return {
      version: 1,
      sessionId,
      role,
      contactUser,
      ...this.dialog.export(),
      ...(sessionTimer === undefined ? {} : { sessionTimer }),
      ...(description === undefined || description === known ? {} : { description }),
    };
  }

  // ------------------------------------------------------------------ what the peer sends

  onRequest(request: SipRequest, transaction: ServerTransaction, flow: Flow, nowMs: number): void {
    const { context } = this;
    if (!this.dialog.receive(request, flow)) {
      context.respond(transaction, request, 500, nowMs, [], 'CSeq Out of Order');
      return;
    }
    const isBack = flow.connectionId !== undefined && context.stranded.has(this);
    context.stranded.delete(this);
    if (request.method === 'BYE') {
      transaction.respond(context.createResponse(request, 200), nowMs);
      this.onBye(request, nowMs);
      return;
    }
    if (this.receiveReport(request, transaction, nowMs)) return;
    if (this.state !== 'active') {
      context.respond(transaction, request, 481, nowMs);
      if (isBack) this.sendBye(nowMs);
      return;
    }
    if (refuseDemands(context, request, transaction, nowMs)) return;
    if (request.method === 'INVITE' || request.method === 'UPDATE') {
      this.offers.receive(request, transaction, nowMs);
    } else if (request.method === 'REFER') this.onRefer(request, transaction, nowMs);
    else answerAnywhere(this, request, transaction, nowMs);
  }

  /** A NOTIFY or SUBSCRIBE about a REFER, which may also come after the session has ended. */
  private receiveReport(request: SipRequest, transaction: ServerTransaction, nowMs: number): boolean {
    const { refers, context } = this;
    if (refers === undefined || (request.method !== 'NOTIFY' && request.method !== 'SUBSCRIBE')) return false;
    if (refuseDemands(context, request, transaction, nowMs)) return true;
    return request.method === 'NOTIFY'
      ? refers.receiveNotify(request, transaction, nowMs)
      : refers.receiveSubscribe(request, transaction, nowMs);
  }

  private onRefer(request: SipRequest, transaction: ServerTransaction, nowMs: number): void {
    const { sessionId } = this;
    const asked = this.openRefers().receive(request, transaction, nowMs);
    if (asked !== undefined) this.context.emit({ type: 'refer', sessionId, ...asked });
  }

  private openRefers(): DialogRefers {
    this.refers ??= new DialogRefers(this, () => {
      if (this.isReleased) this.release();
    });
    return this.refers;
  }

  private onBye(request: SipRequest, nowMs: number): void {
    const reasonHeader = request.header('Reason');
    if (this.state === 'active')
      this.end('remote', reasonHeader === undefined ? {} : { reasonHeader }, nowMs);
    this.release();
  }

  onAck(ack: SipRequest, nowMs: number): void {
    if (this.acknowledgement.awaits(ack.sequence)) this.confirm(ack, nowMs);
  }

  confirm(ack: SipRequest | undefined, nowMs: number): void {
    const { acknowledgement } = this;
    acknowledgement.stop();
    const wasConfirmed = acknowledgement.isConfirmed;
    acknowledgement.isConfirmed = true;
    if (this.state === 'ending') {
      this.state = 'over';
      this.sendBye(nowMs);
    } else if (this.state === 'active') {
      const content = { sessionId: this.sessionId, ...(ack === undefined ? {} : bodyOf(ack)) };
      const { flow } = this.dialog;
      this.context.emit(
        wasConfirmed ? { type: 'reinvite-confirmed', ...content } : { type: 'confirmed', flow, ...content },
      );
    }
  }

  /** 64*T1 without ACK: the session is hung up (§13.3.1.4). */
  private ackMissing(nowMs: number): void {
    this.acknowledgement.isConfirmed = true;
    if (this.state === 'active') this.end('timeout', {}, nowMs);
    this.state = 'over';
    this.sendBye(nowMs);
  }

  onFlowClosed(flow: Flow): void {
    if (!travelsOn(this.dialog.flow, flow)) return;
    this.context.leaveClosedFlow(this.dialog, flow);
    this.context.stranded.add(this);
  }

  /** Goes on over another path; asks the peer whether it still knows the session, which ends when it does not. */
  rejoin(flow: Flow, nowMs: number): CommandResult {
    // A path on which it was heard already needs no question.
    if (flow.connectionId === undefined || !travelsOn(this.dialog.flow, flow))
      this.comeBack(flow, true, nowMs);
    return done;
  }

  /** The device of this session, or one that may be it, has come back over another connection. */
  comeBack(flow: Flow, isCertain: boolean, nowMs: number): void {
    const { stranded } = this.context;
    stranded.delete(this);
    const former = this.dialog.flow;
    this.dialog.flow = flow;
    if (this.state === 'over') return this.sendBye(nowMs);
    this.request('OPTIONS', {}, nowMs, (outcome, at) => {
      if (this.state !== 'active') return;
      const isAnothers = outcome.status === 481 && !isCertain;
      if (!isAnothers) return void this.endIfLost(outcome, at);
      this.dialog.flow = former;
      stranded.add(this);
    });
  }

  // ------------------------------------------------------------------ session timer

  sendUpdate(onOutcome: (outcome: RequestOutcome, nowMs: number) => void, nowMs: number): void {
    const headers: Array<[string, string]> = [['Contact', this.contact()], ...this.refresh.headers()];
    this.request('UPDATE', { headers }, nowMs, onOutcome);
  }

  sendUnchangedReinvite(nowMs: number): boolean {
    return this.offers.refreshUnchanged(nowMs);
  }

  onExpired(nowMs: number): void {
    if (this.state !== 'active') return;
    this.byeReason = 'SIP;cause=408;text="Session expired"';
    this.end('timeout', {}, nowMs);
    this.sendBye(nowMs);
  }

  // ------------------------------------------------------------------ ending

  /** No answer or 481 to a request in the dialog means that the peer is gone (§12.2.1.2, RFC 5057 §5.1). */
  endIfLost(outcome: RequestOutcome, nowMs: number): boolean {
    if (outcome.status !== 408 && outcome.status !== 481 && outcome.cause === 'remote') return false;
    // Whoever cannot be connected to may come back; that its connection is gone says nothing about the call.
    if (outcome.cause === 'transport' && this.context.stranded.has(this)) return false;
    const by = outcome.cause === 'remote' && outcome.status === 408 ? 'timeout' : outcome.cause;
    this.end(by, { status: outcome.status }, nowMs);
    this.refers?.abandon(nowMs);
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

  /** Tells the consumer and lets go of whatever is open; the dialog itself goes with `release`. */
  private end(
    by: EndedBy,
    details: { status?: number; reasonHeader?: string; replacedBy?: string },
    nowMs: number,
  ): void {
    this.state = 'over';
    if (this.context.options.replaces === true) this.context.ended.add(this.dialog.key, nowMs);
    this.refresh.stop();
    this.offers.end(nowMs);
    this.refers?.endSession(nowMs);
    if (this.acknowledgement.isConfirmed) this.acknowledgement.stop();
    this.context.sessions.delete(this.sessionId);
    this.context.emit({ type: 'ended', sessionId: this.sessionId, by, ...details });
  }

  private sendBye(nowMs: number): void {
    const headers: Array<[string, string]> = this.byeReason === undefined ? [] : [['Reason', this.byeReason]];
    this.request('BYE', { headers }, nowMs, (outcome, at) => {
      const { stranded, timers } = this.context;
      if (outcome.cause !== 'transport' || !stranded.owe(this)) return this.release();
      // The peer cannot be told now that the call is over: it is when it comes back, unless that takes too long.
      timers.cancel(this.byeTimer);
      this.byeTimer = timers.set(this, 'bye', at + byeOwedMaxMs);
    });
  }

  /** The peer has not come back for its BYE. */
  onTimer(): void {
    this.release();
  }

  private release(): void {
    this.state = 'over';
    this.acknowledgement.stop();
    this.byeTimer = this.context.timers.cancel(this.byeTimer);
    this.context.stranded.delete(this);
    this.isReleased = true;
    if (this.refers?.isIdle === false) return;
    if (this.context.dialogs.get(this.dialog.key) === this) this.context.dialogs.delete(this.dialog.key);
  }
}
