import { Dialog } from '../dialog/index.ts';
import type { Flow } from '../flow/index.ts';
import { readDigits, type SipRequest } from '../message/index.ts';
import {
  readEvent,
  readExpires,
  readSubscriptionState,
  writeEvent,
  type EventName,
  type SubscriptionState,
} from '../subscription/index.ts';
import type { Timer } from '../timers/index.ts';
import type { ServerTransaction } from '../transaction/index.ts';
import { bodyOf, type DialogOwner, type UserAgentContext } from './context.ts';
import { refuseDemands } from './early-requests.ts';
import type { ClientCredentials } from './options.ts';
import { repeatRequest } from './repeated-request.ts';
import { RequestAttempt, type RequestOutcome } from './request-attempt.ts';

export type OwnSubscriptionOptions = {
  subscriptionId: string;
  event: EventName;
  expiresSeconds: number;
  credentials: ClientCredentials | undefined;
  contactUser: string | undefined;
  accept: string | undefined;
  onOver: () => void;
};

/** The longest subscription that a notifier can make us ask for, in seconds. */
const expiresSecondsMax = 86_400;

/** A notifier that names no time, or hardly any, cannot make us subscribe more often. */
const refreshMsMin = 5_000;

/** Refusals that end a subscription; after others it lasts until it expires (RFC 6665 §4.1.2.2, RFC 5057 §5.1). */
const endingStatuses = new Set([404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604]);

/**
 * A subscription of ours (RFC 6665 §4.1): asked until its first NOTIFY makes the dialog, then held by refreshes;
 * leaving while the last NOTIFY is awaited.
 */
export class OwnSubscription implements DialogOwner {
  readonly subscriptionId: string;
  /** The first SUBSCRIBE, whose Call-ID and From tag each NOTIFY carries. */
  readonly request: SipRequest;
  private readonly context: UserAgentContext;
  private readonly options: OwnSubscriptionOptions;
  private readonly flow: Flow;
  private readonly event: string;
  private state: 'asked' | 'held' | 'leaving' | 'over' = 'asked';
  private dialog: Dialog | undefined;
  private sequence: number;
  private seconds: number;
  private expiresAtMs = 0;
  private isEnlarged = false;
  private timer: Timer | undefined;

  constructor(context: UserAgentContext, request: SipRequest, flow: Flow, options: OwnSubscriptionOptions) {
    this.context = context;
    this.request = request;
    this.flow = flow;
    this.options = options;
    this.subscriptionId = options.subscriptionId;
    this.event = writeEvent(options.event);
    this.sequence = request.sequence;
    this.seconds = options.expiresSeconds;
  }

  private nextSequence(): number {
    if (this.dialog !== undefined) return this.dialog.nextSequence();
    this.sequence++;
    return this.sequence;
  }

  start(nowMs: number): void {
    // Timer N (§4.1.2.4): who has not notified by then will not.
    this.arm('silent', nowMs + 64 * this.context.intervals.t1Ms);
    this.send(this.request, this.flow, nowMs);
  }

  private send(request: SipRequest, flow: Flow, nowMs: number): void {
    const { credentials } = this.options;
    const next = (): number => this.nextSequence();
    new RequestAttempt(this.context, request, flow, credentials, next, (outcome, at) =>
      this.onOutcome(request, outcome, at),
    ).start(nowMs);
  }

  private onOutcome(request: SipRequest, outcome: RequestOutcome, nowMs: number): void {
    if (this.state === 'over') return;
    const { status, response } = outcome;
    if (status < 300) {
      if (this.state === 'leaving' || response === undefined) return;
      const granted = readExpires(response) ?? this.seconds;
      this.hold(Math.min(granted, this.seconds), nowMs);
      return;
    }
    if (this.state === 'leaving') this.close();
    else if (
      status === 423 &&
      !this.isEnlarged &&
      response !== undefined &&
      this.enlarge(request, response, nowMs)
    )
      return;
    else if (this.state === 'asked' || endingStatuses.has(status)) {
      this.finish({ by: outcome.cause, status });
    } else {
      // It still holds: another try, unless it expires first.
      const retryAtMs = Math.min(this.expiresAtMs, nowMs + 32_000);
      this.arm(retryAtMs < this.expiresAtMs ? 'refresh' : 'expired', retryAtMs);
    }
  }

  /** 423: once more with the shortest time that the notifier takes. */
  private enlarge(
    request: SipRequest,
    response: { header(name: string): string | undefined },
    nowMs: number,
  ): boolean {
    const least = readDigits((response.header('Min-Expires') ?? '').trim());
    if (least <= this.seconds || least > expiresSecondsMax) return false;
    this.isEnlarged = true;
    this.seconds = least;
    const flow = this.dialog === undefined ? this.flow : this.context.flowFor(this.dialog);
    const changes = [['Expires', String(least)]] as const;
    const via = this.context.createVia(flow);
    this.send(repeatRequest(request, via, this.nextSequence(), changes), flow, nowMs);
    return true;
  }

  /** The notifier keeps it for so long; before its first NOTIFY there is no dialog to refresh it in. */
  private hold(seconds: number, nowMs: number): void {
    // Asked for once only: the NOTIFY that ends it is all that comes.
    if (seconds === 0) return;
    this.expiresAtMs = nowMs + seconds * 1_000;
    if (this.state === 'held') this.armRefresh(nowMs);
  }

  /** Half a minute before the end, or at half time if it is short: a lost SUBSCRIBE can then be repeated. */
  private armRefresh(nowMs: number): void {
    const lasting = this.expiresAtMs - nowMs;
    const leadMs = 64 * this.context.intervals.t1Ms;
    this.arm('refresh', nowMs + Math.max(lasting / 2, lasting - leadMs, refreshMsMin));
  }

  private subscribeAgain(seconds: number, nowMs: number): void {
    const { context, dialog, options } = this;
    if (dialog === undefined) return;
    const request = context.createDialogRequest(dialog, 'SUBSCRIBE');
    request.push('Contact', this.contact(dialog));
    request.append('Event', this.event);
    request.push('Expires', String(seconds));
    if (options.accept !== undefined) request.append('Accept', options.accept);
    this.send(request, context.flowFor(dialog), nowMs);
  }

  private contact(dialog: Dialog): string {
    return this.context.createContact(this.context.flowFor(dialog), this.options.contactUser);
  }

  /** Ends it; the notifier says its last word, which nobody hears. */
  leave(nowMs: number): void {
    if (this.state === 'leaving' || this.state === 'over') return;
    this.tellEnd({ by: 'local' });
    if (this.dialog === undefined) {
      // Whatever the notifier sends from now on gets 481, which ends it there (§4.1.3).
      this.close();
      return;
    }
    this.state = 'leaving';
    this.arm('silent', nowMs + 64 * this.context.intervals.t1Ms);
    this.subscribeAgain(0, nowMs);
  }

  // ------------------------------------------------------------------ what the notifier sends

  onRequest(request: SipRequest, transaction: ServerTransaction, flow: Flow, nowMs: number): void {
    const { context } = this;
    const event = request.method === 'NOTIFY' ? readEvent(request) : undefined;
    if (event === undefined || writeEvent(event) !== this.event) {
      context.respond(transaction, request, 481, nowMs);
      return;
    }
    // Of several forks the first to notify makes the dialog (§4.4.1).
    const isFork = this.dialog !== undefined && this.dialog.id.remoteTag !== request.fromTag;
    if (isFork) context.respond(transaction, request, 481, nowMs);
    else if (this.dialog?.receive(request, flow) === false)
      context.respond(transaction, request, 500, nowMs, [], 'CSeq Out of Order');
    else if (!refuseDemands(context, request, transaction, nowMs))
      this.receive(request, transaction, flow, nowMs);
  }

  private receive(request: SipRequest, transaction: ServerTransaction, flow: Flow, nowMs: number): void {
    const { context } = this;
    const state = readSubscriptionState(request);
    if (state === undefined) {
      context.respond(transaction, request, 400, nowMs, [], 'Missing or Malformed Subscription-State');
      return;
    }
    if (this.dialog === undefined) {
      this.dialog = Dialog.ofNotify(this.request, this.sequence, request, flow);
      context.dialogs.set(this.dialog.key, this);
    } else this.dialog.refreshTarget(request);
    context.respond(transaction, request, 200, nowMs, [['Contact', this.contact(this.dialog)]]);
    if (this.state === 'asked') this.state = 'held';
    if (this.state === 'held') {
      const { subscriptionId, options } = this;
      const common = { subscriptionId, package: options.event.package, state: state.name };
      context.emit({ type: 'notification', ...common, ...bodyOf(request), request });
    }
    if (state.name === 'terminated') this.finish({ by: 'remote', ...detailsOf(state) });
    else if (this.state === 'held') this.prolong(state, nowMs);
  }

  /** A NOTIFY may shorten what its SUBSCRIBE was granted, never lengthen it (§4.1.3). */
  private prolong({ expiresSeconds }: SubscriptionState, nowMs: number): void {
    const untilMs = nowMs + (expiresSeconds ?? this.seconds) * 1_000;
    this.expiresAtMs = this.expiresAtMs === 0 ? untilMs : Math.min(this.expiresAtMs, untilMs);
    this.armRefresh(nowMs);
  }

  onAck(): void {
    // There is no INVITE in this dialog.
  }

  onFlowClosed(flow: Flow): void {
    if (this.dialog !== undefined) this.context.leaveClosedFlow(this.dialog, flow);
  }

  onTimer(name: string, nowMs: number): void {
    this.timer = undefined;
    if (name === 'refresh') {
      this.arm('expired', Math.max(this.expiresAtMs, nowMs + 64 * this.context.intervals.t1Ms));
      this.isEnlarged = false;
      this.subscribeAgain(this.seconds, nowMs);
    } else if (this.state === 'leaving') this.close();
    else this.finish({ by: 'timeout' });
  }

  // ------------------------------------------------------------------ ending

  private arm(name: 'silent' | 'refresh' | 'expired', atMs: number): void {
    this.context.timers.cancel(this.timer);
    this.timer = this.context.timers.set(this, name, atMs);
  }

  private finish(details: EndDetails): void {
    if (this.state !== 'leaving') this.tellEnd(details);
    this.close();
  }

  private tellEnd(details: EndDetails): void {
    this.options.onOver();
    this.context.emit({ type: 'subscription-ended', subscriptionId: this.subscriptionId, ...details });
  }

  private close(): void {
    const { context, dialog, request } = this;
    this.state = 'over';
    this.timer = context.timers.cancel(this.timer);
    context.subscribing.delete(subscribingKey(request.callId, request.fromTag));
    if (dialog !== undefined) context.dialogs.delete(dialog.key);
  }
}

/** Under what a NOTIFY finds the SUBSCRIBE that has no dialog yet. */
export function subscribingKey(callId: string, localTag: string | undefined): string {
  return `${callId}\n${localTag ?? ''}`;
}

type EndDetails = {
  by: 'local' | 'remote' | 'timeout' | 'transport';
  status?: number;
  reason?: string;
  retryAfterSeconds?: number;
};

function detailsOf({
  reason,
  retryAfterSeconds,
}: SubscriptionState): Pick<EndDetails, 'reason' | 'retryAfterSeconds'> {
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}
