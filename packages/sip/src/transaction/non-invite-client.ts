import { isReliable, type Flow } from '../flow/index.ts';
import { writeMessage, type SipRequest, type SipResponse } from '../message/index.ts';
import type { Timer } from '../timers/index.ts';
import type { ClientTransactionUser, TransactionHost } from './types.ts';

type State = 'trying' | 'proceeding' | 'completed' | 'terminated';

/** Non-INVITE client transaction (RFC 3261 §17.1.2). */
export class NonInviteClientTransaction {
  readonly side = 'client' as const;
  readonly key: string;
  readonly flow: Flow;
  state: State = 'trying';
  private readonly host: TransactionHost;
  private readonly user: ClientTransactionUser;
  private bytes: Uint8Array | undefined;
  private intervalMs: number;
  private retransmitTimer: Timer | undefined;
  private timeoutTimer: Timer | undefined;

  constructor(
    key: string,
    request: SipRequest,
    flow: Flow,
    user: ClientTransactionUser,
    host: TransactionHost,
  ) {
    this.key = key;
    this.flow = flow;
    this.user = user;
    this.host = host;
    this.intervalMs = host.intervals.t1Ms;
    this.bytes = writeMessage(request);
  }

  /** Sends the request and starts timers E and F. */
  start(nowMs: number): void {
    const { timers, intervals } = this.host;
    if (!isReliable(this.flow.protocol))
      this.retransmitTimer = timers.set(this, 'E', nowMs + this.intervalMs);
    this.timeoutTimer = timers.set(this, 'F', nowMs + 64 * intervals.t1Ms);
    this.host.send(this.flow, this.bytes as Uint8Array);
  }

  receive(response: SipResponse, nowMs: number): void {
    if (this.state !== 'trying' && this.state !== 'proceeding') return;
    if (response.status < 200) {
      this.state = 'proceeding';
      this.user.onResponse(response, nowMs);
      return;
    }
    this.state = 'completed';
    this.stopTimers();
    this.bytes = undefined;
    // Timer K: T4 to absorb repeated responses, none on reliable transports.
    if (isReliable(this.flow.protocol)) this.terminate();
    else this.timeoutTimer = this.host.timers.setLoose(this, 'K', nowMs + this.host.intervals.t4Ms);
    this.user.onResponse(response, nowMs);
  }

  onTimer(name: string, nowMs: number): void {
    if (name === 'E') {
      const { t2Ms } = this.host.intervals;
      // In Proceeding the interval stays at T2 (§17.1.2.2).
      this.intervalMs = this.state === 'proceeding' ? t2Ms : Math.min(this.intervalMs * 2, t2Ms);
      this.retransmitTimer = this.host.timers.set(this, 'E', nowMs + this.intervalMs);
      this.host.send(this.flow, this.bytes as Uint8Array);
      return;
    }
    this.terminate();
    if (name === 'F') this.user.onFailure('timeout', nowMs);
  }

  /** The transport could not deliver the request (RFC 3261 §17.1.4). */
  transportFailed(nowMs: number): void {
    if (this.state === 'completed' || this.state === 'terminated') return;
    this.terminate();
    this.user.onFailure('transport', nowMs);
  }

  /** Ends the transaction without telling its user. */
  terminate(): void {
    if (this.state === 'terminated') return;
    this.state = 'terminated';
    this.stopTimers();
    this.bytes = undefined;
    this.host.onTerminated(this);
  }

  private stopTimers(): void {
    this.retransmitTimer = this.host.timers.cancel(this.retransmitTimer);
    this.timeoutTimer = this.host.timers.cancel(this.timeoutTimer);
  }
}
