import { DigestClient } from '../digest/index.ts';
import type { Flow } from '../flow/index.ts';
import type { SipRequest, SipResponse } from '../message/index.ts';
import type { Timer } from '../timers/index.ts';
import {
  createCancel,
  type InviteClientTransaction,
  type ClientTransactionUser,
} from '../transaction/index.ts';
import type { UserAgentContext } from './context.ts';
import { answerWithCredentials } from './credentials.ts';
import { forStream, overFlow } from './large-requests.ts';
import type { ClientCredentials } from './options.ts';
import type { Redirection } from './redirection.ts';
import { enlargeInterval, repeatRequest } from './repeated-request.ts';

/** Why an INVITE got no 2xx. */
export type InviteFailure = {
  status: number;
  reason: string;
  cause: 'remote' | 'timeout' | 'transport';
  response?: SipResponse;
};

/** Whoever sends an INVITE or re-INVITE. */
export interface InviteAttemptUser {
  onProvisional(response: SipResponse, nowMs: number): void;
  /** Each 2xx, also repeated ones and those of other forks. */
  onSuccess(response: SipResponse, nowMs: number): void;
  /** No 2xx will come. Called once, and not after `onSuccess`. */
  onRefused(failure: InviteFailure, nowMs: number): void;
  /** CSeq number for the repetition with credentials. */
  nextSequence(): number;
}

/** How often a longer session interval is tried: each proxy on the way may demand one (RFC 4028 §7.3). */
const enlargementsMax = 5;

const noResponse: ClientTransactionUser = { onResponse() {}, onFailure() {} };

/** One INVITE from its sending to its final response: credentials, CANCEL (RFC 3261 §9.1) and timer C. */
export class InviteAttempt implements ClientTransactionUser {
  /** The request that is on its way; the one with credentials after a challenge. */
  request: SipRequest;
  flow: Flow;
  private readonly context: UserAgentContext;
  private readonly user: InviteAttemptUser;
  /** Where 3xx responses lead; undefined for a re-INVITE, which goes nowhere else. */
  private readonly redirection: Redirection | undefined;
  private readonly credentials: ClientCredentials | undefined;
  private digest: DigestClient | undefined;
  private transaction: InviteClientTransaction | undefined;
  private timer: Timer | undefined;
  private silenceTimer: Timer | undefined;
  private isAnswered = false;
  private isCancelSent = false;
  private enlargements = 0;
  private cancelReason: string | undefined;
  /** The way that was meant, while a request too long for a datagram tries a stream instead. */
  private datagramFlow: Flow | undefined;
  /** How long the server may keep silent, in milliseconds; timer B alone when missing. */
  silenceMaxMs: number | undefined = undefined;
  /** Who gave the call up before its final response; after silence, its end was told at once. */
  givenUpBy: 'consumer' | 'timer-c' | 'silence' | undefined = undefined;

  constructor(
    context: UserAgentContext,
    request: SipRequest,
    flow: Flow,
    credentials: ClientCredentials | undefined,
    user: InviteAttemptUser,
    redirection?: Redirection,
  ) {
    this.context = context;
    this.request = request;
    this.flow = flow;
    this.credentials = credentials;
    this.digest = this.createDigest();
    this.user = user;
    this.redirection = redirection;
  }

  start(nowMs: number): void {
    const large = forStream(this.context, this.request, this.flow);
    if (large !== undefined) {
      this.datagramFlow = this.flow;
      this.request = large.request;
      this.flow = large.flow;
    }
    this.send(nowMs);
  }

  /** Goes on with a request that another process has sent and that rings. */
  resume(nowMs: number): void {
    this.transaction = this.context.transactions.resumeInvite(this.request, this.flow, this);
    this.timer = this.context.timers.set(this, 'C', nowMs + this.context.intervals.timerCMs);
  }

  private send(nowMs: number): void {
    const transaction = this.context.transactions.request(this.request, this.flow, this, nowMs);
    this.transaction = transaction as InviteClientTransaction;
    if (this.silenceMaxMs !== undefined)
      this.silenceTimer = this.context.timers.set(this, 'silence', nowMs + this.silenceMaxMs);
  }

  onResponse(response: SipResponse, nowMs: number): void {
    this.datagramFlow = undefined;
    this.silenceTimer = this.context.timers.cancel(this.silenceTimer);
    if (response.status < 200) this.onProvisional(response, nowMs);
    else if (response.status < 300) {
      this.isAnswered = true;
      this.stopTimer();
      this.user.onSuccess(response, nowMs);
    } else this.onRefusal(response, nowMs);
  }

  onFailure(cause: 'timeout' | 'transport', nowMs: number): void {
    const { datagramFlow } = this;
    this.datagramFlow = undefined;
    // RFC 3261 §18.1.1: a peer without TCP gets the request in a datagram all the same.
    if (cause === 'transport' && datagramFlow !== undefined && this.givenUpBy === undefined) {
      this.stopTimer();
      this.flow = datagramFlow;
      this.request = overFlow(this.context, this.request, datagramFlow);
      this.send(nowMs);
    } else this.fail(cause, nowMs);
  }

  /**
   * Asks the peer to give up. CANCEL waits for the first provisional response (§9.1); if no final response comes within
   * 64*T1 after it, the attempt counts as over.
   */
  cancel(reasonHeader: string | undefined, nowMs: number): void {
    this.giveUp('consumer', reasonHeader, nowMs);
  }

  /**
   * The call stands: for 64*T1 more the request is needed for the answers of other forks only, and thousands of finished calls
   * are kept at a time.
   */
  keepForForks(): void {
    this.request.keepOnly(['From', 'Call-ID', 'CSeq', 'Authorization', 'Proxy-Authorization']);
  }

  /** Forgets the attempt without a word to the peer or the user: the dialog is gone already. */
  abandon(): void {
    this.stopTimer();
    this.transaction?.terminate();
  }

  private giveUp(by: 'consumer' | 'timer-c', reasonHeader: string | undefined, nowMs: number): void {
    if (this.givenUpBy !== undefined || this.isAnswered) return;
    this.givenUpBy = by;
    this.cancelReason = reasonHeader;
    if (this.transaction?.state === 'proceeding') this.sendCancel(nowMs);
  }

  private onProvisional(response: SipResponse, nowMs: number): void {
    if (this.givenUpBy !== undefined) {
      if (!this.isCancelSent) this.sendCancel(nowMs);
      return;
    }
    // Timer C starts anew with each provisional response but 100 (RFC 3261 §16.7 item 2).
    if (this.timer === undefined || response.status !== 100) {
      this.stopTimer();
      this.timer = this.context.timers.set(this, 'C', nowMs + this.context.intervals.timerCMs);
    }
    if (response.status > 100) this.user.onProvisional(response, nowMs);
  }

  private onRefusal(response: SipResponse, nowMs: number): void {
    this.stopTimer();
    if (this.givenUpBy === undefined) {
      const via = (): string => this.context.createVia(this.flow);
      const next = (): number => this.user.nextSequence();
      const again =
        answerWithCredentials(this.context, this.request, response, this.digest, via, next) ??
        (this.enlargements < enlargementsMax
          ? enlargeInterval(this.request, response, via(), next)
          : undefined);
      if (again !== undefined) {
        if (response.status === 422) this.enlargements++;
        this.request = again;
        this.start(nowMs);
        return;
      }
      this.redirection?.learn(response);
      // A global failure says that no other target would do better (RFC 3261 §21.6).
      if (response.status < 600 && this.tryNextTarget(nowMs)) return;
    }
    this.user.onRefused(
      { status: response.status, reason: response.reason, cause: 'remote', response },
      nowMs,
    );
  }

  private tryNextTarget(nowMs: number): boolean {
    const target = this.redirection?.next(this.flow);
    if (target === undefined) return false;
    // What the former target challenged with says nothing about the next one, whose realm may be the same.
    this.digest = this.createDigest();
    const via = this.context.createVia(target.flow);
    const changes = [['Contact', target.contact]] as const;
    this.request = repeatRequest(this.request, via, this.user.nextSequence(), changes, target.uriText);
    this.flow = target.flow;
    this.start(nowMs);
    return true;
  }

  private createDigest(): DigestClient | undefined {
    return this.credentials === undefined ? undefined : new DigestClient(this.credentials);
  }

  private sendCancel(nowMs: number): void {
    this.isCancelSent = true;
    const cancel = createCancel(this.request);
    if (this.cancelReason !== undefined) cancel.append('Reason', this.cancelReason);
    this.context.transactions.request(cancel, this.flow, noResponse, nowMs);
    this.stopTimer();
    this.timer = this.context.timers.set(this, 'cancelled', nowMs + 64 * this.context.intervals.t1Ms);
  }

  onTimer(name: string, nowMs: number): void {
    if (name === 'silence') {
      this.silenceTimer = undefined;
      this.onSilence(nowMs);
      return;
    }
    this.timer = undefined;
    if (name === 'C') {
      this.giveUp('timer-c', 'SIP;cause=408;text="No answer"', nowMs);
      return;
    }
    this.transaction?.terminate();
    this.fail('timeout', nowMs);
  }

  /**
   * The call goes elsewhere. A telephone that was only slow would ring on for nobody: it is sent CANCEL when it says its first word,
   * and a BYE when that is an answer.
   */
  private onSilence(nowMs: number): void {
    const { transaction } = this;
    if (this.givenUpBy === undefined && this.tryNextTarget(nowMs)) {
      transaction?.terminate();
      return;
    }
    transaction?.stopRepeating();
    this.user.onRefused({ status: 408, reason: 'Request Timeout', cause: 'timeout' }, nowMs);
    this.givenUpBy = 'silence';
  }

  private fail(cause: 'timeout' | 'transport', nowMs: number): void {
    this.stopTimer();
    if (this.isAnswered || (this.givenUpBy === undefined && this.tryNextTarget(nowMs))) return;
    const failure: InviteFailure =
      cause === 'timeout'
        ? { status: 408, reason: 'Request Timeout', cause }
        : { status: 503, reason: 'Service Unavailable', cause };
    this.user.onRefused(failure, nowMs);
  }

  private stopTimer(): void {
    this.timer = this.context.timers.cancel(this.timer);
    this.silenceTimer = this.context.timers.cancel(this.silenceTimer);
  }
}
