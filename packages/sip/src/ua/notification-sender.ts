import type { Dialog } from '../dialog/index.ts';
import { readDigits } from '../message/index.ts';
import { writeSubscriptionState, type SubscriptionState } from '../subscription/index.ts';
import type { Timer } from '../timers/index.ts';
import type { UserAgentContext } from './context.ts';
import type { BodyOptions, ClientCredentials } from './options.ts';
import { RequestAttempt, type RequestOutcome } from './request-attempt.ts';

/** The subscription whose state is sent, read when a NOTIFY goes out: so it always tells the latest. */
export interface NotifyingUsage {
  readonly dialog: Dialog;
  readonly credentials: ClientCredentials | undefined;
  /** The Event value. */
  readonly event: string;
  contact(): string;
  /** Counts `version` NOTIFYs before this one. */
  stateNow(nowMs: number): SubscriptionState;
  contentNow(version: number): BodyOptions;
}

/** The longest wait that a subscriber can ask for, in seconds. */
const retryAfterSecondsMax = 3_600;

/**
 * Sends the NOTIFYs of one subscription (RFC 6665 §4.2.2): one at a time, so that none overtakes another, and what
 * changes meanwhile goes out together in the next.
 */
export class NotificationSender {
  private readonly context: UserAgentContext;
  private readonly usage: NotifyingUsage;
  private readonly onOver: (failure: RequestOutcome | undefined) => void;
  private version = 0;
  private isInFlight = false;
  private isChanged = false;
  private isFinal = false;
  private isStopped = false;
  private retryTimer: Timer | undefined;

  /** `onOver` is called once: when the last NOTIFY is through, or with the failure that ends the subscription. */
  constructor(
    context: UserAgentContext,
    usage: NotifyingUsage,
    onOver: (failure: RequestOutcome | undefined) => void,
  ) {
    this.context = context;
    this.usage = usage;
    this.onOver = onOver;
  }

  /** Tells the state: now, or once the NOTIFY before is answered. */
  send(nowMs: number): void {
    if (this.isFinal || this.isStopped) return;
    if (this.isInFlight || this.retryTimer !== undefined) this.isChanged = true;
    else this.transmit(nowMs);
  }

  /** Tells the state for the last time; it must be `terminated` by now. */
  finish(nowMs: number): void {
    if (this.isFinal || this.isStopped) return;
    this.isFinal = true;
    this.retryTimer = this.context.timers.cancel(this.retryTimer);
    if (this.isInFlight) this.isChanged = true;
    else this.transmit(nowMs);
  }

  private transmit(nowMs: number): void {
    const { context, usage } = this;
    const { dialog, credentials } = usage;
    this.isInFlight = true;
    this.isChanged = false;
    const request = context.createDialogRequest(dialog, 'NOTIFY');
    request.push('Contact', usage.contact());
    request.append('Event', usage.event);
    request.push('Subscription-State', writeSubscriptionState(usage.stateNow(nowMs)));
    context.pushAbilities(request);
    context.fill(request, usage.contentNow(this.version++));
    const next = (): number => dialog.nextSequence();
    new RequestAttempt(context, request, context.flowFor(dialog), credentials, next, (outcome, at) =>
      this.onOutcome(outcome, at),
    ).start(nowMs);
  }

  private onOutcome(outcome: RequestOutcome, nowMs: number): void {
    this.isInFlight = false;
    if (this.isStopped) return;
    const seconds = readDigits((outcome.response?.header('Retry-After') ?? '').trim());
    const mayRetry = outcome.cause === 'remote' && seconds >= 0 && seconds <= retryAfterSecondsMax;
    if (outcome.status >= 300 && (this.isFinal || !mayRetry)) this.stop(outcome);
    else if (outcome.status >= 300) {
      this.retryTimer = this.context.timers.set(this, 'retry', nowMs + seconds * 1_000);
    } else if (this.isChanged) this.transmit(nowMs);
    else if (this.isFinal) this.stop(undefined);
  }

  onTimer(_name: string, nowMs: number): void {
    this.retryTimer = undefined;
    this.transmit(nowMs);
  }

  private stop(failure: RequestOutcome | undefined): void {
    this.isStopped = true;
    this.onOver(failure);
  }

  /** The dialog is gone: nothing more is sent, and `onOver` is not called. */
  abandon(): void {
    this.isStopped = true;
    this.retryTimer = this.context.timers.cancel(this.retryTimer);
  }
}
