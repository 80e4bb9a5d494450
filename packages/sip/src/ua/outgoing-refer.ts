import type { SipRequest } from '../message/index.ts';
import { parseSipfrag, readSubscriptionState, type EventName } from '../subscription/index.ts';
import type { Timer } from '../timers/index.ts';
import type { ReferScope } from './incoming-refer.ts';
import type { ReferReport, ReferResult } from './refer-types.ts';
import { RequestAttempt, type RequestOutcome } from './request-attempt.ts';

/** How long reports are waited for where the peer does not say, in seconds, and at most. */
const reportSecondsDefault = 180;
const reportSecondsMax = 3_600;

/** A REFER of ours, from its sending to the last report (RFC 3515 §2.4.5, RFC 7647). */
export class OutgoingRefer {
  private readonly scope: ReferScope;
  private readonly onReport: (report: ReferReport) => void;
  /** Called when nothing more is expected in the dialog; `lost` when the peer has forgotten it. */
  private readonly onOver: (lost: RequestOutcome | undefined, nowMs: number) => void;
  /** The CSeq numbers it has had; with credentials it has two. */
  private readonly sequences = new Set<number>();
  private state: 'sent' | 'reported' | 'draining' | 'over' = 'sent';
  private isHeard = false;
  private isAccepted = false;
  private last = { status: 100, reason: 'Trying' };
  private timer: Timer | undefined;

  constructor(
    scope: ReferScope,
    onReport: (report: ReferReport) => void,
    onOver: (lost: RequestOutcome | undefined, nowMs: number) => void,
  ) {
    this.scope = scope;
    this.onReport = onReport;
    this.onOver = onOver;
  }

  get isOver(): boolean {
    return this.state === 'over';
  }

  start(request: SipRequest, nowMs: number): void {
    const { context, dialog, credentials } = this.scope;
    this.sequences.add(request.sequence);
    const next = (): number => {
      const sequence = dialog.nextSequence();
      this.sequences.add(sequence);
      return sequence;
    };
    new RequestAttempt(context, request, context.flowFor(dialog), credentials, next, (outcome, at) =>
      this.onOutcome(outcome, at),
    ).start(nowMs);
  }

  private onOutcome(outcome: RequestOutcome, nowMs: number): void {
    const { status, reason, response } = outcome;
    if (this.state === 'draining' || this.state === 'over') return;
    if (status >= 300) {
      const isLost = status === 408 || status === 481 || outcome.cause !== 'remote';
      // A peer that has reported already has taken it, whatever became of the response.
      if (!this.isHeard) this.result('refused', status, reason);
      else this.result('unknown', this.last.status, this.last.reason);
      this.end(isLost ? outcome : undefined, nowMs);
      return;
    }
    this.isAccepted = true;
    if (response?.header('Refer-Sub')?.trim().toLowerCase().startsWith('false') === true) {
      this.result('accepted', status, reason);
      this.end(undefined, nowMs);
    } else if (!this.isHeard) {
      // Timer N (RFC 6665 §4.1.2.4): who has not reported by then will not.
      this.arm(64 * this.scope.context.intervals.t1Ms, nowMs);
    }
  }

  /** Whether a NOTIFY is about this REFER; without an id it may be about any. */
  concerns(event: EventName): boolean {
    return this.state !== 'over' && (event.id === undefined || this.sequences.has(Number(event.id)));
  }

  /** Takes a report that has been answered with 200; one without a readable status line tells only its state. */
  receive(notify: SipRequest, nowMs: number): void {
    const { context } = this.scope;
    const state = readSubscriptionState(notify);
    const told = parseSipfrag(notify.body);
    this.isHeard = true;
    if (this.state === 'sent') this.state = 'reported';
    if (told !== undefined && this.state === 'reported') {
      this.last = told;
      if (told.status < 200) this.onReport({ kind: 'progress', ...told });
      else this.result(told.status < 300 ? 'done' : 'failed', told.status, told.reason);
    }
    if (state?.name === 'terminated') {
      if (this.state === 'reported') this.result('unknown', this.last.status, this.last.reason);
      this.end(undefined, nowMs);
    } else if (this.state === 'draining') {
      // Its last word is known; the NOTIFY that ends the subscription may still come.
      this.arm(64 * context.intervals.t1Ms, nowMs);
    } else {
      const seconds = Math.min(state?.expiresSeconds ?? reportSecondsDefault, reportSecondsMax);
      this.arm(seconds * 1_000, nowMs);
    }
  }

  onTimer(_name: string, nowMs: number): void {
    this.timer = undefined;
    this.abandon(nowMs);
  }

  /** Nothing will come any more. */
  abandon(nowMs: number): void {
    if (this.state === 'over') return;
    if (this.state !== 'draining') {
      const { status, reason } = this.isAccepted || this.isHeard ? this.last : lostStatus;
      this.result('unknown', status, reason);
    }
    this.end(undefined, nowMs);
  }

  private result(outcome: ReferResult, status: number, reason: string): void {
    this.state = 'draining';
    this.onReport({ kind: 'result', outcome, status, reason });
  }

  private arm(delayMs: number, nowMs: number): void {
    const { timers } = this.scope.context;
    timers.cancel(this.timer);
    this.timer = timers.set(this, 'silence', nowMs + delayMs);
  }

  private end(lost: RequestOutcome | undefined, nowMs: number): void {
    if (this.state === 'over') return;
    this.state = 'over';
    this.timer = this.scope.context.timers.cancel(this.timer);
    this.onOver(lost, nowMs);
  }
}

const lostStatus = { status: 408, reason: 'Request Timeout' };
