import { flowKey, isReliable, travelsOn, type Flow } from '../flow/index.ts';
import { joinKey } from '../join-key.ts';
import type { SipRequest, SipResponse } from '../message/index.ts';
import type { TimerQueue } from '../timers/index.ts';
import { InviteClientTransaction } from './invite-client.ts';
import { InviteServerTransaction } from './invite-server.ts';
import { NonInviteClientTransaction } from './non-invite-client.ts';
import { NonInviteServerTransaction } from './non-invite-server.ts';
import { defaultPort, flowToSentBy, responseFlow } from './response-routing.ts';
import type { ClientTransactionUser, TransactionHost, TransactionTimers } from './types.ts';

export type ClientTransaction = InviteClientTransaction | NonInviteClientTransaction;
export type ServerTransaction = InviteServerTransaction | NonInviteServerTransaction;

/** RFC 3261 §8.1.1.7: branches that start so are unique and identify the transaction alone. */
const magicCookie = 'z9hG4bK';

/** Creates, finds and forgets transactions (RFC 3261 §17.1.3, §17.2.3). */
export class TransactionLayer implements TransactionHost {
  readonly timers: TimerQueue;
  readonly intervals: TransactionTimers;
  readonly send: (flow: Flow, bytes: Uint8Array) => void;
  private readonly clients = new Map<string, ClientTransaction>();
  private readonly servers = new Map<string, ServerTransaction>();
  private readonly merges = new Map<string, ServerTransaction>();
  /** Server transactions of each stream connection, so that its end concerns nobody else. */
  private readonly onConnection = new Map<string, Set<ServerTransaction>>();

  constructor(
    timers: TimerQueue,
    intervals: TransactionTimers,
    send: (flow: Flow, bytes: Uint8Array) => void,
  ) {
    this.timers = timers;
    this.intervals = intervals;
    this.send = send;
  }

  get clientCount(): number {
    return this.clients.size;
  }

  get serverCount(): number {
    return this.servers.size;
  }

  /** Sends a request whose top Via carries a branch of ours. */
  request(request: SipRequest, flow: Flow, user: ClientTransactionUser, nowMs: number): ClientTransaction {
    const key = clientKey(request);
    const transaction =
      request.method === 'INVITE'
        ? new InviteClientTransaction(key, request, flow, user, this)
        : new NonInviteClientTransaction(key, request, flow, user, this);
    this.clients.set(key, transaction);
    transaction.start(nowMs);
    return transaction;
  }

  /** Takes up an INVITE of ours that another process has sent and that still waits for its final response. */
  resumeInvite(request: SipRequest, flow: Flow, user: ClientTransactionUser): InviteClientTransaction {
    const key = clientKey(request);
    const transaction = new InviteClientTransaction(key, request, flow, user, this);
    this.clients.set(key, transaction);
    transaction.resume();
    return transaction;
  }

  /** Hands a response to its transaction; false when there is none. */
  receiveResponse(response: SipResponse, nowMs: number): boolean {
    const transaction = this.clients.get(clientKey(response));
    if (transaction === undefined) return false;
    transaction.receive(response, nowMs);
    return true;
  }

  /** The transaction that a repeated request or an ACK belongs to. */
  findServer(request: SipRequest): ServerTransaction | undefined {
    return this.servers.get(serverKey(request, request.method));
  }

  /** The INVITE that a CANCEL is about (RFC 3261 §9.2). */
  findCancelled(cancel: SipRequest): InviteServerTransaction | undefined {
    const transaction = this.servers.get(serverKey(cancel, 'INVITE'));
    return transaction instanceof InviteServerTransaction ? transaction : undefined;
  }

  /** Whether another transaction carries the same request, which came over another path (RFC 3261 §8.2.2.2). */
  isMerged(request: SipRequest): boolean {
    const key = mergeKey(request);
    return key !== undefined && this.merges.has(key);
  }

  /** Lets the same request come again over another branch: some phones repeat it so with their credentials. */
  forgetMerge(transaction: ServerTransaction): void {
    if (transaction.mergeKey !== undefined) this.merges.delete(transaction.mergeKey);
  }

  createInviteServer(request: SipRequest, flow: Flow): InviteServerTransaction {
    const transaction = new InviteServerTransaction(
      serverKey(request, 'INVITE'),
      mergeKey(request),
      this.responseFlow(request, flow),
      sentByPort(request),
      this,
    );
    this.addServer(transaction);
    return transaction;
  }

  createServer(request: SipRequest, flow: Flow): NonInviteServerTransaction {
    const transaction = new NonInviteServerTransaction(
      serverKey(request, request.method),
      mergeKey(request),
      request.method,
      this.responseFlow(request, flow),
      sentByPort(request),
      this,
    );
    this.addServer(transaction);
    return transaction;
  }

  /**
   * Tells the client transactions on a path that it cannot deliver. Responses that are still to come will open a new
   * connection to where the request said that it listens (RFC 3261 §18.2.2).
   */
  flowClosed(flow: Flow, nowMs: number): void {
    const affected: ClientTransaction[] = [];
    for (const transaction of this.clients.values()) {
      if (travelsOn(transaction.flow, flow)) affected.push(transaction);
    }
    for (const transaction of affected) transaction.transportFailed(nowMs);
    if (!isReliable(flow.protocol)) return;
    const key = flowKey(flow);
    for (const transaction of this.onConnection.get(key) ?? [])
      transaction.flow = flowToSentBy(flow, transaction.sentByPort);
    this.onConnection.delete(key);
  }

  onTerminated(transaction: { readonly key: string; readonly side: 'client' | 'server' }): void {
    if (transaction.side === 'client') {
      this.clients.delete(transaction.key);
      return;
    }
    const server = this.servers.get(transaction.key);
    if (server === undefined) return;
    this.servers.delete(transaction.key);
    this.leaveConnection(server);
    if (server.mergeKey !== undefined && this.merges.get(server.mergeKey) === server)
      this.merges.delete(server.mergeKey);
  }

  private addServer(transaction: ServerTransaction): void {
    this.servers.set(transaction.key, transaction);
    if (transaction.mergeKey !== undefined) this.merges.set(transaction.mergeKey, transaction);
    if (transaction.flow.connectionId === undefined) return;
    const key = flowKey(transaction.flow);
    const others = this.onConnection.get(key);
    if (others === undefined) this.onConnection.set(key, new Set([transaction]));
    else others.add(transaction);
  }

  private leaveConnection(transaction: ServerTransaction): void {
    if (transaction.flow.connectionId === undefined) return;
    const key = flowKey(transaction.flow);
    const others = this.onConnection.get(key);
    if (others?.delete(transaction) === true && others.size === 0) this.onConnection.delete(key);
  }

  private responseFlow(request: SipRequest, flow: Flow): Flow {
    const { via } = request;
    return via === undefined ? flow : responseFlow(via, flow);
  }
}

/** RFC 3261 §17.1.3. */
function clientKey({ via, method }: SipRequest | SipResponse): string {
  return joinKey(via?.parameters.get('branch') ?? '', method);
}

/** RFC 3261 §17.2.3; for a peer of RFC 2543, whose branches identify nothing, the rules given there. */
function serverKey(request: SipRequest, method: string): string {
  const keyMethod = method === 'ACK' ? 'INVITE' : method;
  const { via } = request;
  const branch = via?.parameters.get('branch');
  if (
    via !== undefined &&
    branch !== undefined &&
    branch.startsWith(magicCookie) &&
    branch.length > magicCookie.length
  ) {
    return joinKey(branch, via.host, via.port ?? 0, keyMethod);
  }
  const host = via === undefined ? '' : `${via.host} ${via.port ?? 0} ${branch ?? ''}`;
  return `2543 ${request.uriText} ${request.fromTag ?? ''} ${request.callId} ${request.sequence} ${host} ${keyMethod}`;
}

/** Only requests outside dialogs can be merged; ACK and CANCEL belong to another request. */
function mergeKey(request: SipRequest): string | undefined {
  if (request.toTag !== undefined || request.method === 'ACK' || request.method === 'CANCEL')
    return undefined;
  return joinKey(request.fromTag ?? '', request.callId, request.sequence, request.method);
}

function sentByPort(request: SipRequest): number {
  const { via } = request;
  return via === undefined ? 5060 : (via.port ?? defaultPort(via.transport));
}
