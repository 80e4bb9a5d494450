import type { SipRequest, SipResponse } from '../message/index.ts';
import { readMinSe, readSessionExpires, type SessionInterval } from '../session-timer/index.ts';
import type { Timer } from '../timers/index.ts';
import type { UserAgentContext } from './context.ts';
import { intervalSecondsMax } from './repeated-request.ts';
import type { RequestOutcome } from './request-attempt.ts';

/** The session that is refreshed. */
export interface RefreshOwner {
  /** Sends an UPDATE without a body. */
  sendUpdate(onOutcome: (outcome: RequestOutcome, nowMs: number) => void, nowMs: number): void;
  /** Sends a re-INVITE with the description that holds already; false when that is not possible now. */
  sendUnchangedReinvite(nowMs: number): boolean;
  /** 408, 481 or no way to the peer: ends the session and returns true; else false. */
  endIfLost(outcome: RequestOutcome, nowMs: number): boolean;
  /** Nobody has refreshed the session in time. */
  onExpired(nowMs: number): void;
}

/** The timer of an answered session as plain data. */
export type SessionTimerState = { seconds: number; isOurs: boolean; allowsUpdate: boolean };

/** How soon a refresh that was refused is tried again. */
const retryMs = 10_000;

/** Keeps an answered session alive, or tells when it has expired (RFC 4028 §7.2, §10). */
export class SessionRefresh {
  private readonly context: UserAgentContext;
  private readonly owner: RefreshOwner;
  /** The agreed interval and whether we are its refresher; undefined when the session has no timer. */
  private agreed: { seconds: number; isOurs: boolean } | undefined;
  /** Whether the peer's Allow lists UPDATE. */
  private allowsUpdate = false;
  private refreshTimer: Timer | undefined;
  private expiryTimer: Timer | undefined;

  constructor(context: UserAgentContext, owner: RefreshOwner) {
    this.context = context;
    this.owner = owner;
  }

  /** Headers that a re-INVITE or UPDATE of ours carries for the timer (§7.4). */
  headers(): Array<[string, string]> {
    const { agreed, context } = this;
    if (agreed === undefined) return [];
    const headers: Array<[string, string]> = [
      ['Session-Expires', `${agreed.seconds};refresher=${agreed.isOurs ? 'uac' : 'uas'}`],
    ];
    const minSeconds = context.sessionTimer?.minSeconds ?? 90;
    if (minSeconds > 90) headers.push(['Min-SE', String(minSeconds)]);
    return headers;
  }

  /** Who refreshes, in the terms of a request of the peer. */
  get refresherForPeer(): 'uac' | 'uas' {
    return this.agreed === undefined || this.agreed.isOurs ? 'uas' : 'uac';
  }

  /** Learns from what the peer says about itself. */
  learn(message: SipRequest | SipResponse): void {
    if (message.header('Allow') !== undefined) this.allowsUpdate = message.lists('Allow', 'UPDATE');
  }

  /** The peer has accepted an INVITE, re-INVITE or UPDATE of ours: its 2xx says what is agreed (§7.2). */
  onAccepted(response: SipResponse, nowMs: number): void {
    this.learn(response);
    const told = readSessionExpires(response);
    if (told === undefined || this.context.sessionTimer === undefined) this.set(undefined, nowMs);
    else {
      // Nobody may go below 90 s; a peer that does would make us refresh without pause.
      const seconds = Math.min(Math.max(told.seconds, 90), intervalSecondsMax);
      this.set({ seconds, isOurs: told.refresher !== 'uas' }, nowMs);
    }
  }

  /** We have accepted a request of the peer with this interval. */
  onAnswered(interval: SessionInterval | undefined, nowMs: number): void {
    this.set(
      interval === undefined
        ? undefined
        : { seconds: interval.seconds, isOurs: interval.refresher === 'uas' },
      nowMs,
    );
  }

  /** A refresh of ours by re-INVITE was refused. */
  onRefused(failure: RequestOutcome, nowMs: number): void {
    const { agreed } = this;
    if (agreed === undefined || this.refreshTimer !== undefined) return;
    const minSeconds = failure.response?.status === 422 ? readMinSe(failure.response) : 0;
    if (minSeconds > agreed.seconds && minSeconds <= intervalSecondsMax) {
      this.agreed = { ...agreed, seconds: minSeconds };
      this.refresh(nowMs);
    } else this.refreshTimer = this.context.timers.set(this, 'refresh', nowMs + retryMs);
  }

  stop(): void {
    this.refreshTimer = this.context.timers.cancel(this.refreshTimer);
    this.expiryTimer = this.context.timers.cancel(this.expiryTimer);
  }

  /** What `restore` needs in another process. */
  export(): SessionTimerState | undefined {
    return this.agreed === undefined ? undefined : { ...this.agreed, allowsUpdate: this.allowsUpdate };
  }

  /** Takes up a timer whose age is not known: if it is ours, the session is refreshed within half a minute. */
  restore(state: SessionTimerState, nowMs: number): void {
    this.allowsUpdate = state.allowsUpdate;
    this.set({ seconds: state.seconds, isOurs: state.isOurs }, nowMs);
    if (!state.isOurs) return;
    this.context.timers.cancel(this.refreshTimer);
    // Many sessions are restored at once; their refreshes are spread.
    this.refreshTimer = this.context.timers.set(this, 'refresh', nowMs + this.context.draw(30_000));
  }

  onTimer(name: string, nowMs: number): void {
    if (name === 'expiry') {
      this.stop();
      this.owner.onExpired(nowMs);
      return;
    }
    this.refreshTimer = undefined;
    this.refresh(nowMs);
  }

  private set(agreed: { seconds: number; isOurs: boolean } | undefined, nowMs: number): void {
    this.stop();
    this.agreed = agreed;
    if (agreed === undefined) return;
    const { timers } = this.context;
    const { seconds, isOurs } = agreed;
    // §10: whoever does not refresh hangs up a little earlier, so that the BYE passes while proxies still know it.
    const marginSeconds = isOurs ? 0 : Math.min(32, seconds / 3);
    this.expiryTimer = timers.set(this, 'expiry', nowMs + Math.floor((seconds - marginSeconds) * 1_000));
    if (isOurs) this.refreshTimer = timers.set(this, 'refresh', nowMs + seconds * 500);
  }

  private refresh(nowMs: number): void {
    if (this.allowsUpdate) {
      this.owner.sendUpdate((outcome, at) => this.onUpdateOutcome(outcome, at), nowMs);
    } else if (!this.owner.sendUnchangedReinvite(nowMs)) {
      this.refreshTimer = this.context.timers.set(this, 'refresh', nowMs + retryMs);
    }
  }

  private onUpdateOutcome(outcome: RequestOutcome, nowMs: number): void {
    if (this.expiryTimer === undefined || this.owner.endIfLost(outcome, nowMs)) return;
    const { status, response } = outcome;
    if (status < 300 && response !== undefined) this.onAccepted(response, nowMs);
    else if (status === 405 || status === 501) {
      this.allowsUpdate = false;
      this.refresh(nowMs);
    } else this.onRefused(outcome, nowMs);
  }
}
