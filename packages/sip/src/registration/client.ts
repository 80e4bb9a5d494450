import { DigestClient } from '../digest/index.ts';
import { travelsOn, type Flow } from '../flow/index.ts';
import {
  makeAddress,
  parseAddress,
  parseUri,
  reasonPhrase,
  type NameAddress,
  type SipRequest,
  type SipResponse,
} from '../message/index.ts';
import type { Timer } from '../timers/index.ts';
import type { ClientTransactionUser } from '../transaction/index.ts';
import { KeepAlive } from './keep-alive.ts';
import { createRegister, instanceValue } from './request.ts';
import { readGrant, readSeconds, type Grant } from './response.ts';
import { refreshDelayMs, retryDelayMs } from './schedule.ts';
import { Targets } from './targets.ts';
import type {
  RegistrationCommand,
  RegistrationFailure,
  RegistrationHost,
  RegistrationState,
} from './types.ts';

/** Most requests to one target in one attempt: challenges of a proxy and a registrar, a stale nonce, 423, 439. */
const requestsMax = 6;
const expiresDefaultSeconds = 3_600;
const expiresMaxSeconds = 86_400;
const expiresLeastSeconds = 60;
/** A connection that broke is opened again within this time, at random, so that a server's restart is no stampede. */
const reconnectMaxMs = 1_000;

/** One attempt in progress. */
type Attempt = { kind: 'register' | 'unregister'; target: Flow; contact: string; requests: number };

/**
 * Keeps one account registered (RFC 3261 §10.2, RFC 3608, RFC 5626): authenticates, refreshes, tries the next server when
 * one fails, pauses longer with each failure of all, and takes the registration away at the end.
 */
export class RegistrationClient implements ClientTransactionUser {
  readonly registrationId: string;
  private readonly command: RegistrationCommand;
  private readonly host: RegistrationHost;
  private readonly address: NameAddress;
  private readonly digest: DigestClient | undefined;
  private readonly callId: string;
  private readonly fromTag: string;
  private readonly keepAlive: KeepAlive;
  private readonly targets: Targets;
  private current: RegistrationState;
  private attempt: Attempt | undefined;
  private timer: Timer | undefined;
  private sequence = 0;
  private expiresSeconds: number;
  /** Where the registration that holds was made, and until when it holds. */
  private granted: { target: Flow; contact: string; untilMs: number } | undefined;
  /** Rounds over all targets that have failed in a row. */
  private failures = 0;
  private retryAfterSeconds: number | undefined;
  private isStopping = false;
  private hasOutbound: boolean;

  constructor(command: RegistrationCommand, host: RegistrationHost, nowMs: number) {
    this.registrationId = command.registrationId;
    this.command = command;
    this.host = host;
    this.targets = new Targets(command.targets);
    this.address = parseAddress(command.addressOfRecord) ?? makeAddress(command.addressOfRecord);
    this.digest = command.credentials === undefined ? undefined : new DigestClient(command.credentials);
    this.callId = `${host.token()}${host.token()}`;
    this.fromTag = host.token();
    this.keepAlive = new KeepAlive(host, (at) => this.onDeadFlow(at));
    const asked = command.expiresSeconds ?? expiresDefaultSeconds;
    this.expiresSeconds = Math.min(expiresMaxSeconds, Math.max(expiresLeastSeconds, asked));
    this.hasOutbound = command.outbound !== undefined;
    this.current = { kind: 'unregistered', sinceMs: nowMs };
  }

  get state(): RegistrationState {
    return this.current;
  }

  /** Nothing is left to be done: it may be forgotten. */
  get isOver(): boolean {
    return this.isStopping && this.attempt === undefined;
  }

  /** Registers at the first target, also when a pause or refresh was still to come. */
  start(nowMs: number): void {
    if (this.isStopping || this.attempt !== undefined) return;
    this.targets.restart();
    this.retryAfterSeconds = undefined;
    this.tryNext(nowMs);
  }

  /** Other servers from the next attempt on; the one that we are registered with stays until then. */
  setTargets(targets: readonly Flow[]): void {
    this.targets.replace(targets);
  }

  /** Takes the registration away. `unregistered` follows, at once or when the registrar has answered. */
  stop(nowMs: number): void {
    if (this.isStopping) return;
    this.isStopping = true;
    this.keepAlive.stop();
    this.timer = this.host.timers.cancel(this.timer);
    if (this.attempt === undefined) this.unregister(nowMs);
  }

  /** The connection of that flow is gone: what was registered over it cannot be called any more. */
  flowClosed(flow: Flow, nowMs: number): void {
    const { granted } = this;
    if (granted === undefined || this.attempt !== undefined || this.isStopping) return;
    if (!travelsOn(granted.target, flow) || this.current.kind !== 'registered') return;
    this.targets.restart();
    this.keepAlive.stop();
    this.schedule(nowMs + this.host.draw(reconnectMaxMs));
  }

  /** A pong or a STUN message came on that flow. */
  heard(flow: Flow, stun: Uint8Array | undefined, nowMs: number): void {
    this.keepAlive.heard(flow, stun, nowMs);
  }

  /** The flow answers no more, or its NAT has given it another address: only a new REGISTER makes us reachable. */
  private onDeadFlow(nowMs: number): void {
    if (this.current.kind === 'registered') this.start(nowMs);
  }

  onTimer(_name: string, nowMs: number): void {
    this.timer = undefined;
    this.start(nowMs);
  }

  // ------------------------------------------------------------------ attempts

  private tryNext(nowMs: number): void {
    const target = this.targets.next(this.granted?.target);
    if (target === undefined) {
      const lastFailure = this.current.lastFailure;
      const nowhere = { cause: 'unreachable' as const, code: 503, reason: 'No Server', atMs: nowMs };
      this.pause(this.targets.hasFailed ? (lastFailure ?? nowhere) : nowhere, nowMs);
      return;
    }
    const contact = this.host.createContact(target, this.command.contactUser ?? this.address.uri?.user);
    this.attempt = { kind: 'register', target, contact, requests: 0 };
    if (this.current.kind !== 'registered')
      this.enter({ ...this.failed(), kind: 'registering', sinceMs: nowMs, target });
    this.send(this.attempt, nowMs);
  }

  private unregister(nowMs: number): void {
    const { granted } = this;
    if (granted === undefined || granted.untilMs <= nowMs) {
      this.enter({ ...this.failed(), kind: 'unregistered', sinceMs: nowMs });
      return;
    }
    this.attempt = { kind: 'unregister', target: granted.target, contact: granted.contact, requests: 0 };
    this.send(this.attempt, nowMs);
  }

  private send(attempt: Attempt, nowMs: number): void {
    attempt.requests++;
    this.host.send(this.createRequest(attempt), attempt.target, this, nowMs);
  }

  private createRequest({ kind, target, contact }: Attempt): SipRequest {
    const { command, host } = this;
    return createRegister(command, host, {
      address: this.address,
      via: host.createVia(target),
      contact,
      expiresSeconds: kind === 'register' ? this.expiresSeconds : 0,
      hasOutbound: this.hasOutbound,
      callId: this.callId,
      fromTag: this.fromTag,
      sequence: ++this.sequence,
      digest: this.digest,
    });
  }

  // ------------------------------------------------------------------ answers

  onResponse(response: SipResponse, nowMs: number): void {
    const { attempt } = this;
    if (attempt === undefined || response.status < 200) return;
    if (response.status < 300) this.onSuccess(attempt, response, nowMs);
    else if (attempt.requests < requestsMax && this.adapt(response)) this.send(attempt, nowMs);
    else this.onRefusal(attempt, response, nowMs);
  }

  onFailure(cause: 'timeout' | 'transport', nowMs: number): void {
    const { attempt } = this;
    if (attempt === undefined) return;
    const code = cause === 'timeout' ? 408 : 503;
    const reason = cause === 'timeout' ? 'No Answer' : 'Not Reachable';
    this.onFailedTarget(attempt, { cause: 'unreachable', code, reason, atMs: nowMs }, nowMs);
  }

  /** Changes what a refusal asks us to change; false when there is nothing that we could do differently. */
  private adapt(response: SipResponse): boolean {
    switch (response.status) {
      case 401:
      case 407:
        return this.digest?.takeChallenge(response) === 'retry';
      case 423: {
        const least = readSeconds(response.header('Min-Expires'));
        if (least === undefined || least <= this.expiresSeconds || least > expiresMaxSeconds) return false;
        this.expiresSeconds = least;
        return true;
      }
      case 439: {
        // RFC 5626 §11.6: the first hop does not do outbound, and refuses to hear of it.
        const had = this.hasOutbound;
        this.hasOutbound = false;
        return had;
      }
      default:
        return false;
    }
  }

  private onSuccess(attempt: Attempt, response: SipResponse, nowMs: number): void {
    this.digest?.takeSuccess(response);
    if (attempt.kind === 'unregister') {
      this.finish(nowMs);
      return;
    }
    const uri = parseAddress(attempt.contact)?.uri ?? parseUri(attempt.contact);
    const instance = this.command.outbound && instanceValue(this.command.outbound);
    const grant = readGrant(response, uri, instance, this.expiresSeconds);
    if (grant === undefined || grant.expiresSeconds === 0) {
      const reason = 'Answered Without Our Contact';
      this.onFailedTarget(attempt, { cause: 'refused', code: response.status, reason, atMs: nowMs }, nowMs);
      return;
    }
    this.attempt = undefined;
    this.targets.restart();
    this.failures = 0;
    const { target, contact } = attempt;
    this.granted = { target, contact, untilMs: nowMs + grant.expiresSeconds * 1000 };
    if (this.isStopping) {
      this.unregister(nowMs);
      return;
    }
    this.registered(target, grant, nowMs);
  }

  private registered(target: Flow, grant: Grant, nowMs: number): void {
    const { serviceRoute, path, isOutbound, flowTimerSeconds } = grant;
    const nextAttemptAtMs = nowMs + refreshDelayMs(grant.expiresSeconds, (below) => this.host.draw(below));
    this.schedule(nextAttemptAtMs);
    const { keepAliveSeconds } = this.command;
    if (isOutbound || keepAliveSeconds !== undefined) {
      const intervalSeconds = flowTimerSeconds ?? keepAliveSeconds;
      this.keepAlive.start({ flow: target, intervalSeconds, expectsAnswer: isOutbound }, nowMs);
    } else this.keepAlive.stop();
    this.enter({
      ...this.failed(),
      kind: 'registered',
      sinceMs: this.current.kind === 'registered' ? this.current.sinceMs : nowMs,
      target,
      expiresAtMs: nowMs + grant.expiresSeconds * 1000,
      nextAttemptAtMs,
      serviceRoute,
      path,
      isOutbound,
      ...(flowTimerSeconds === undefined ? {} : { flowTimerSeconds }),
    });
  }

  private onRefusal(attempt: Attempt, response: SipResponse, nowMs: number): void {
    const { status: code } = response;
    this.retryAfterSeconds = readSeconds(response.header('Retry-After')) ?? this.retryAfterSeconds;
    // Another server of the same provider may be well (RFC 3263 §4.3); what is refused for good is refused by all.
    const mayDiffer = code === 408 || code === 430 || code === 480 || (code >= 500 && code < 600);
    const cause = mayDiffer ? 'unreachable' : 'refused';
    const reason = response.reason === '' ? reasonPhrase(code) : response.reason;
    this.onFailedTarget(attempt, { cause, code, reason, atMs: nowMs }, nowMs);
  }

  private onFailedTarget(attempt: Attempt, failure: RegistrationFailure, nowMs: number): void {
    this.attempt = undefined;
    if (this.isStopping) {
      if (attempt.kind === 'unregister') this.finish(nowMs, failure);
      else this.unregister(nowMs);
      return;
    }
    if (failure.cause === 'refused') {
      this.pause(failure, nowMs);
      return;
    }
    this.targets.fail();
    this.enter({ ...this.current, lastFailure: failure });
    this.tryNext(nowMs);
  }

  /** All targets have failed, or one has refused for good. */
  private pause(failure: RegistrationFailure, nowMs: number): void {
    const { retryBaseSeconds = 30, retryMaxSeconds = 1_800 } = this.command;
    this.failures++;
    // A refusal is not asked about every half minute: providers ban who insists.
    const weight = failure.cause === 'refused' ? 2 : 0;
    const pause = {
      baseSeconds: retryBaseSeconds,
      maxSeconds: retryMaxSeconds,
      retryAfterSeconds: this.retryAfterSeconds,
    };
    const nextAttemptAtMs =
      nowMs + retryDelayMs(this.failures + weight, pause, (below) => this.host.draw(below));
    this.schedule(nextAttemptAtMs);
    const sinceMs = this.current.kind === 'failed' ? this.current.sinceMs : nowMs;
    const untilMs = this.granted?.untilMs ?? 0;
    this.keepAlive.stop();
    this.enter({
      kind: 'failed',
      sinceMs,
      lastFailure: failure,
      nextAttemptAtMs,
      ...(untilMs > nowMs ? { expiresAtMs: untilMs } : {}),
    });
  }

  private finish(nowMs: number, failure?: RegistrationFailure): void {
    this.attempt = undefined;
    this.granted = undefined;
    const lastFailure = failure === undefined ? this.failed() : { lastFailure: failure };
    this.enter({ ...lastFailure, kind: 'unregistered', sinceMs: nowMs });
  }

  private failed(): { lastFailure?: RegistrationFailure } {
    const { lastFailure } = this.current;
    return lastFailure === undefined ? {} : { lastFailure };
  }

  private schedule(atMs: number): void {
    this.host.timers.cancel(this.timer);
    this.timer = this.host.timers.set(this, 'attempt', atMs);
  }

  private enter(state: RegistrationState): void {
    this.current = state;
    this.host.onState(this.registrationId, state);
  }
}
