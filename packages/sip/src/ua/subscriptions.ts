import { findDialogFault } from '../dialog/index.ts';
import type { SipRequest } from '../message/index.ts';
import {
  dialogPackage,
  messageSummaryPackage,
  readEvent,
  writeEvent,
  type EventContent,
  type EventPackage,
} from '../subscription/index.ts';
import type { ServerTransaction } from '../transaction/index.ts';
import { done, readAddress, readUri, refused, wrongStatus } from './arguments.ts';
import { accepts } from './content.ts';
import { bodyOf, type UserAgentContext } from './context.ts';
import type { CommandResult, Refusal, RequestContext } from './options.ts';
import { createOutsideRequest } from './outside-request.ts';
import { OwnSubscription, subscribingKey } from './own-subscription.ts';
import { grantExpiry, ServedSubscription } from './served-subscription.ts';
import type {
  AcceptSubscriptionCommand,
  EndSubscriptionCommand,
  ServedEntry,
  SubscribeCommand,
} from './subscription-types.ts';

const knownBodies = new Map(
  [messageSummaryPackage, dialogPackage].map(({ name, contentType }) => [name, contentType]),
);

/** Subscriptions to events (RFC 6665), as notifier and as subscriber. */
export class Subscriptions {
  private readonly context: UserAgentContext;
  private readonly packages: ReadonlyMap<string, EventPackage>;
  /** Those of peers. */
  private readonly served = new Map<string, ServedSubscription>();
  /** The same by subscriber, the oldest first. */
  private readonly bySubscriber = new Map<string, Set<ServedSubscription>>();
  /** Ours. */
  private readonly own = new Map<string, OwnSubscription>();

  constructor(context: UserAgentContext) {
    this.context = context;
    this.packages = new Map((context.options.eventPackages ?? []).map((served) => [served.name, served]));
  }

  get size(): number {
    return this.served.size + this.own.size;
  }

  // ------------------------------------------------------------------ as notifier

  /** Takes a SUBSCRIBE outside a dialog that has been authenticated and admitted (§4.2.1.1). */
  receive(request: SipRequest, transaction: ServerTransaction, facts: RequestContext): void {
    const { context } = this;
    const { nowMs, flow, authenticatedUser } = facts;
    const event = readEvent(request);
    const served = this.packages.get(event?.package ?? '');
    const refusal = this.inspect(request, served);
    const { uri } = request;
    if (event === undefined || served === undefined || uri === undefined || refusal !== undefined) {
      const { status, headers = [], reason } = refusal ?? { status: 400 };
      context.respond(transaction, request, status, nowMs, headers, reason);
      return;
    }
    const expiresSeconds = grantExpiry(request, served) ?? 0;
    const subscriber = authenticatedUser ?? `${flow.remoteAddress} ${request.from.uriText}`;
    this.makeRoom(subscriber, nowMs);
    const subscription = new ServedSubscription(
      context,
      {
        request,
        transaction,
        flow,
        package: served,
        event,
        expiresSeconds,
        subscriber,
        onOver: () => this.forget(subscription),
      },
      nowMs,
    );
    this.remember(subscription);
    const { subscriptionId } = subscription;
    const { from } = request;
    const user = authenticatedUser === undefined ? {} : { authenticatedUser };
    const told = { subscriptionId, package: served.name, resource: uri, from, expiresSeconds, flow, ...user };
    context.emit({ type: 'subscribe', ...told, request });
  }

  private inspect(request: SipRequest, served: EventPackage | undefined): Refusal | undefined {
    if (served === undefined) return { status: 489, headers: [['Allow-Events', this.context.eventNames]] };
    const fault = findDialogFault(request);
    if (fault !== undefined) return { status: 400, reason: fault };
    if (request.headerValues('Contact').length === 0) return { status: 400, reason: 'Missing Contact' };
    if (!accepts(request, served.contentType))
      return { status: 406, headers: [['Accept', served.contentType]] };
    if (grantExpiry(request, served) === undefined)
      return { status: 423, headers: [['Min-Expires', String(served.expiresMinSeconds)]] };
    if (this.served.size >= this.context.limits.subscriptionsMax)
      return { status: 503, headers: [['Retry-After', '60']] };
    return undefined;
  }

  /** A phone that restarts subscribes anew to what it had: the oldest of its subscriptions give way. */
  private makeRoom(subscriber: string, nowMs: number): void {
    const theirs = this.bySubscriber.get(subscriber);
    if (theirs === undefined || theirs.size < this.context.limits.subscriptionsPerUserMax) return;
    const [oldest] = theirs;
    if (oldest === undefined) return;
    this.context.emit({
      type: 'subscription-ended',
      subscriptionId: oldest.subscriptionId,
      by: 'local',
      reason: 'rejected',
    });
    oldest.end({ reason: 'rejected' }, nowMs);
    this.forget(oldest);
  }

  private remember(subscription: ServedSubscription): void {
    const { subscriptionId, subscriber } = subscription;
    this.served.set(subscriptionId, subscription);
    const theirs = this.bySubscriber.get(subscriber);
    if (theirs === undefined) this.bySubscriber.set(subscriber, new Set([subscription]));
    else theirs.add(subscription);
  }

  private forget(subscription: ServedSubscription): void {
    const { subscriptionId, subscriber } = subscription;
    this.served.delete(subscriptionId);
    const theirs = this.bySubscriber.get(subscriber);
    theirs?.delete(subscription);
    if (theirs?.size === 0) this.bySubscriber.delete(subscriber);
  }

  /** Lets a `subscribe` in and tells the subscriber the state at once; later changes go by `notify`. */
  accept(command: AcceptSubscriptionCommand, nowMs: number): CommandResult {
    return this.act(command.subscriptionId, (entry) => entry.accept(command, nowMs));
  }

  /** Refuses a `subscribe` with `status` 300–699: 403 not allowed, 404 nobody by that name. */
  refuse(command: { subscriptionId: string } & Refusal, nowMs: number): CommandResult {
    if (command.status < 300 || command.status > 699) return wrongStatus(command.status, '300–699');
    return this.act(command.subscriptionId, (entry) => entry.refuse(command, nowMs));
  }

  /** Tells a subscriber the state as it is now; a pending subscription becomes active. Several in a row may become one. */
  notify(command: { subscriptionId: string; content: EventContent }, nowMs: number): CommandResult {
    return this.act(command.subscriptionId, (entry) => entry.notify(command.content, nowMs));
  }

  /** Ends a subscription of a peer; no event follows. */
  end(command: EndSubscriptionCommand, nowMs: number): CommandResult {
    return this.act(command.subscriptionId, (entry) => entry.end(command, nowMs));
  }

  private act(subscriptionId: string, command: (entry: ServedEntry) => boolean): CommandResult {
    const subscription = this.served.get(subscriptionId);
    if (subscription === undefined) return refused('unknown-session', subscriptionId);
    return command(subscription)
      ? done
      : refused('wrong-state', 'Accept or refuse a subscription once, and notify after accepting it.');
  }

  // ------------------------------------------------------------------ as subscriber

  /**
   * Watches something elsewhere. `notification`s follow, refreshes go out unseen, and it ends with one
   * `subscription-ended`, which says when to try again.
   */
  subscribe(command: SubscribeCommand, nowMs: number): CommandResult {
    const { context } = this;
    const { subscriptionId, flow, expiresSeconds = 3_600 } = command;
    if (this.own.has(subscriptionId))
      return refused('duplicate-session', `Subscription ${subscriptionId} is alive.`);
    if (this.own.size >= context.limits.subscriptionsMax)
      return refused('limit-reached', `There are ${context.limits.subscriptionsMax} subscriptions already.`);
    const uriText = readUri(command.uri);
    const from = readAddress(command.from);
    const to = readAddress(command.to);
    if (uriText === undefined || from === undefined || to === undefined)
      return refused('invalid-argument', 'uri, from, to: give SIP URIs.');
    if (!Number.isInteger(expiresSeconds) || expiresSeconds < 0 || expiresSeconds > 86_400)
      return refused('invalid-argument', `expiresSeconds: ${expiresSeconds} is not within 0–86,400.`);
    const event = { package: command.package, id: command.eventId };
    const accept = command.accept ?? knownBodies.get(command.package);
    const contactUser = command.contactUser ?? from.uri?.user;
    const request = createOutsideRequest(context, 'SUBSCRIBE', uriText, flow, from, to);
    for (const route of command.route ?? []) request.append('Route', route);
    request.push('Contact', context.createContact(flow, contactUser));
    request.append('Event', writeEvent(event));
    request.push('Expires', String(expiresSeconds));
    if (accept !== undefined) request.append('Accept', accept);
    context.fill(request, { headers: command.headers });
    const subscription = new OwnSubscription(context, request, flow, {
      subscriptionId,
      event,
      expiresSeconds,
      credentials: command.credentials,
      contactUser,
      accept,
      onOver: () => this.own.delete(subscriptionId),
    });
    this.own.set(subscriptionId, subscription);
    context.subscribing.set(subscribingKey(request.callId, request.fromTag), subscription);
    subscription.start(nowMs);
    return done;
  }

  /** Ends a subscription of ours; `subscription-ended` by local follows at once. */
  unsubscribe(command: { subscriptionId: string }, nowMs: number): CommandResult {
    const subscription = this.own.get(command.subscriptionId);
    if (subscription === undefined) return refused('unknown-session', command.subscriptionId);
    subscription.leave(nowMs);
    return done;
  }

  /** A NOTIFY that belongs to no subscription: 481, unless the consumer takes it (RFC 6665 §4.1.3). */
  receiveUnsolicited(request: SipRequest, transaction: ServerTransaction, facts: RequestContext): void {
    const { context } = this;
    const event = readEvent(request);
    const isTaken = event !== undefined && context.options.unsolicitedNotify?.(request, facts) === true;
    context.respond(transaction, request, isTaken ? 200 : 481, facts.nowMs);
    if (!isTaken) return;
    context.emit({
      type: 'unsolicited-notification',
      package: event.package,
      from: request.from,
      flow: facts.flow,
      ...bodyOf(request),
      request,
    });
  }
}
