import type { Dialog } from '../dialog/index.ts';
import type { Flow } from '../flow/index.ts';
import { writeMessage, type SipResponse } from '../message/index.ts';
import type { Timer } from '../timers/index.ts';
import type { UserAgentContext } from './context.ts';
import { glareDelayMs, glareRetriesMax } from './glare.ts';
import { InviteAttempt, type InviteAttemptUser, type InviteFailure } from './invite-attempt.ts';
import type { BodyOptions, ClientCredentials, HeaderOptions } from './options.ts';

/** The session whose media a re-INVITE changes. */
export interface ReinviteOwner {
  readonly dialog: Dialog;
  readonly credentials: ClientCredentials | undefined;
  readonly ownsCallId: boolean;
  contact(): string;
  /** What a re-INVITE says about the session timer. */
  timerHeaders(): Array<[string, string]>;
  /** How it ended; after 2xx without an offer of ours, `acknowledge` sends the ACK with the answer. */
  onReinviteSuccess(
    response: SipResponse,
    acknowledge:
      | ((body: Uint8Array | string | undefined, contentType: string | undefined) => void)
      | undefined,
    nowMs: number,
  ): void;
  onReinviteFailure(failure: InviteFailure, nowMs: number): void;
}

/** A re-INVITE of ours (RFC 3261 §14.1), repeated after a glare (491). */
export class OutgoingReinvite implements InviteAttemptUser {
  readonly kind = 'reinvite' as const;
  private readonly context: UserAgentContext;
  private readonly owner: ReinviteOwner;
  readonly options: BodyOptions & HeaderOptions;
  private attempt: InviteAttempt | undefined;
  private ack: { flow: Flow; bytes: Uint8Array } | undefined;
  private isSuccess = false;
  private isAbandoned = false;
  private glares = 0;
  private glareTimer: Timer | undefined;
  private glareFailure: InviteFailure | undefined;

  constructor(context: UserAgentContext, owner: ReinviteOwner, options: BodyOptions & HeaderOptions) {
    this.context = context;
    this.owner = owner;
    this.options = options;
  }

  /** Whether an INVITE transaction of ours is open, as opposed to waiting for a retry. */
  get isOfferOpen(): boolean {
    return this.glareTimer === undefined;
  }

  start(nowMs: number): void {
    const { dialog, credentials } = this.owner;
    const request = this.context.createDialogRequest(dialog, 'INVITE');
    request.push('Contact', this.owner.contact());
    this.context.pushAbilities(request);
    for (const [name, value] of this.owner.timerHeaders()) request.push(name, value);
    this.context.fill(request, this.options);
    this.attempt = new InviteAttempt(this.context, request, this.context.flowFor(dialog), credentials, this);
    this.attempt.start(nowMs);
  }

  nextSequence(): number {
    return this.owner.dialog.nextSequence();
  }

  onProvisional(): void {
    // A provisional response to a re-INVITE changes nothing.
  }

  onSuccess(response: SipResponse, nowMs: number): void {
    if (this.isSuccess) {
      if (this.ack !== undefined) this.context.send(this.ack.flow, this.ack.bytes);
      return;
    }
    this.isSuccess = true;
    const { dialog } = this.owner;
    dialog.refreshTarget(response);
    const { request } = this.attempt as InviteAttempt;
    const isDelayedOffer = request.body.length === 0 && response.body.length > 0;
    if (isDelayedOffer && !this.isAbandoned) {
      this.owner.onReinviteSuccess(
        response,
        (body, contentType) => this.acknowledge(body, contentType),
        nowMs,
      );
      return;
    }
    this.acknowledge(undefined, undefined);
    if (this.isAbandoned) return;
    if (this.attempt?.givenUpBy === 'timer-c') this.fail(408, 'Request Timeout', nowMs);
    else this.owner.onReinviteSuccess(response, undefined, nowMs);
  }

  private acknowledge(body: Uint8Array | string | undefined, contentType: string | undefined): void {
    const { request } = this.attempt as InviteAttempt;
    const { dialog } = this.owner;
    const ack = this.context.createDialogRequest(dialog, 'ACK', request.sequence);
    for (const name of ['Authorization', 'Proxy-Authorization']) {
      for (const value of request.headerLines(name)) ack.push(name, value);
    }
    this.context.fill(ack, { body, contentType });
    this.ack = { flow: this.context.flowFor(dialog), bytes: writeMessage(ack) };
    this.context.send(this.ack.flow, this.ack.bytes);
  }

  onRefused(failure: InviteFailure, nowMs: number): void {
    if (this.isAbandoned) return;
    if (failure.status !== 491 || this.glares >= glareRetriesMax) {
      this.owner.onReinviteFailure(failure, nowMs);
      return;
    }
    this.glares++;
    this.glareFailure = failure;
    const delayMs = glareDelayMs(this.context, this.owner.ownsCallId);
    this.glareTimer = this.context.timers.set(this, 'glare', nowMs + delayMs);
  }

  onTimer(_name: string, nowMs: number): void {
    this.glareTimer = undefined;
    this.start(nowMs);
  }

  /**
   * The peer's own offer was accepted while ours waited for its retry: ours is out of date. The consumer learns of
   * the 491 and may offer anew.
   */
  outdate(nowMs: number): void {
    if (this.glareTimer === undefined || this.glareFailure === undefined) return;
    this.glareTimer = this.context.timers.cancel(this.glareTimer);
    this.owner.onReinviteFailure(this.glareFailure, nowMs);
  }

  /** The session is over: nobody wants the result, but a 2xx is still acknowledged. */
  abandon(nowMs: number): void {
    this.isAbandoned = true;
    this.glareTimer = this.context.timers.cancel(this.glareTimer);
    if (this.isSuccess && this.ack === undefined) this.acknowledge(undefined, undefined);
    else this.attempt?.cancel(undefined, nowMs);
  }

  private fail(status: number, reason: string, nowMs: number): void {
    this.owner.onReinviteFailure({ status, reason, cause: 'timeout' }, nowMs);
  }
}
