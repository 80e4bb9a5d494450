import type { Flow } from '../flow/index.ts';
import type { Binding } from '../registrar/index.ts';
import type { SessionSnapshot } from './session-snapshot.ts';
import type { SipOutput } from './events.ts';
import type {
  BodyOptions,
  ClientCredentials,
  CommandResult,
  HeaderOptions,
  InviteCommand,
  SipStackOptions,
} from './options.ts';

/** Counts of what is alive; all zero when nothing is going on. */
export type SipStackStatistics = {
  sessions: number;
  clientTransactions: number;
  serverTransactions: number;
  timers: number;
  bindings: number;
};

/**
 * A SIP user agent and registrar without sockets or clock (RFC 3261): bytes and time in, bytes and events out.
 *
 * Every call is synchronous and never throws on what the network sent. After each call `drain` returns what is to be
 * done, in order. Instants are milliseconds of any clock that never runs backwards.
 */
export class SipStack {
  constructor(options: SipStackOptions) {
    void options;
  }

  /** Takes one datagram, one WebSocket message or any chunk of a stream. The stack may keep no reference to `bytes`. */
  receive(bytes: Uint8Array, flow: Flow, nowMs: number): void {
    void [bytes, flow, nowMs];
  }

  /** The stream connection of that flow is gone, or a datagram to it was refused (ICMP). */
  flowClosed(flow: Flow, nowMs: number): void {
    void [flow, nowMs];
  }

  /** Fires every timer whose deadline is at or before `nowMs`. */
  advance(nowMs: number): void {
    void nowMs;
  }

  /** When `advance` has something to do next, or undefined when nothing is waiting. */
  nextDeadlineMs(): number | undefined {
    return undefined;
  }

  /** Returns and forgets the outputs collected so far, oldest first. */
  drain(): SipOutput[] {
    return [];
  }

  statistics(): SipStackStatistics {
    return { sessions: 0, clientTransactions: 0, serverTransactions: 0, timers: 0, bindings: 0 };
  }

  // ------------------------------------------------------------------ UAS of an INVITE session

  /** Sends a provisional response; `status` is 101–199 (100 is sent by the stack itself). */
  progress(
    command: { sessionId: string; status: number; reason?: string | undefined } & BodyOptions & HeaderOptions,
    nowMs: number,
  ): CommandResult {
    return unimplemented(command, nowMs);
  }

  /** Answers 200 and repeats it until the ACK comes (RFC 3261 §13.3.1.4). */
  accept(
    command: { sessionId: string; contactUser?: string | undefined } & BodyOptions & HeaderOptions,
    nowMs: number,
  ): CommandResult {
    return unimplemented(command, nowMs);
  }

  /** Refuses with `status` 300–699. The session is over; no event follows. */
  reject(
    command: { sessionId: string; status: number; reason?: string | undefined } & HeaderOptions,
    nowMs: number,
  ): CommandResult {
    return unimplemented(command, nowMs);
  }

  // ------------------------------------------------------------------ UAC

  /** Calls somebody. Events: progress*, then accepted, rejected or cancelled. */
  invite(command: InviteCommand, nowMs: number): CommandResult {
    return unimplemented(command, nowMs);
  }

  /** Gives up a call that has not been answered; `cancelled` (or `rejected`) follows. */
  cancel(command: { sessionId: string; reasonHeader?: string | undefined }, nowMs: number): CommandResult {
    return unimplemented(command, nowMs);
  }

  /** Offers a change of an answered session; without a body the peer is asked to offer. `reinvite-result` follows. */
  reinvite(command: { sessionId: string } & BodyOptions & HeaderOptions, nowMs: number): CommandResult {
    return unimplemented(command, nowMs);
  }

  /** Gives the answer to a delayed offer that `accepted` or `reinvite-result` carried: it goes into the ACK. */
  acknowledge(command: { sessionId: string } & BodyOptions, nowMs: number): CommandResult {
    return unimplemented(command, nowMs);
  }

  /** Answers the pending `reinvite` with 200 and a body, or a refusal of 300–699 that leaves the session as it was. */
  answerReinvite(
    command: { sessionId: string; status: number; reason?: string | undefined } & BodyOptions & HeaderOptions,
    nowMs: number,
  ): CommandResult {
    return unimplemented(command, nowMs);
  }

  /**
   * Hangs up whatever the state: BYE when answered, CANCEL when we are calling, 480 when we are being called.
   * `reasonHeader` is a Reason value (RFC 3326), for instance `SIP;cause=200;text="Call completed elsewhere"`.
   */
  bye(command: { sessionId: string; reasonHeader?: string | undefined }, nowMs: number): CommandResult {
    return unimplemented(command, nowMs);
  }

  /** Sends INFO in an answered session (RFC 6086 legacy use, for instance application/dtmf-relay). */
  info(
    command: { sessionId: string; contentType: string; body: Uint8Array | string },
    nowMs: number,
  ): CommandResult {
    return unimplemented(command, nowMs);
  }

  /** Asks whether a peer is there; `options-result` with the same key follows within 64*T1. */
  options(
    command: { key: string; uri: string; flow: Flow; from?: string; credentials?: ClientCredentials },
    nowMs: number,
  ): CommandResult {
    return unimplemented(command, nowMs);
  }

  // ------------------------------------------------------------------ registrar

  /** Live bindings of an address of record (`sip:user@realm`, or just the user), best first. */
  bindings(aorOrUser: string): Binding[] {
    void aorOrUser;
    return [];
  }

  /** All live bindings, to be stored. */
  exportBindings(): Binding[] {
    return [];
  }

  /** Takes back stored bindings; those that have expired or exceed a limit are left out. Returns how many were taken. */
  importBindings(bindings: readonly Binding[], nowMs: number): number {
    void [bindings, nowMs];
    return 0;
  }

  /** Forgets all bindings of an address of record, for instance when a user is deleted. */
  removeBindings(aorOrUser: string, nowMs: number): void {
    void [aorOrUser, nowMs];
  }

  // ------------------------------------------------------------------ surviving a restart

  /** What is needed to continue an answered session in another process; undefined in any other state. */
  exportSession(sessionId: string): SessionSnapshot | undefined {
    void sessionId;
    return undefined;
  }

  /** Continues an exported session: requests of the peer are recognized and `bye` works. */
  importSession(snapshot: SessionSnapshot, nowMs: number): CommandResult {
    return unimplemented(snapshot, nowMs);
  }
}

function unimplemented(...values: unknown[]): CommandResult {
  void values;
  return { ok: false, reason: 'wrong-state', detail: 'under construction' };
}
