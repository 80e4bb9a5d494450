import type { Dialog } from '../dialog/index.ts';
import type { SipRequest } from '../message/index.ts';
import {
  readExpires,
  sipfragType,
  writeEvent,
  writeSipfrag,
  type SubscriptionState,
} from '../subscription/index.ts';
import type { Timer } from '../timers/index.ts';
import type { ServerTransaction } from '../transaction/index.ts';
import { done, refused } from './arguments.ts';
import type { ReferEntry, UserAgentContext } from './context.ts';
import { NotificationSender, type NotifyingUsage } from './notification-sender.ts';
import type { BodyOptions, ClientCredentials, CommandResult, Refusal } from './options.ts';

/** The dialog in which a REFER came. */
export interface ReferScope {
  readonly context: UserAgentContext;
  readonly dialog: Dialog;
  readonly credentials: ClientCredentials | undefined;
  contact(): string;
}

/** How long reports go on without a SUBSCRIBE of the referrer, in seconds: longer than any phone rings. */
const reportSeconds = 300;

/**
 * A REFER of the peer, and the reports on what becomes of it (RFC 3515 §2.4, RFC 7647): asked until the consumer
 * decides, then reporting until the last NOTIFY is through.
 */
export class IncomingRefer implements NotifyingUsage, ReferEntry {
  readonly referId: string;
  readonly event: string;
  /** Whether the referrer wants to hear how it goes (RFC 4488). */
  readonly wantsReport: boolean;
  /** The CSeq number of the REFER, by which its reports are told apart. */
  readonly sequence: number;
  private readonly scope: ReferScope;
  private readonly request: SipRequest;
  private readonly onOver: () => void;
  private readonly sender: NotificationSender;
  private state: 'asked' | 'reporting' | 'over' = 'asked';
  private transaction: ServerTransaction | undefined;
  private timer: Timer | undefined;
  private expiresAtMs = 0;
  private last: { status: number; reason?: string | undefined } = { status: 100 };
  private terminated: string | undefined;

  /** `isFirst`: the first REFER of a dialog needs no id in Event, and old phones are happier without. */
  constructor(
    scope: ReferScope,
    request: SipRequest,
    transaction: ServerTransaction,
    isFirst: boolean,
    onOver: () => void,
    nowMs: number,
  ) {
    const { context } = scope;
    this.scope = scope;
    this.request = request;
    this.transaction = transaction;
    this.onOver = onOver;
    this.referId = `refer-${context.token()}`;
    this.sequence = request.sequence;
    this.event = writeEvent({ package: 'refer', id: isFirst ? undefined : String(request.sequence) });
    this.wantsReport = request.header('Refer-Sub')?.trim().toLowerCase().startsWith('false') !== true;
    this.sender = new NotificationSender(context, this, (failure) => this.close(failure?.cause));
    context.refers.set(this.referId, this);
    this.timer = context.timers.set(this, 'unanswered', nowMs + 60 * context.intervals.t1Ms);
  }

  get dialog(): Dialog {
    return this.scope.dialog;
  }

  get credentials(): ClientCredentials | undefined {
    return this.scope.credentials;
  }

  contact(): string {
    return this.scope.contact();
  }

  stateNow(nowMs: number): SubscriptionState {
    if (this.terminated !== undefined) return { name: 'terminated', reason: this.terminated };
    return { name: 'active', expiresSeconds: Math.max(0, Math.ceil((this.expiresAtMs - nowMs) / 1_000)) };
  }

  contentNow(): BodyOptions {
    return { body: writeSipfrag(this.last.status, this.last.reason), contentType: sipfragType };
  }

  // ------------------------------------------------------------------ commands

  accept(nowMs: number): CommandResult {
    const { context } = this.scope;
    if (this.state !== 'asked') return refused('wrong-state', 'The REFER has been answered already.');
    // RFC 7647 §4: 202 is not sent any more.
    const response = context.createResponse(this.request, 200, undefined, this.dialog.id.localTag);
    response.push('Contact', this.contact());
    context.pushAbilities(response);
    if (!this.wantsReport) response.push('Refer-Sub', 'false');
    this.respond((transaction) => transaction.respond(response, nowMs));
    this.state = 'reporting';
    if (!this.wantsReport) this.close(undefined);
    else {
      this.expireIn(reportSeconds, nowMs);
      this.sender.send(nowMs);
    }
    return done;
  }

  refuse(refusal: Refusal, nowMs: number): CommandResult {
    if (this.state !== 'asked') return refused('wrong-state', 'The REFER has been answered already.');
    const { status, headers = [], reason } = refusal;
    const { context } = this.scope;
    const response = context.createResponse(this.request, status, reason, this.dialog.id.localTag);
    for (const [name, value] of headers) response.append(name, value);
    this.respond((transaction) => transaction.respond(response, nowMs));
    this.close(undefined);
    return done;
  }

  /** Reports the progress of the call that was asked for, or with 200 and above how it ended. */
  report(status: number, reason: string | undefined, nowMs: number): CommandResult {
    if (this.state === 'asked') return refused('wrong-state', 'Accept the REFER before reporting on it.');
    this.last = { status, reason };
    if (status < 200) this.sender.send(nowMs);
    else this.terminate('noresource', nowMs);
    return done;
  }

  // ------------------------------------------------------------------ what the referrer does

  /** A SUBSCRIBE of the referrer prolongs the reports, or ends them with Expires: 0 (RFC 3515 §2.4.4). */
  resubscribe(request: SipRequest, transaction: ServerTransaction, nowMs: number): void {
    const { context } = this.scope;
    if (this.state !== 'reporting' || this.terminated !== undefined) {
      context.respond(transaction, request, 481, nowMs);
      return;
    }
    const seconds = Math.min(readExpires(request) ?? reportSeconds, reportSeconds);
    const response = context.createResponse(request, 200);
    response.push('Contact', this.contact());
    response.push('Expires', String(seconds));
    transaction.respond(response, nowMs);
    if (seconds === 0) {
      this.scope.context.emit({ type: 'refer-ended', referId: this.referId, by: 'remote' });
      this.terminate('timeout', nowMs);
      return;
    }
    this.expireIn(seconds, nowMs);
    this.sender.send(nowMs);
  }

  /** The call is over: an unanswered REFER is refused, reports go on in what is left of the dialog (RFC 5057 §4.1). */
  endSession(nowMs: number): void {
    if (this.state === 'asked') this.refuse({ status: 487 }, nowMs);
  }

  /** The dialog is gone. */
  abandon(): void {
    this.close('transport');
  }

  onTimer(name: string, nowMs: number): void {
    this.timer = undefined;
    if (name === 'unanswered') {
      this.refuse({ status: 500 }, nowMs);
      return;
    }
    this.scope.context.emit({ type: 'refer-ended', referId: this.referId, by: 'timeout' });
    this.terminate('timeout', nowMs);
  }

  // ------------------------------------------------------------------ ending

  private respond(act: (transaction: ServerTransaction) => void): void {
    const { transaction } = this;
    this.transaction = undefined;
    this.timer = this.scope.context.timers.cancel(this.timer);
    if (transaction !== undefined) act(transaction);
  }

  private expireIn(seconds: number, nowMs: number): void {
    const { timers } = this.scope.context;
    timers.cancel(this.timer);
    this.expiresAtMs = nowMs + seconds * 1_000;
    this.timer = timers.set(this, 'expiry', this.expiresAtMs);
  }

  /** Says for the last time how it stands; the consumer can report no more. */
  private terminate(reason: string, nowMs: number): void {
    const { context } = this.scope;
    this.terminated = reason;
    this.timer = context.timers.cancel(this.timer);
    context.refers.delete(this.referId);
    this.sender.finish(nowMs);
  }

  /** `cause`: the referrer could not be told any more. */
  private close(cause: 'remote' | 'timeout' | 'transport' | undefined): void {
    if (this.state === 'over') return;
    const { context } = this.scope;
    this.state = 'over';
    this.sender.abandon();
    this.timer = context.timers.cancel(this.timer);
    const isKnown = context.refers.delete(this.referId);
    if (isKnown && cause !== undefined)
      context.emit({ type: 'refer-ended', referId: this.referId, by: cause });
    if (this.terminated !== undefined) context.emit({ type: 'refer-told', referId: this.referId });
    this.onOver();
  }
}
