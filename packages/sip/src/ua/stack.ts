import { Dialog, writeReplaces, type DialogId, type DialogState } from '../dialog/index.ts';
import { isReliable, type Flow } from '../flow/index.ts';
import { encodeUtf8, parseMessage } from '../message/index.ts';
import type { Binding } from '../registrar/index.ts';
import type { RegistrationCommand, RegistrationState } from '../registration/index.ts';
import { tryingFor } from '../transaction/index.ts';
import { done, readAddress, readUri, refused, wrongStatus } from './arguments.ts';
import { UserAgentContext } from './context.ts';
import { EstablishedSession } from './established-session.ts';
import type { SipOutput } from './events.ts';
import { IncomingCall } from './incoming-call.ts';
import { Intake } from './intake.ts';
import type {
  BodyOptions,
  ClientCredentials,
  CommandResult,
  HeaderOptions,
  InviteCommand,
  SipStackOptions,
} from './options.ts';
import { OutgoingCall } from './outgoing-call.ts';
import { Registrations } from './registrations.ts';
import { createOutsideRequest } from './outside-request.ts';
import { RequestAttempt } from './request-attempt.ts';
import { RequestHandler } from './request-handler.ts';
import type { CallSnapshot, SessionSnapshot } from './session-snapshot.ts';
import { Subscriptions } from './subscriptions.ts';
import { Transfers } from './transfers.ts';

/** Counts of what is alive; all zero when nothing is going on. */
export type SipStackStatistics = {
  sessions: number;
  dialogs: number;
  clientTransactions: number;
  serverTransactions: number;
  timers: number;
  bindings: number;
  connections: number;
  /** Those of peers and ours. */
  subscriptions: number;
  /** Accounts that we keep registered elsewhere; each has a timer. */
  registrations: number;
};

type Reasoned = { reason?: string | undefined };

/**
 * A SIP user agent and registrar without sockets or clock (RFC 3261): bytes and time in, bytes and events out.
 *
 * Every call is synchronous and never throws on what the network sent. After each call `drain` returns what is to be
 * done, in order. Instants are milliseconds of any clock that never runs backwards; every command takes the present one, whether
 * it needs it today or not.
 */
export class SipStack {
  /** REFER, in both directions. */
  readonly transfers: Transfers;
  /** SUBSCRIBE and NOTIFY, in both directions. */
  readonly subscriptions: Subscriptions;
  private readonly context: UserAgentContext;
  private readonly handler: RequestHandler;
  private readonly intake: Intake;
  private readonly registrations: Registrations;

  constructor(options: SipStackOptions) {
    if (options.secret.length < 16) throw new RangeError('secret: give at least 16 bytes.');
    this.context = new UserAgentContext(options);
    this.transfers = new Transfers(this.context);
    this.subscriptions = new Subscriptions(this.context);
    this.handler = new RequestHandler(this.context, this.subscriptions);
    this.registrations = new Registrations(this.context);
    this.intake = new Intake(this.context, this.handler, this.registrations);
  }

  /** Takes one datagram, one WebSocket message or any chunk of a stream; keeps no reference to `bytes`. */
  receive(bytes: Uint8Array, flow: Flow, nowMs: number): void {
    this.intake.receive(bytes, flow, nowMs);
  }

  /** The 100 for a datagram that will be given to {@link receive} only later, and where it goes, where it begins a call. */
  tryingFor(bytes: Uint8Array, flow: Flow): { bytes: Uint8Array; flow: Flow } | undefined {
    const { transactions } = this.context;
    return tryingFor(bytes, flow, (request) => transactions.findServer(request) !== undefined);
  }

  /** The stream connection of that flow is gone, or a datagram to it was refused (ICMP). */
  flowClosed(flow: Flow, nowMs: number): void {
    const { context } = this;
    this.intake.forget(flow);
    // First the dialogs: whether a request that fails with its connection ends a call depends on what they can hope for.
    if (isReliable(flow.protocol)) for (const owner of context.dialogs.values()) owner.onFlowClosed(flow);
    context.transactions.flowClosed(flow, nowMs);
    this.registrations.flowClosed(flow, nowMs);
    this.handler.registrar.flowClosed(flow);
  }

  /** Fires every timer whose deadline is at or before `nowMs`. */
  advance(nowMs: number): void {
    this.context.timers.fire(nowMs);
  }

  /** When `advance` has something to do next, or undefined when nothing is waiting. */
  nextDeadlineMs(): number | undefined {
    return this.context.timers.nextDeadlineMs();
  }

  /** Returns and forgets the outputs collected so far, oldest first. */
  drain(): SipOutput[] {
    const { outputs } = this.context;
    if (outputs.length > 0) this.context.outputs = [];
    return outputs;
  }

  statistics(): SipStackStatistics {
    const { context } = this;
    return {
      sessions: context.sessions.size,
      dialogs: context.dialogs.size,
      clientTransactions: context.transactions.clientCount,
      serverTransactions: context.transactions.serverCount,
      timers: context.timers.size,
      bindings: this.handler.registrar.size,
      connections: this.intake.connections,
      subscriptions: this.subscriptions.size,
      registrations: this.registrations.size,
    };
  }

  // ------------------------------------------------------------------ UAS of an INVITE session

  /** Sends a provisional response; `status` is 101–199 (100 is sent by the stack itself). */
  progress(
    command: { sessionId: string; status: number } & Reasoned & BodyOptions & HeaderOptions,
    nowMs: number,
  ): CommandResult {
    if (command.status < 101 || command.status > 199) return wrongStatus(command.status, '101–199');
    return this.incoming(command.sessionId, (call) => call.progress(command.status, command, nowMs));
  }

  /**
   * Answers 200 and repeats it until the ACK comes (RFC 3261 §13.3.1.4). `confirmed` or `ended` follows. With `keepsReplaced` the
   * session that this one replaces stays, and the consumer hangs it up.
   */
  accept(
    command: {
      sessionId: string;
      contactUser?: string | undefined;
      keepsReplaced?: boolean | undefined;
    } & BodyOptions &
      HeaderOptions,
    nowMs: number,
  ): CommandResult {
    return this.incoming(command.sessionId, (call) => call.accept(command, nowMs));
  }

  /** Refuses with `status` 300–699. The session is over; no event follows. */
  reject(
    command: { sessionId: string; status: number } & Reasoned & BodyOptions & HeaderOptions,
    nowMs: number,
  ): CommandResult {
    if (command.status < 300 || command.status > 699) return wrongStatus(command.status, '300–699');
    return this.incoming(command.sessionId, (call) => call.reject(command.status, command, nowMs));
  }

  // ------------------------------------------------------------------ UAC

  /** Calls somebody. Events: progress*, then accepted, rejected or cancelled. */
  invite(command: InviteCommand, nowMs: number): CommandResult {
    const { context } = this;
    const { sessionId, flow } = command;
    if (context.sessions.has(sessionId))
      return refused('duplicate-session', `Session ${sessionId} is alive.`);
    if (context.sessions.size >= context.limits.sessionsMax) {
      return refused('limit-reached', `There are ${context.limits.sessionsMax} sessions already.`);
    }
    const uriText = readUri(command.uri);
    const from = readAddress(command.from);
    const to = readAddress(command.to);
    if (uriText === undefined)
      return refused('invalid-argument', `uri: ${String(command.uri)} is no SIP URI.`);
    if (from === undefined || to === undefined)
      return refused('invalid-argument', 'from, to: give a SIP URI.');
    const contactUser = command.contactUser ?? from.uri?.user;
    const request = createOutsideRequest(context, 'INVITE', uriText, flow, from, to);
    for (const route of command.route ?? []) request.append('Route', route);
    request.push('Contact', context.createContact(flow, contactUser));
    // Without an offer of ours a reliable response would bring one, which only the consumer could answer.
    context.pushAbilities(request, command.body !== undefined && command.body.length > 0);
    if (context.sessionTimer !== undefined) {
      const { intervalSeconds, minSeconds } = context.sessionTimer;
      request.push('Session-Expires', String(intervalSeconds));
      if (minSeconds > 90) request.push('Min-SE', String(minSeconds));
    }
    if (command.replaces !== undefined) {
      request.append('Replaces', writeReplaces(command.replaces));
      request.push('Require', 'replaces');
    }
    context.fill(request, command);
    new OutgoingCall(context, sessionId, request, flow, command.credentials, contactUser).start(
      nowMs,
      command.silenceMaxMs,
    );
    return done;
  }

  /** Gives up a call that has not been answered; `cancelled` follows. */
  cancel(command: { sessionId: string; reasonHeader?: string | undefined }, nowMs: number): CommandResult {
    const session = this.context.sessions.get(command.sessionId);
    if (session === undefined) return refused('unknown-session', command.sessionId);
    if (!(session instanceof OutgoingCall))
      return refused('wrong-state', 'Only an outgoing, unanswered call can be cancelled.');
    session.cancel(command.reasonHeader, nowMs);
    return done;
  }

  /**
   * The dialog of an answered session, as we see it; undefined in any other state. Somebody else who is to replace it gets
   * `remoteTag` as the to-tag of Replaces and `localTag` as its from-tag: they are seen by our peer.
   */
  dialogOf(sessionId: string): DialogId | undefined {
    const session = this.context.sessions.get(sessionId);
    return session instanceof EstablishedSession ? session.dialog.id : undefined;
  }

  /** The early dialogs of a call of ours that is not answered, one for each fork that rings, as we see them. */
  earlyDialogsOf(sessionId: string): DialogId[] {
    const session = this.context.sessions.get(sessionId);
    return session instanceof OutgoingCall ? session.earlyDialogIds : [];
  }

  /** Offers a change of an answered session; without a body the peer is asked to offer. `reinvite-result` follows. */
  reinvite(command: { sessionId: string } & BodyOptions & HeaderOptions, nowMs: number): CommandResult {
    return this.established(command.sessionId, (session) => session.offers.reinvite(command, nowMs));
  }

  /**
   * The peer of an answered session has come back over another connection: requests go there from now on, and the peer is asked by
   * OPTIONS whether it still knows the session. `ended` follows with 481 when it does not, with 408 when it says nothing.
   */
  rejoin(command: { sessionId: string; flow: Flow }, nowMs: number): CommandResult {
    return this.established(command.sessionId, (session) => session.rejoin(command.flow, nowMs));
  }

  /**
   * Gives the answer to an offer that `accepted` or `reinvite-result` carried because the INVITE had none: it goes
   * into the ACK, which is not sent before.
   */
  acknowledge(command: { sessionId: string } & BodyOptions, _nowMs: number): CommandResult {
    return this.established(command.sessionId, (session) => session.offers.acknowledge(command));
  }

  /**
   * Sends an UPDATE (RFC 3311), before the call is answered or after: with a body it offers a change, without one it
   * tells only what `headers` say. `update-result` follows. `remoteTag` names the early dialog where a call has several.
   */
  update(
    command: { sessionId: string; remoteTag?: string | undefined } & BodyOptions & HeaderOptions,
    nowMs: number,
  ): CommandResult {
    const session = this.context.sessions.get(command.sessionId);
    if (session instanceof OutgoingCall) return session.update(command, nowMs);
    if (session instanceof IncomingCall) return session.offers.update(command, nowMs);
    return this.established(command.sessionId, (call) => call.offers.update(command, nowMs));
  }

  /** Answers the pending `reinvite` with 200 and a body, or a refusal of 300–699 that leaves the session as it was. */
  answerReinvite(
    command: { sessionId: string; remoteTag?: string | undefined; status: number } & Reasoned &
      BodyOptions &
      HeaderOptions,
    nowMs: number,
  ): CommandResult {
    if (command.status < 200 || command.status > 699) return wrongStatus(command.status, '200–699');
    const session = this.context.sessions.get(command.sessionId);
    if (session instanceof OutgoingCall) return session.answerOffer(command, nowMs);
    if (session instanceof IncomingCall) return session.offers.answer(command, nowMs);
    return this.established(command.sessionId, (call) => call.offers.answer(command, nowMs));
  }

  /**
   * Hangs up whatever the state: BYE when answered (`ended` follows at once), CANCEL when we are calling (`cancelled`
   * follows), 480 when we are being called (no event, unless we had accepted already: `ended`). `reasonHeader` is a
   * Reason value (RFC 3326), for instance `SIP;cause=200;text="Call completed elsewhere"`.
   */
  bye(command: { sessionId: string; reasonHeader?: string | undefined }, nowMs: number): CommandResult {
    const session = this.context.sessions.get(command.sessionId);
    if (session instanceof EstablishedSession) return session.bye(command.reasonHeader, nowMs);
    if (session instanceof OutgoingCall) {
      session.cancel(command.reasonHeader, nowMs);
      return done;
    }
    if (session instanceof IncomingCall) {
      session.hangUp(nowMs);
      return done;
    }
    return refused('unknown-session', command.sessionId);
  }

  /** Sends INFO in an answered session (for instance application/dtmf-relay); `info-result` follows. */
  info(
    command: { sessionId: string; contentType: string; body: Uint8Array | string },
    nowMs: number,
  ): CommandResult {
    return this.established(command.sessionId, (session) => session.tell('INFO', command, nowMs));
  }

  /** Sends a MESSAGE in an answered session (RFC 3428); `message-result` follows. */
  message(
    command: { sessionId: string; contentType: string; body: Uint8Array | string },
    nowMs: number,
  ): CommandResult {
    return this.established(command.sessionId, (session) => session.tell('MESSAGE', command, nowMs));
  }

  /** Asks whether a peer is there; `options-result` with the same key follows within 64*T1. */
  options(
    command: {
      key: string;
      uri: string;
      flow: Flow;
      from?: string;
      credentials?: ClientCredentials;
      /** Route values, such as the Path of a binding, first hop first. */
      route?: readonly string[];
    },
    nowMs: number,
  ): CommandResult {
    const { context } = this;
    const uriText = readUri(command.uri);
    const to = readAddress(command.uri);
    const from = readAddress(command.from ?? `sip:${context.options.realm}`);
    if (uriText === undefined || to === undefined)
      return refused('invalid-argument', `uri: ${command.uri} is no SIP URI.`);
    if (from === undefined)
      return refused('invalid-argument', `from: ${String(command.from)} is no SIP URI.`);
    const request = createOutsideRequest(context, 'OPTIONS', uriText, command.flow, from, to);
    for (const route of command.route ?? []) request.append('Route', route);
    request.push('Accept', 'application/sdp');
    let { sequence } = request;
    const next = (): number => ++sequence;
    const attempt = new RequestAttempt(
      context,
      request,
      command.flow,
      command.credentials,
      next,
      (outcome, at) => {
        const { status, reason } = outcome;
        context.emit({ type: 'options-result', key: command.key, status, reason, roundTripMs: at - nowMs });
      },
    );
    attempt.start(nowMs);
    return done;
  }

  private incoming(sessionId: string, act: (call: IncomingCall) => void): CommandResult {
    const session = this.context.sessions.get(sessionId);
    if (session === undefined) return refused('unknown-session', sessionId);
    if (!(session instanceof IncomingCall))
      return refused('wrong-state', 'The call is not an unanswered incoming one.');
    if (session.isAccepted)
      return refused('wrong-state', 'The call has been accepted and waits for a PRACK of the caller.');
    act(session);
    return done;
  }

  private established(sessionId: string, act: (session: EstablishedSession) => CommandResult): CommandResult {
    const session = this.context.sessions.get(sessionId);
    if (session === undefined) return refused('unknown-session', sessionId);
    if (!(session instanceof EstablishedSession))
      return refused('wrong-state', 'The call has not been answered.');
    return act(session);
  }

  // ------------------------------------------------------------------ registrar

  /** Live bindings of an address of record (`sip:user@realm`, or just the user), best first. */
  bindings(aorOrUser: string): Binding[] {
    return this.handler.registrar.bindings(aorOrUser);
  }

  /** All live bindings, to be stored. */
  exportBindings(): Binding[] {
    return this.handler.registrar.export();
  }

  /**
   * Takes back stored bindings; those that have expired, exceed a limit, or hung on a connection behind NAT are left
   * out. Returns how many were taken.
   */
  importBindings(bindings: readonly Binding[], nowMs: number): number {
    return this.handler.registrar.import(bindings, nowMs);
  }

  /** Forgets all bindings of an address of record, for instance when a user is deleted; `registration-changed` follows. */
  removeBindings(aorOrUser: string, _nowMs: number): void {
    this.handler.registrar.remove(aorOrUser);
  }

  // ------------------------------------------------------------------ registering elsewhere

  /** Registers an account with somebody else's registrar and keeps it so; `registration-state` tells of each change. */
  register(command: RegistrationCommand, nowMs: number): CommandResult {
    return this.registrations.start(command, nowMs);
  }

  /** Takes a registration away and forgets it; its state `unregistered` follows, within 64*T1. */
  unregister(command: { registrationId: string }, nowMs: number): CommandResult {
    return this.registrations.act(command.registrationId, (client) => client.stop(nowMs));
  }

  /** Registers now instead of at the end of a pause, over other targets when they are given. */
  registerAgain(
    command: { registrationId: string; targets?: readonly Flow[] },
    nowMs: number,
  ): CommandResult {
    return this.registrations.act(command.registrationId, (client) => {
      if (command.targets !== undefined) client.setTargets(command.targets);
      client.start(nowMs);
    });
  }

  /** Other servers, from the next refresh or attempt on. */
  setRegistrationTargets(
    command: { registrationId: string; targets: readonly Flow[] },
    _nowMs: number,
  ): CommandResult {
    return this.registrations.act(command.registrationId, (client) => client.setTargets(command.targets));
  }

  /** What a registration is doing; undefined when there is none of that name. */
  registration(registrationId: string): RegistrationState | undefined {
    return this.registrations.state(registrationId);
  }

  // ------------------------------------------------------------------ surviving a restart

  /**
   * What is needed to continue an answered session in another process; undefined in any other state. A description of ours that is
   * the one known already is left out, and to be given back before the import.
   */
  exportSession(
    sessionId: string,
    options: { unacknowledged?: boolean; known?: string | undefined } = {},
  ): SessionSnapshot | undefined {
    const session = this.context.sessions.get(sessionId);
    return session instanceof EstablishedSession ? session.export(options) : undefined;
  }

  /**
   * What is needed to go on in another process with a call of ours that is not answered yet; undefined in any other state. Whoever
   * will only give it up does not need its description.
   */
  exportCall(sessionId: string, { withDescription = true } = {}): CallSnapshot | undefined {
    const session = this.context.sessions.get(sessionId);
    return session instanceof OutgoingCall ? session.export(withDescription) : undefined;
  }

  /**
   * Goes on with a call that another process has made and that rings: `cancel` and `bye` give it up, its answer comes as
   * ever. A challenge is not answered any more, because credentials are no part of the snapshot.
   */
  importCall(snapshot: CallSnapshot, nowMs: number, credentials?: ClientCredentials): CommandResult {
    const { sessionId, flow, contactUser } = snapshot;
    if (this.context.sessions.has(sessionId))
      return refused('duplicate-session', `Session ${sessionId} is alive.`);
    const parsed = parseMessage(encodeUtf8(snapshot.request));
    if (!parsed.ok || parsed.message.kind !== 'request' || parsed.message.method !== 'INVITE')
      return refused('invalid-argument', 'request: this is no INVITE.');
    new OutgoingCall(this.context, sessionId, parsed.message, flow, credentials, contactUser).resume(nowMs);
    return done;
  }

  /** Continues an exported session: requests of the peer are recognized, `bye` and `reinvite` work. */
  importSession(snapshot: SessionSnapshot, nowMs: number, credentials?: ClientCredentials): CommandResult {
    const { version: _version, sessionId, role, contactUser, sessionTimer, description, ...state } = snapshot;
    if (this.context.sessions.has(sessionId))
      return refused('duplicate-session', `Session ${sessionId} is alive.`);
    const dialog = new Dialog({ ...state, routeSet: [...state.routeSet] } satisfies DialogState);
    // Connections have not survived, and their ids may name others by now.
    this.context.leaveClosedFlow(dialog, dialog.flow);
    const session = new EstablishedSession(this.context, {
      sessionId,
      role,
      dialog,
      credentials,
      contactUser,
      description: { body: description },
    });
    session.resume();
    if (sessionTimer !== undefined) session.refresh.restore(sessionTimer, nowMs);
    return done;
  }
}
