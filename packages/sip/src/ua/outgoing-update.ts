import type { Dialog } from '../dialog/index.ts';
import { readDigits } from '../message/index.ts';
import type { Timer } from '../timers/index.ts';
import type { UserAgentContext } from './context.ts';
import { glareDelayMs, glareRetriesMax } from './glare.ts';
import type { BodyOptions, ClientCredentials, HeaderOptions } from './options.ts';
import { RequestAttempt, type RequestOutcome } from './request-attempt.ts';

/** The dialog, early or confirmed, in which an UPDATE goes out. */
export interface UpdateOwner {
  readonly dialog: Dialog;
  readonly credentials: ClientCredentials | undefined;
  readonly ownsCallId: boolean;
  contact(): string;
  /** What an UPDATE says about the session timer. */
  timerHeaders(): Array<[string, string]>;
}

/** An UPDATE of the consumer (RFC 3311 §5.1), repeated after a glare (491) and when the peer names a time (500). */
export class OutgoingUpdate {
  readonly kind = 'update' as const;
  readonly options: BodyOptions & HeaderOptions;
  private readonly context: UserAgentContext;
  private readonly owner: UpdateOwner;
  private readonly onOutcome: (outcome: RequestOutcome, nowMs: number) => void;
  private isAbandoned = false;
  private retries = 0;
  private retryTimer: Timer | undefined;
  private refusal: RequestOutcome | undefined;

  /** `onOutcome` is called once, unless the update is abandoned before. */
  constructor(
    context: UserAgentContext,
    owner: UpdateOwner,
    options: BodyOptions & HeaderOptions,
    onOutcome: (outcome: RequestOutcome, nowMs: number) => void,
  ) {
    this.context = context;
    this.owner = owner;
    this.options = options;
    this.onOutcome = onOutcome;
  }

  /** Whether an offer of ours is on its way, as opposed to waiting for a retry. */
  get isOfferOpen(): boolean {
    const { body } = this.options;
    return body !== undefined && body.length > 0 && this.retryTimer === undefined;
  }

  start(nowMs: number): void {
    const { context, owner } = this;
    const { dialog, credentials } = owner;
    const request = context.createDialogRequest(dialog, 'UPDATE');
    request.push('Contact', owner.contact());
    context.pushAbilities(request);
    for (const [name, value] of owner.timerHeaders()) request.push(name, value);
    context.fill(request, this.options);
    const next = (): number => dialog.nextSequence();
    new RequestAttempt(context, request, context.flowFor(dialog), credentials, next, (outcome, at) =>
      this.finish(outcome, at),
    ).start(nowMs);
  }

  private finish(outcome: RequestOutcome, nowMs: number): void {
    if (this.isAbandoned) return;
    const delayMs = this.retryDelayMs(outcome);
    if (delayMs === undefined || this.retries >= glareRetriesMax) {
      if (outcome.response !== undefined && outcome.status < 300)
        this.owner.dialog.refreshTarget(outcome.response);
      this.onOutcome(outcome, nowMs);
      return;
    }
    this.retries++;
    this.refusal = outcome;
    this.retryTimer = this.context.timers.set(this, 'retry', nowMs + delayMs);
  }

  /** §5.1, §5.3: after 491 as for a re-INVITE; after 500 when the peer wants it, which has up to 10 s to say. */
  private retryDelayMs({ status, response }: RequestOutcome): number | undefined {
    if (status === 491) return glareDelayMs(this.context, this.owner.ownsCallId);
    const seconds = status === 500 ? readDigits(response?.header('Retry-After') ?? '') : -1;
    return seconds < 0 || seconds > 10 ? undefined : seconds * 1_000;
  }

  onTimer(_name: string, nowMs: number): void {
    this.retryTimer = undefined;
    this.start(nowMs);
  }

  /** An offer of the peer was accepted while ours waited for its retry: ours is out of date. */
  outdate(nowMs: number): void {
    if (this.retryTimer === undefined || this.refusal === undefined) return;
    this.retryTimer = this.context.timers.cancel(this.retryTimer);
    this.onOutcome(this.refusal, nowMs);
  }

  /** Nobody wants to know how it ends. */
  abandon(_nowMs: number): void {
    this.isAbandoned = true;
    this.retryTimer = this.context.timers.cancel(this.retryTimer);
  }
}
