import { Dialog } from '../dialog/index.ts';
import type { Flow } from '../flow/index.ts';
import type { SipRequest } from '../message/index.ts';
import {
  readEvent,
  readExpires,
  writeContent,
  writeEvent,
  type EventContent,
  type EventName,
  type EventPackage,
  type SubscriptionState,
} from '../subscription/index.ts';
import type { Timer } from '../timers/index.ts';
import type { ServerTransaction } from '../transaction/index.ts';
import type { DialogOwner, UserAgentContext } from './context.ts';
import { refuseDemands } from './early-requests.ts';
import { NotificationSender, type NotifyingUsage } from './notification-sender.ts';
import type { BodyOptions, Refusal } from './options.ts';
import type { AcceptSubscriptionCommand, EndSubscriptionCommand, ServedEntry } from './subscription-types.ts';

export type ServedSubscriptionOptions = {
  request: SipRequest;
  transaction: ServerTransaction;
  flow: Flow;
  package: EventPackage;
  event: EventName;
  expiresSeconds: number;
  /** Whom the limit of subscriptions counts. */
  subscriber: string;
  onOver: () => void;
};

/** How long a subscription of that package lasts; undefined when what is asked is too short (423). */
export function grantExpiry(request: SipRequest, served: EventPackage): number | undefined {
  const asked = readExpires(request) ?? served.expiresDefaultSeconds;
  // RFC 6665 §4.2.1.1: only what is shorter than an hour may be refused as too brief.
  if (asked > 0 && asked < Math.min(served.expiresMinSeconds, 3_600)) return undefined;
  return Math.min(asked, served.expiresMaxSeconds);
}

/**
 * A subscription of a peer (RFC 6665 §4.2): asked until the consumer decides, then pending or active until it
 * expires, is ended by either side, or a NOTIFY fails.
 */
export class ServedSubscription implements DialogOwner, NotifyingUsage, ServedEntry {
  readonly subscriptionId: string;
  readonly subscriber: string;
  readonly dialog: Dialog;
  readonly credentials = undefined;
  readonly event: string;
  private readonly context: UserAgentContext;
  private readonly options: ServedSubscriptionOptions;
  private readonly sender: NotificationSender;
  private state: 'asked' | 'pending' | 'active' | 'terminated' = 'asked';
  private content: EventContent | undefined;
  private termination: SubscriptionState | undefined;
  private expiresAtMs = 0;
  private timer: Timer | undefined;

  constructor(context: UserAgentContext, options: ServedSubscriptionOptions, nowMs: number) {
    const { request, flow, event } = options;
    this.context = context;
    this.options = options;
    this.subscriptionId = `sub-${context.token()}`;
    this.subscriber = options.subscriber;
    this.dialog = Dialog.ofServer(request, context.token(), flow);
    this.event = writeEvent(event);
    this.sender = new NotificationSender(context, this, (failure) => {
      if (failure !== undefined) this.tellEnd(failure.cause);
      this.close();
    });
    this.timer = context.timers.set(this, 'unanswered', nowMs + 60 * context.intervals.t1Ms);
    context.dialogs.set(this.dialog.key, this);
  }

  contact(): string {
    const user = this.options.request.uri?.user;
    return this.context.createContact(this.context.flowFor(this.dialog), user);
  }

  stateNow(nowMs: number): SubscriptionState {
    if (this.termination !== undefined) return this.termination;
    const expiresSeconds = Math.max(0, Math.ceil((this.expiresAtMs - nowMs) / 1_000));
    return { name: this.state === 'pending' ? 'pending' : 'active', expiresSeconds };
  }

  contentNow(version: number): BodyOptions {
    if (this.content === undefined) return {};
    return writeContent(this.content, this.options.request.uriText, version);
  }

  // ------------------------------------------------------------------ commands; false when it is too late for them

  accept({ content, isPending }: AcceptSubscriptionCommand, nowMs: number): boolean {
    if (this.state !== 'asked') return false;
    const { request, transaction, expiresSeconds } = this.options;
    this.state = isPending === true ? 'pending' : 'active';
    // Somebody who may not watch yet must not see anything (RFC 6665 §4.1.3).
    if (isPending !== true) this.content = content;
    this.respond(request, transaction, expiresSeconds, nowMs);
    if (expiresSeconds > 0) this.sender.send(nowMs);
    else this.finish('remote', { name: 'terminated', reason: 'timeout' }, nowMs);
    return true;
  }

  refuse({ status, reason, headers = [] }: Refusal, nowMs: number): boolean {
    if (this.state !== 'asked') return false;
    const { request, transaction } = this.options;
    this.state = 'terminated';
    this.context.respond(transaction, request, status, nowMs, headers, reason);
    this.close();
    return true;
  }

  notify(content: EventContent, nowMs: number): boolean {
    if (this.state !== 'pending' && this.state !== 'active') return false;
    this.state = 'active';
    this.content = content;
    this.sender.send(nowMs);
    return true;
  }

  end(command: Omit<EndSubscriptionCommand, 'subscriptionId'>, nowMs: number): boolean {
    const { reason, retryAfterSeconds, content } = command;
    if (this.state === 'asked') return this.refuse({ status: 403 }, nowMs);
    if (this.state === 'terminated') return false;
    if (content !== undefined && this.state === 'active') this.content = content;
    const retry = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
    this.finish('local', { name: 'terminated', reason, ...retry }, nowMs);
    return true;
  }

  // ------------------------------------------------------------------ what the subscriber does

  onRequest(request: SipRequest, transaction: ServerTransaction, flow: Flow, nowMs: number): void {
    const { context } = this;
    if (!this.dialog.receive(request, flow)) {
      context.respond(transaction, request, 500, nowMs, [], 'CSeq Out of Order');
    } else if (!refuseDemands(context, request, transaction, nowMs)) {
      const event = request.method === 'SUBSCRIBE' ? readEvent(request) : undefined;
      const isMeant = event !== undefined && writeEvent(event) === this.event;
      if (isMeant && this.state !== 'terminated') this.refresh(request, transaction, nowMs);
      else context.respond(transaction, request, 481, nowMs);
    }
  }

  /** A SUBSCRIBE within the dialog prolongs the subscription, or ends it with Expires: 0 (§4.2.1.2, §4.2.1.4). */
  private refresh(request: SipRequest, transaction: ServerTransaction, nowMs: number): void {
    const { context } = this;
    const served = this.options.package;
    const seconds = grantExpiry(request, served);
    if (this.state === 'asked') {
      context.respond(transaction, request, 500, nowMs, [['Retry-After', String(1 + context.draw(10))]]);
      return;
    }
    if (seconds === undefined) {
      const headers = [['Min-Expires', String(served.expiresMinSeconds)]] as const;
      context.respond(transaction, request, 423, nowMs, headers);
      return;
    }
    this.dialog.refreshTarget(request);
    this.respond(request, transaction, seconds, nowMs);
    if (seconds > 0) this.sender.send(nowMs);
    else this.finish('remote', { name: 'terminated', reason: 'timeout' }, nowMs);
  }

  private respond(request: SipRequest, transaction: ServerTransaction, seconds: number, nowMs: number): void {
    const { context } = this;
    const { timers } = context;
    const response = context.createResponse(request, 200, undefined, this.dialog.id.localTag);
    for (const route of request.headerLines('Record-Route')) response.push('Record-Route', route);
    response.push('Contact', this.contact());
    response.push('Expires', String(seconds));
    transaction.respond(response, nowMs);
    timers.cancel(this.timer);
    this.expiresAtMs = nowMs + seconds * 1_000;
    this.timer = timers.set(this, 'expiry', this.expiresAtMs);
  }

  onAck(): void {
    // There is no INVITE in this dialog.
  }

  onFlowClosed(flow: Flow): void {
    this.context.leaveClosedFlow(this.dialog, flow);
  }

  onTimer(name: string, nowMs: number): void {
    this.timer = undefined;
    if (name === 'unanswered') this.refuse({ status: 500 }, nowMs);
    else this.finish('timeout', { name: 'terminated', reason: 'timeout' }, nowMs);
  }

  // ------------------------------------------------------------------ ending

  /** The last NOTIFY goes out; the dialog lasts until it is answered. */
  private finish(by: 'local' | 'remote' | 'timeout', termination: SubscriptionState, nowMs: number): void {
    this.tellEnd(by);
    this.termination = termination;
    this.timer = this.context.timers.cancel(this.timer);
    this.sender.finish(nowMs);
  }

  private tellEnd(by: 'local' | 'remote' | 'timeout' | 'transport'): void {
    if (this.state === 'terminated') return;
    this.state = 'terminated';
    this.options.onOver();
    if (by === 'local') return;
    this.context.emit({ type: 'subscription-ended', subscriptionId: this.subscriptionId, by });
  }

  private close(): void {
    this.state = 'terminated';
    this.options.onOver();
    this.sender.abandon();
    this.timer = this.context.timers.cancel(this.timer);
    this.context.dialogs.delete(this.dialog.key);
  }
}
