import { DigestClient } from '../digest/index.ts';
import type { Flow } from '../flow/index.ts';
import { reasonPhrase, type SipRequest, type SipResponse } from '../message/index.ts';
import type { ClientTransactionUser } from '../transaction/index.ts';
import type { UserAgentContext } from './context.ts';
import { answerWithCredentials } from './credentials.ts';
import { forStream, overFlow } from './large-requests.ts';
import type { ClientCredentials } from './options.ts';

/** How a request other than INVITE ended. */
export type RequestOutcome = {
  status: number;
  reason: string;
  cause: 'remote' | 'timeout' | 'transport';
  response?: SipResponse;
};

/** One request other than INVITE from its sending to its final response, credentials included. */
export class RequestAttempt implements ClientTransactionUser {
  private readonly context: UserAgentContext;
  private request: SipRequest;
  private flow: Flow;
  /** The way that was meant, while a request too long for a datagram tries a stream instead. */
  private datagramFlow: Flow | undefined;
  private readonly digest: DigestClient | undefined;
  private readonly nextSequence: () => number;
  private readonly onOutcome: (outcome: RequestOutcome, nowMs: number) => void;

  constructor(
    context: UserAgentContext,
    request: SipRequest,
    flow: Flow,
    credentials: ClientCredentials | undefined,
    nextSequence: () => number,
    onOutcome: (outcome: RequestOutcome, nowMs: number) => void,
  ) {
    this.context = context;
    this.request = request;
    this.flow = flow;
    this.digest = credentials === undefined ? undefined : new DigestClient(credentials);
    this.nextSequence = nextSequence;
    this.onOutcome = onOutcome;
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

  private send(nowMs: number): void {
    this.context.transactions.request(this.request, this.flow, this, nowMs);
  }

  onResponse(response: SipResponse, nowMs: number): void {
    this.datagramFlow = undefined;
    if (response.status < 200) return;
    const again = answerWithCredentials(
      this.context,
      this.request,
      response,
      this.digest,
      () => this.context.createVia(this.flow),
      this.nextSequence,
    );
    if (again === undefined) {
      this.onOutcome({ status: response.status, reason: response.reason, cause: 'remote', response }, nowMs);
      return;
    }
    this.request = again;
    this.start(nowMs);
  }

  onFailure(cause: 'timeout' | 'transport', nowMs: number): void {
    const { datagramFlow } = this;
    this.datagramFlow = undefined;
    if (cause === 'transport' && datagramFlow !== undefined) {
      this.flow = datagramFlow;
      this.request = overFlow(this.context, this.request, datagramFlow);
      this.send(nowMs);
      return;
    }
    const status = cause === 'timeout' ? 408 : 503;
    this.onOutcome({ status, reason: reasonPhrase(status), cause }, nowMs);
  }
}
