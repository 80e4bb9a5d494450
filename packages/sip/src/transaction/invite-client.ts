import { isReliable, type Flow } from '../flow/index.ts';
import { SipRequest, writeMessage, type SipResponse } from '../message/index.ts';
import type { Timer } from '../timers/index.ts';
import type { ClientTransactionUser, TransactionHost } from './types.ts';

type State = 'calling' | 'proceeding' | 'completed' | 'accepted' | 'terminated';

/** INVITE client transaction: RFC 3261 §17.1.1 with the Accepted state of RFC 6026 §7.2. */
export class InviteClientTransaction {
  readonly side = 'client' as const;
  readonly key: string;
  readonly flow: Flow;
  /** Kept until the transaction is over: CANCEL and ACK copy from it. */
  readonly request: SipRequest;
  state: State = 'calling';
  private readonly host: TransactionHost;
  private readonly user: ClientTransactionUser;
  private requestBytes: Uint8Array | undefined;
  private ackBytes: Uint8Array | undefined;
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
    this.request = request;
    this.flow = flow;
    this.user = user;
    this.host = host;
    this.intervalMs = host.intervals.t1Ms;
    this.requestBytes = writeMessage(request);
  }

  /** Sends the request and starts timers A and B. */
  start(nowMs: number): void {
    const { timers, intervals } = this.host;
    if (!isReliable(this.flow.protocol))
      this.retransmitTimer = timers.set(this, 'A', nowMs + this.intervalMs);
    this.timeoutTimer = timers.set(this, 'B', nowMs + 64 * intervals.t1Ms);
    this.host.send(this.flow, this.requestBytes as Uint8Array);
  }

  /** Takes up a request that another process has sent, as if a provisional response to it had come. */
  resume(): void {
    this.state = 'proceeding';
    this.requestBytes = undefined;
  }

  receive(response: SipResponse, nowMs: number): void {
    if (this.state === 'terminated') return;
    if (response.status < 200) this.receiveProvisional(response, nowMs);
    else if (response.status < 300) this.receiveSuccess(response, nowMs);
    else this.receiveRefusal(response, nowMs);
  }

  private receiveProvisional(response: SipResponse, nowMs: number): void {
    if (this.state !== 'calling' && this.state !== 'proceeding') return;
    this.state = 'proceeding';
    this.stopTimers();
    this.requestBytes = undefined;
    this.user.onResponse(response, nowMs);
  }

  private receiveSuccess(response: SipResponse, nowMs: number): void {
    if (this.state === 'completed') return;
    if (this.state !== 'accepted') {
      this.state = 'accepted';
      this.stopTimers();
      this.requestBytes = undefined;
      this.timeoutTimer = this.host.timers.setLoose(this, 'M', nowMs + 64 * this.host.intervals.t1Ms);
    }
    this.user.onResponse(response, nowMs);
  }

  private receiveRefusal(response: SipResponse, nowMs: number): void {
    if (this.state === 'accepted') return;
    if (this.state === 'completed') {
      if (this.ackBytes !== undefined) this.host.send(this.flow, this.ackBytes);
      return;
    }
    this.state = 'completed';
    this.stopTimers();
    this.requestBytes = undefined;
    this.ackBytes = writeMessage(createRefusalAck(this.request, response));
    this.host.send(this.flow, this.ackBytes);
    // Timer D: at least 32 s on unreliable transports, none on reliable ones.
    if (isReliable(this.flow.protocol)) this.terminate();
    else
      this.timeoutTimer = this.host.timers.setLoose(
        this,
        'D',
        nowMs + Math.max(32_000, 64 * this.host.intervals.t1Ms),
      );
    this.user.onResponse(response, nowMs);
  }

  onTimer(name: string, nowMs: number): void {
    if (name === 'A') {
      if (this.state !== 'calling') return;
      this.intervalMs *= 2;
      this.retransmitTimer = this.host.timers.set(this, 'A', nowMs + this.intervalMs);
      this.host.send(this.flow, this.requestBytes as Uint8Array);
      return;
    }
    this.terminate();
    if (name === 'B') this.user.onFailure('timeout', nowMs);
  }

  /** The transport could not deliver the request (RFC 3261 §17.1.4). */
  transportFailed(nowMs: number): void {
    if (this.state !== 'calling' && this.state !== 'proceeding') {
      // Nothing is outstanding; on a dead connection neither retransmissions nor forks can arrive.
      if (isReliable(this.flow.protocol)) this.terminate();
      return;
    }
    this.terminate();
    this.user.onFailure('transport', nowMs);
  }

  /** Sends the request no more; whoever got it may still answer until timer B fires. */
  stopRepeating(): void {
    this.retransmitTimer = this.host.timers.cancel(this.retransmitTimer);
  }

  /** Ends the transaction without telling its user. */
  terminate(): void {
    if (this.state === 'terminated') return;
    this.state = 'terminated';
    this.stopTimers();
    this.requestBytes = undefined;
    this.ackBytes = undefined;
    this.host.onTerminated(this);
  }

  private stopTimers(): void {
    this.retransmitTimer = this.host.timers.cancel(this.retransmitTimer);
    this.timeoutTimer = this.host.timers.cancel(this.timeoutTimer);
  }
}

/** The ACK to a final response other than 2xx (RFC 3261 §17.1.1.3). */
function createRefusalAck(invite: SipRequest, response: SipResponse): SipRequest {
  return createSibling(invite, 'ACK', response.header('To') ?? '');
}

/** A CANCEL for an INVITE (RFC 3261 §9.1). */
export function createCancel(invite: SipRequest): SipRequest {
  return createSibling(invite, 'CANCEL', invite.header('To') ?? '');
}

/** ACK and CANCEL share Request-URI, top Via, From, Call-ID, CSeq number and Route with their INVITE. */
function createSibling(invite: SipRequest, method: string, to: string): SipRequest {
  const sibling = new SipRequest(method, invite.uriText);
  sibling.push('Via', invite.header('Via') ?? '');
  sibling.push('Max-Forwards', '70');
  sibling.push('From', invite.header('From') ?? '');
  sibling.push('To', to);
  sibling.push('Call-ID', invite.callId);
  sibling.push('CSeq', `${invite.sequence} ${method}`);
  for (const route of invite.headerLines('Route')) sibling.push('Route', route);
  return sibling;
}
