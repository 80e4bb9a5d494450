import { isReliable, type Flow } from '../flow/index.ts';
import { writeMessage, type SipResponse } from '../message/index.ts';
import type { Timer } from '../timers/index.ts';
import type { TransactionHost } from './types.ts';

type State = 'trying' | 'proceeding' | 'completed' | 'terminated';

/** Non-INVITE server transaction (RFC 3261 §17.2.2). */
export class NonInviteServerTransaction {
  readonly side = 'server' as const;
  readonly method: string;
  readonly key: string;
  /** Key under which a copy of the request over another path is recognized (RFC 3261 §8.2.2.2). */
  readonly mergeKey: string | undefined;
  /** Where responses go (§18.2.2). */
  flow: Flow;
  /** Port of the top Via: where a new connection goes when the one of the request is gone. */
  readonly sentByPort: number;
  state: State = 'trying';
  private readonly host: TransactionHost;
  private lastResponse: Uint8Array | undefined;
  private endTimer: Timer | undefined;

  constructor(
    key: string,
    mergeKey: string | undefined,
    method: string,
    flow: Flow,
    sentByPort: number,
    host: TransactionHost,
  ) {
    this.key = key;
    this.sentByPort = sentByPort;
    this.mergeKey = mergeKey;
    this.method = method;
    this.flow = flow;
    this.host = host;
  }

  /** Sends a response; false when a final one has been sent already. */
  respond(response: SipResponse, nowMs: number): boolean {
    if (this.state !== 'trying' && this.state !== 'proceeding') return false;
    const bytes = writeMessage(response);
    if (response.status < 200) this.state = 'proceeding';
    else {
      this.state = 'completed';
      // Timer J: 64*T1 to absorb repeated requests, none on reliable transports.
      if (!isReliable(this.flow.protocol)) {
        this.endTimer = this.host.timers.setLoose(this, 'J', nowMs + 64 * this.host.intervals.t1Ms);
      }
    }
    this.lastResponse = bytes;
    this.host.send(this.flow, bytes);
    if (this.state === 'completed' && isReliable(this.flow.protocol)) this.terminate();
    return true;
  }

  /** A repeated request. */
  receive(): void {
    if (this.lastResponse !== undefined) this.host.send(this.flow, this.lastResponse);
  }

  onTimer(): void {
    this.terminate();
  }

  terminate(): void {
    if (this.state === 'terminated') return;
    this.state = 'terminated';
    this.endTimer = this.host.timers.cancel(this.endTimer);
    this.lastResponse = undefined;
    this.host.onTerminated(this);
  }
}
