import { Dialog } from '../dialog/index.ts';
import type { Flow } from '../flow/index.ts';
import { writeMessage, type SipRequest, type SipResponse } from '../message/index.ts';
import type { ServerTransaction } from '../transaction/index.ts';
import { bodyOf, type DialogOwner, type SessionEntry, type UserAgentContext } from './context.ts';
import { answerEarlyRequest } from './early-requests.ts';
import { EstablishedSession } from './established-session.ts';
import { InviteAttempt, type InviteAttemptUser, type InviteFailure } from './invite-attempt.ts';
import type { ClientCredentials } from './options.ts';
import { ProvisionalAcknowledger } from './provisional-acknowledger.ts';
import { Redirection } from './redirection.ts';

/** A call that we make, until it is answered or over; afterwards it still acknowledges repeated and forked 2xx. */
export class OutgoingCall implements InviteAttemptUser, SessionEntry {
  readonly kind = 'outgoing' as const;
  readonly sessionId: string;
  private readonly context: UserAgentContext;
  private readonly attempt: InviteAttempt;
  /** Made with the first reliable response. */
  private acknowledger: ProvisionalAcknowledger | undefined;
  private readonly offersReliability: boolean;
  private readonly credentials: ClientCredentials | undefined;
  private readonly contactUser: string | undefined;
  private readonly earlyDialogs = new Map<string, Dialog>();
  /** The ACK of each 2xx by its To tag, to be repeated with the 2xx; undefined while the answer is awaited. */
  private readonly acks = new Map<string, { flow: Flow; bytes: Uint8Array } | undefined>();
  private lastSequence: number;

  constructor(
    context: UserAgentContext,
    sessionId: string,
    request: SipRequest,
    flow: Flow,
    credentials: ClientCredentials | undefined,
    contactUser: string | undefined,
  ) {
    this.context = context;
    this.sessionId = sessionId;
    this.credentials = credentials;
    this.contactUser = contactUser;
    this.lastSequence = request.sequence;
    const redirection =
      context.options.redirect === undefined
        ? undefined
        : new Redirection(context, request.uriText, contactUser);
    this.attempt = new InviteAttempt(context, request, flow, credentials, this, redirection);
    this.offersReliability = request.lists('Supported', '100rel');
  }

  start(nowMs: number): void {
    this.context.sessions.set(this.sessionId, this);
    this.attempt.start(nowMs);
  }

  cancel(reasonHeader: string | undefined, nowMs: number): void {
    this.attempt.cancel(reasonHeader, nowMs);
  }

  nextSequence(): number {
    this.lastSequence++;
    return this.lastSequence;
  }

  onProvisional(response: SipResponse, nowMs: number): void {
    const { toTag } = response;
    const dialog = toTag === undefined ? undefined : this.earlyDialog(toTag, response);
    if (this.offersReliability && ProvisionalAcknowledger.isReliable(response)) {
      this.acknowledger ??= new ProvisionalAcknowledger(this.context, this.credentials);
      if (dialog === undefined || !this.acknowledger.acknowledge(response, dialog, nowMs)) return;
    }
    this.context.emit({
      type: 'progress',
      sessionId: this.sessionId,
      status: response.status,
      reason: response.reason,
      ...(toTag === undefined ? {} : { remoteTag: toTag }),
      ...bodyOf(response),
      response,
    });
  }

  /** The early dialog of that fork; undefined when there are too many. */
  private earlyDialog(toTag: string, response: SipResponse): Dialog | undefined {
    const known = this.earlyDialogs.get(toTag);
    if (known !== undefined) {
      known.refreshTarget(response);
      return known;
    }
    // A hostile peer could fork without end.
    if (this.earlyDialogs.size >= 32) return undefined;
    const dialog = Dialog.ofClient(this.attempt.request, response, this.attempt.flow);
    this.earlyDialogs.set(toTag, dialog);
    this.context.dialogs.set(
      dialog.key,
      new EarlyDialogOwner(this.context, this.sessionId, dialog, () => this.hungUpEarly()),
    );
    return dialog;
  }

  onSuccess(response: SipResponse, nowMs: number): void {
    const toTag = response.toTag ?? '';
    if (this.acks.has(toTag)) {
      const ack = this.acks.get(toTag);
      if (ack !== undefined) this.context.send(ack.flow, ack.bytes);
      return;
    }
    const isFirst = this.acks.size === 0;
    if (this.acks.size >= 32) return;
    this.acks.set(toTag, undefined);
    const dialog =
      this.earlyDialogs.get(toTag) ?? Dialog.ofClient(this.attempt.request, response, this.attempt.flow);
    dialog.confirm(response);
    const session = new EstablishedSession(this.context, {
      sessionId: this.sessionId,
      role: 'uac',
      dialog,
      credentials: this.credentials,
      contactUser: this.contactUser,
      description: { body: this.attempt.request.body },
    });
    if (isFirst) this.dropEarlyDialogs(toTag);
    if (isFirst && this.attempt.givenUpBy === undefined)
      this.establish(session, dialog, response, toTag, nowMs);
    else {
      // Another fork answered too, or the answer crossed our CANCEL: take it and hang up (§13.2.2.4, §9.1).
      this.acknowledge(dialog, toTag, undefined, undefined);
      session.hangUpUnseen(nowMs);
      if (isFirst) this.finishGivenUp(true);
    }
  }

  private establish(
    session: EstablishedSession,
    dialog: Dialog,
    response: SipResponse,
    toTag: string,
    nowMs: number,
  ): void {
    session.attach();
    session.refresh.onAccepted(response, nowMs);
    const isDelayedOffer = this.attempt.request.body.length === 0 && response.body.length > 0;
    if (isDelayedOffer) {
      session.offers.expectAcknowledgement((body, contentType) =>
        this.acknowledge(dialog, toTag, body, contentType),
      );
    } else this.acknowledge(dialog, toTag, undefined, undefined);
    this.context.emit({
      type: 'accepted',
      sessionId: this.sessionId,
      status: response.status,
      ...(response.body.length > 0 ? bodyOf(response) : this.acknowledger?.answerOf(toTag)),
      response,
    });
  }

  private acknowledge(
    dialog: Dialog,
    toTag: string,
    body: Uint8Array | string | undefined,
    contentType: string | undefined,
  ): void {
    const ack = this.context.createDialogRequest(dialog, 'ACK', this.attempt.request.sequence);
    // The ACK repeats the credentials of its INVITE (§22.1).
    for (const name of ['Authorization', 'Proxy-Authorization']) {
      for (const value of this.attempt.request.headerLines(name)) ack.push(name, value);
    }
    this.context.fill(ack, { body, contentType });
    const sent = { flow: this.context.flowFor(dialog), bytes: writeMessage(ack) };
    this.acks.set(toTag, sent);
    this.context.send(sent.flow, sent.bytes);
  }

  onRefused(failure: InviteFailure): void {
    this.dropEarlyDialogs(undefined);
    if (this.attempt.givenUpBy === undefined) this.finishRejected(failure);
    else this.finishGivenUp(false);
  }

  private finishGivenUp(crossed: boolean): void {
    if (this.attempt.givenUpBy === 'timer-c') {
      this.finishRejected({ status: 408, reason: 'Request Timeout', cause: 'timeout' });
      return;
    }
    this.context.sessions.delete(this.sessionId);
    this.context.emit({ type: 'cancelled', sessionId: this.sessionId, by: 'local', crossed });
  }

  private finishRejected(failure: InviteFailure): void {
    this.context.sessions.delete(this.sessionId);
    this.context.emit({
      type: 'rejected',
      sessionId: this.sessionId,
      status: failure.status,
      reason: failure.reason,
      cause: failure.cause,
      ...(failure.response === undefined ? {} : { response: failure.response }),
    });
  }

  /** The callee hung up although its 2xx never reached us: it will not answer any more. */
  private hungUpEarly(): void {
    this.attempt.abandon();
    this.onRefused({ status: 487, reason: 'Request Terminated', cause: 'remote' });
  }

  private dropEarlyDialogs(exceptTag: string | undefined): void {
    for (const [toTag, dialog] of this.earlyDialogs) {
      if (toTag !== exceptTag) this.context.dialogs.delete(dialog.key);
    }
    this.earlyDialogs.clear();
  }
}

/** Answers what a callee sends before it has answered us. */
class EarlyDialogOwner implements DialogOwner {
  private readonly context: UserAgentContext;
  private readonly sessionId: string;
  private readonly dialog: Dialog;
  private readonly onBye: () => void;

  constructor(context: UserAgentContext, sessionId: string, dialog: Dialog, onBye: () => void) {
    this.context = context;
    this.sessionId = sessionId;
    this.dialog = dialog;
    this.onBye = onBye;
  }

  onRequest(request: SipRequest, transaction: ServerTransaction, flow: Flow, nowMs: number): void {
    const { context, sessionId, dialog } = this;
    const wasBye = answerEarlyRequest({ context, sessionId, dialog }, request, transaction, flow, nowMs);
    if (wasBye) this.onBye();
  }

  onAck(): void {
    // No INVITE of the peer can be outstanding in an early dialog of ours.
  }

  onFlowClosed(flow: Flow): void {
    this.context.leaveClosedFlow(this.dialog, flow);
  }
}
