import { isReliable, type Flow } from '../flow/index.ts';
import { writeMessage, type SipRequest, type SipResponse } from '../message/index.ts';
import type { Timer } from '../timers/index.ts';
import type { InviteServerUser, TransactionHost } from './types.ts';

type State = 'proceeding' | 'completed' | 'confirmed' | 'accepted' | 'terminated';

/** INVITE server transaction: RFC 3261 §17.2.1 with the Accepted state of RFC 6026 §7.1. */
export class InviteServerTransaction {
  readonly side = 'server' as const;
  readonly method = 'INVITE';
  readonly key: string;
  /** Key under which a copy of the request over another path is recognized (RFC 3261 §8.2.2.2). */
  readonly mergeKey: string | undefined;
  /** Where responses go (§18.2.2). */
  flow: Flow;
  /** Port of the top Via: where a new connection goes when the one of the request is gone. */
  readonly sentByPort: number;
  state: State = 'proceeding';
  /** Set by whoever answers the request; without it ACKs after a 2xx are dropped. */
  user: InviteServerUser | undefined = undefined;
  private readonly host: TransactionHost;
  private lastResponse: Uint8Array | undefined;
  private intervalMs: number;
  private retransmitTimer: Timer | undefined;
  private endTimer: Timer | undefined;
  private makeTrying: (() => SipResponse) | undefined;
  private tryingTimer: Timer | undefined;

  constructor(
    key: string,
    mergeKey: string | undefined,
    flow: Flow,
    sentByPort: number,
    host: TransactionHost,
  ) {
    this.key = key;
    this.sentByPort = sentByPort;
    this.mergeKey = mergeKey;
    this.flow = flow;
    this.host = host;
    this.intervalMs = host.intervals.t1Ms;
  }

  /**
   * Sends 100 Trying when nothing else has been sent within `delayMs`: RFC 3261 §17.2.1 asks for it only when the
   * answer may take longer than 200 ms. 0 sends it at once.
   */
  tryWithin(delayMs: number, make: () => SipResponse, nowMs: number): void {
    if (delayMs === 0) {
      this.respond(make(), nowMs);
      return;
    }
    this.makeTrying = make;
    this.tryingTimer = this.host.timers.set(this, 'trying', nowMs + delayMs);
  }

  /** Sends a response; false when a final one has been sent already. */
  respond(response: SipResponse, nowMs: number): boolean {
    if (this.state !== 'proceeding') return false;
    const { timers, intervals } = this.host;
    this.stopTrying();
    const bytes = writeMessage(response);
    if (response.status < 200) this.lastResponse = bytes;
    else if (response.status < 300) {
      // The dialog repeats the 2xx; this transaction only absorbs repeated INVITEs until timer L.
      this.state = 'accepted';
      this.lastResponse = undefined;
      this.endTimer = timers.setLoose(this, 'L', nowMs + 64 * intervals.t1Ms);
    } else {
      this.state = 'completed';
      this.lastResponse = bytes;
      if (!isReliable(this.flow.protocol))
        this.retransmitTimer = timers.set(this, 'G', nowMs + this.intervalMs);
      this.endTimer = timers.set(this, 'H', nowMs + 64 * intervals.t1Ms);
    }
    this.host.send(this.flow, bytes);
    return true;
  }

  /** Sends the 2xx again (RFC 3261 §13.3.1.4): through the transaction's path, outside its states. */
  repeatSuccess(bytes: Uint8Array): void {
    this.host.send(this.flow, bytes);
  }

  /** A repeated INVITE, or the ACK that belongs to this transaction. */
  receive(request: SipRequest, nowMs: number): void {
    if (request.method === 'ACK') this.receiveAck(request, nowMs);
    else if (this.lastResponse !== undefined && (this.state === 'proceeding' || this.state === 'completed')) {
      this.host.send(this.flow, this.lastResponse);
    }
  }

  private receiveAck(ack: SipRequest, nowMs: number): void {
    if (this.state === 'accepted') this.user?.onAck(ack, nowMs);
    if (this.state !== 'completed') return;
    this.state = 'confirmed';
    this.stopTimers();
    this.lastResponse = undefined;
    // Timer I: T4 to absorb repeated ACKs, none on reliable transports.
    if (isReliable(this.flow.protocol)) this.terminate();
    else this.endTimer = this.host.timers.setLoose(this, 'I', nowMs + this.host.intervals.t4Ms);
  }

  onTimer(name: string, nowMs: number): void {
    if (name === 'trying') {
      const make = this.makeTrying;
      if (make !== undefined) this.respond(make(), nowMs);
      return;
    }
    if (name !== 'G') {
      this.terminate();
      return;
    }
    const { t2Ms } = this.host.intervals;
    this.intervalMs = Math.min(this.intervalMs * 2, t2Ms);
    this.retransmitTimer = this.host.timers.set(this, 'G', nowMs + this.intervalMs);
    if (this.lastResponse !== undefined) this.host.send(this.flow, this.lastResponse);
  }

  terminate(): void {
    if (this.state === 'terminated') return;
    this.state = 'terminated';
    this.stopTimers();
    this.lastResponse = undefined;
    this.user = undefined;
    this.host.onTerminated(this);
  }

  private stopTrying(): void {
    this.makeTrying = undefined;
    this.tryingTimer = this.host.timers.cancel(this.tryingTimer);
  }

  private stopTimers(): void {
    this.stopTrying();
    this.retransmitTimer = this.host.timers.cancel(this.retransmitTimer);
    this.endTimer = this.host.timers.cancel(this.endTimer);
  }
}
