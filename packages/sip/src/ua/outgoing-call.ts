import { Dialog, type DialogId } from '../dialog/index.ts';
import type { Flow } from '../flow/index.ts';
import { decodeUtf8, writeMessage, type SipRequest, type SipResponse } from '../message/index.ts';
import { refused } from './arguments.ts';
import { bodyOf, type SessionEntry, type UserAgentContext } from './context.ts';
import { EarlyDialog } from './early-dialog.ts';
import { EstablishedSession } from './established-session.ts';
import { InviteAttempt, type InviteAttemptUser, type InviteFailure } from './invite-attempt.ts';
import type { OfferAnswer } from './incoming-offer.ts';
import type { BodyOptions, ClientCredentials, CommandResult, HeaderOptions } from './options.ts';
import { ProvisionalAcknowledger } from './provisional-acknowledger.ts';
import { Redirection } from './redirection.ts';
import type { CallSnapshot } from './session-snapshot.ts';

const noDescription = new Uint8Array(0);
/** How many forks of one call are followed: a hostile peer could fork without end. */
const forksMax = 32;

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
  private readonly earlyDialogs = new Map<string, EarlyDialog>();
  /** The ACK of each 2xx by its To tag, to be repeated with the 2xx; nothing sent while the answer is awaited. */
  private readonly acks: Array<{ toTag: string; sent: { flow: Flow; bytes: Uint8Array } | undefined }> = [];
  private lastSequence: number;
  /** The session that takes the place of this one, when that is why it was cancelled. */
  private replacedBy: string | undefined;

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

  /** The dialogs of the forks that ring. */
  get earlyDialogIds(): DialogId[] {
    return [...this.earlyDialogs.values()].map(({ dialog }) => dialog.id);
  }

  /** @param silenceMaxMs see `InviteCommand`. */
  start(nowMs: number, silenceMaxMs?: number): void {
    this.attempt.silenceMaxMs = silenceMaxMs;
    this.context.sessions.set(this.sessionId, this);
    this.attempt.start(nowMs);
  }

  /** What another process needs to go on with this call, or to give it up; undefined once it is over. */
  export(withDescription: boolean): CallSnapshot | undefined {
    if (this.attempt.givenUpBy !== undefined || this.acks.length > 0) return undefined;
    const { request, flow } = this.attempt;
    const { sessionId, contactUser } = this;
    const written = withDescription ? writeMessage(request) : writeMessage(request, noDescription);
    return { version: 1, sessionId, request: decodeUtf8(written), flow, contactUser };
  }

  /** Goes on with a call that rings already. */
  resume(nowMs: number): void {
    this.context.sessions.set(this.sessionId, this);
    this.attempt.resume(nowMs);
  }

  cancel(reasonHeader: string | undefined, nowMs: number, replacedBy?: string): void {
    this.replacedBy ??= replacedBy;
    this.attempt.cancel(reasonHeader, nowMs);
  }

  nextSequence(): number {
    this.lastSequence++;
    return this.lastSequence;
  }

  onProvisional(response: SipResponse, nowMs: number): void {
    const { toTag } = response;
    if (response.status === 199) this.endFork(toTag ?? '', nowMs);
    else if (!this.acceptProvisional(response, nowMs)) return;
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

  /** Keeps the early dialog, and acknowledges what came reliably; false when the response is a repetition. */
  private acceptProvisional(response: SipResponse, nowMs: number): boolean {
    const { toTag } = response;
    const dialog = toTag === undefined ? undefined : this.earlyDialog(toTag, response);
    if (!this.offersReliability || !ProvisionalAcknowledger.isReliable(response)) return true;
    this.acknowledger ??= new ProvisionalAcknowledger(this.context, this.credentials);
    return dialog !== undefined && this.acknowledger.acknowledge(response, dialog, nowMs);
  }

  /** A proxy tells that one fork has refused while others still ring (RFC 6228). */
  private endFork(remoteTag: string, nowMs: number): void {
    this.earlyDialogs.get(remoteTag)?.end(nowMs);
    this.earlyDialogs.delete(remoteTag);
  }

  /** The early dialog of that fork; undefined when there are too many. */
  private earlyDialog(remoteTag: string, response: SipResponse): Dialog | undefined {
    const known = this.earlyDialogs.get(remoteTag);
    if (known !== undefined) {
      known.dialog.refreshTarget(response);
      return known.dialog;
    }
    if (this.earlyDialogs.size >= forksMax) return undefined;
    const { context, sessionId, credentials, contactUser } = this;
    const dialog = Dialog.ofClient(this.attempt.request, response, this.attempt.flow);
    const isAnswered = (): boolean => this.acknowledger?.answerOf(remoteTag).body !== undefined;
    const onBye = (nowMs: number): void => this.hungUpEarly(remoteTag, nowMs);
    const options = { sessionId, dialog, remoteTag, credentials, contactUser, isAnswered, onBye };
    const early = new EarlyDialog(context, options);
    this.earlyDialogs.set(remoteTag, early);
    context.dialogs.set(dialog.key, early);
    return dialog;
  }

  /** Sends an UPDATE within the early dialog of a fork; the fork need not be named when there is only one. */
  update(
    options: { remoteTag?: string | undefined } & BodyOptions & HeaderOptions,
    nowMs: number,
  ): CommandResult {
    const { remoteTag } = options;
    const [only] = this.earlyDialogs.size === 1 ? this.earlyDialogs.values() : [];
    const early = remoteTag === undefined ? only : this.earlyDialogs.get(remoteTag);
    if (early !== undefined) return early.offers.update(options, nowMs);
    const forks = [...this.earlyDialogs.keys()].join(', ');
    return refused('invalid-argument', `remoteTag: name one of the early dialogs (${forks}).`);
  }

  /** Answers the UPDATE of a fork; the fork need not be named when only one asks. */
  answerOffer(answer: OfferAnswer & { remoteTag?: string | undefined }, nowMs: number): CommandResult {
    const { remoteTag } = answer;
    const asking = [...this.earlyDialogs.values()].filter(({ offers }) => offers.isAsked);
    const early =
      remoteTag === undefined && asking.length === 1 ? asking[0] : this.earlyDialogs.get(remoteTag ?? '');
    return (
      early?.offers.answer(answer, nowMs) ??
      refused('wrong-state', 'No offer of the peer waits for an answer, or several: name one by remoteTag.')
    );
  }

  onSuccess(response: SipResponse, nowMs: number): void {
    const toTag = response.toTag ?? '';
    const known = this.acks.find((ack) => ack.toTag === toTag);
    if (known !== undefined) {
      if (known.sent !== undefined) this.context.send(known.sent.flow, known.sent.bytes);
      return;
    }
    const isFirst = this.acks.length === 0;
    if (this.acks.length >= forksMax) return;
    this.acks.push({ toTag, sent: undefined });
    const early = this.earlyDialogs.get(toTag);
    const dialog = early?.dialog ?? Dialog.ofClient(this.attempt.request, response, this.attempt.flow);
    dialog.confirm(response);
    early?.offers.handOver(nowMs);
    const session = new EstablishedSession(this.context, {
      sessionId: this.sessionId,
      role: 'uac',
      dialog,
      credentials: this.credentials,
      contactUser: this.contactUser,
      description: early?.offers.description ?? { body: this.attempt.request.body },
    });
    if (isFirst) this.dropEarlyDialogs(toTag, nowMs);
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
    }
    this.attempt.keepForForks();
    this.context.emit({
      type: 'accepted',
      sessionId: this.sessionId,
      status: response.status,
      ...(response.body.length > 0 ? bodyOf(response) : this.acknowledger?.answerOf(toTag)),
      response,
    });
    // After the event: whoever keeps what was answered has done so when the far end stops repeating it.
    if (!isDelayedOffer) this.acknowledge(dialog, toTag, undefined, undefined);
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
    const entry = this.acks.find((each) => each.toTag === toTag);
    if (entry !== undefined) entry.sent = sent;
    this.context.send(sent.flow, sent.bytes);
  }

  onRefused(failure: InviteFailure, nowMs: number): void {
    this.dropEarlyDialogs(undefined, nowMs);
    if (this.attempt.givenUpBy === undefined) this.finishRejected(failure);
    else this.finishGivenUp(false);
  }

  private finishGivenUp(crossed: boolean): void {
    if (this.attempt.givenUpBy === 'silence') return;
    if (this.attempt.givenUpBy === 'timer-c') {
      this.finishRejected({ status: 408, reason: 'Request Timeout', cause: 'timeout' });
      return;
    }
    this.context.sessions.delete(this.sessionId);
    const { sessionId, replacedBy } = this;
    const details = replacedBy === undefined ? {} : { replacedBy };
    this.context.emit({ type: 'cancelled', sessionId, by: 'local', crossed, ...details });
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

  /**
   * A fork hung up although it never answered: with the last one the call is over, for its 2xx will not come
   * any more.
   */
  private hungUpEarly(remoteTag: string, nowMs: number): void {
    this.endFork(remoteTag, nowMs);
    if (this.earlyDialogs.size > 0) return;
    this.attempt.abandon();
    this.onRefused({ status: 487, reason: 'Request Terminated', cause: 'remote' }, nowMs);
  }

  private dropEarlyDialogs(exceptTag: string | undefined, nowMs: number): void {
    for (const [toTag, early] of this.earlyDialogs) {
      if (toTag !== exceptTag) early.end(nowMs);
    }
    this.earlyDialogs.clear();
  }
}
