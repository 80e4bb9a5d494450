import type { Flow } from '../flow/index.ts';
import type { SipRequest, SipResponse } from '../message/index.ts';
import type { TimerQueue } from '../timers/index.ts';

/** The timer bases of RFC 3261 §17. */
export type TransactionTimers = { t1Ms: number; t2Ms: number; t4Ms: number };

/** What a transaction needs from its surroundings. */
export interface TransactionHost {
  readonly timers: TimerQueue;
  readonly intervals: TransactionTimers;
  send(flow: Flow, bytes: Uint8Array): void;
  /** The transaction has reached Terminated and must be forgotten. */
  onTerminated(transaction: { readonly key: string; readonly side: 'client' | 'server' }): void;
}

/** The transaction user of a client transaction (RFC 3261 §17.1). */
export interface ClientTransactionUser {
  onResponse(response: SipResponse, nowMs: number): void;
  /** No final response within 64*T1, or the transport could not deliver. Nothing follows. */
  onFailure(cause: 'timeout' | 'transport', nowMs: number): void;
}

/** The transaction user of an INVITE server transaction. */
export interface InviteServerUser {
  /** An ACK that reached the transaction after a 2xx: some peers reuse the branch (RFC 6026 §7.1 Accepted). */
  onAck(ack: SipRequest, nowMs: number): void;
}
