import type { DigestCredentials } from '../digest/index.ts';
import type { Flow } from '../flow/index.ts';
import type { SipRequest } from '../message/index.ts';
import type { TimerQueue } from '../timers/index.ts';
import type { ClientTransactionUser } from '../transaction/index.ts';

/** An account that we register with somebody else's registrar (RFC 3261 §10.2). */
export type RegistrationCommand = {
  /** Chosen by the consumer; must not name a live registration. */
  registrationId: string;
  /** Request-URI: the domain of the registrar, `sip:provider.example`. */
  registrar: string;
  /** To and From, with or without display name: `sip:account@provider.example`. */
  addressOfRecord: string;
  /**
   * Where requests go, the first choice first: the servers of a domain as RFC 3263 orders them, then alternates. One
   * that does not answer, or answers with 5xx, is followed by the next.
   */
  targets: readonly Flow[];
  credentials?: DigestCredentials | undefined;
  /** User part of our Contact; calls come in to it. The one of `addressOfRecord` when missing. */
  contactUser?: string | undefined;
  /** Preloaded Route values, an outbound proxy for instance. */
  route?: readonly string[] | undefined;
  /** Lifetime to ask for; 60–86,400, 3,600 when missing. The registrar may shorten it, or raise it by 423. */
  expiresSeconds?: number | undefined;
  /**
   * Outbound (RFC 5626): an instance id that never changes for this host (`urn:uuid:…`), and the number of this flow,
   * 1 when missing. Registrations of one address over several flows have the same instance and different numbers.
   */
  outbound?: { instanceId: string; registrationId?: number | undefined } | undefined;
  /**
   * Seconds between two signs of life on the flow, 5–3,600 (RFC 5626 §4.4). With a registrar that does outbound the flow is
   * kept alive anyway, and silence makes it register again; with others only with this, and silence means nothing.
   */
  keepAliveSeconds?: number | undefined;
  /** First and longest pause after all targets have failed (RFC 5626 §4.5); 30 and 1,800. */
  retryBaseSeconds?: number | undefined;
  retryMaxSeconds?: number | undefined;
  /** Header lines to add to each REGISTER. */
  headers?: ReadonlyArray<readonly [name: string, value: string]> | undefined;
};

/**
 * Why an attempt brought no registration. `refused`: the registrar said no for good (password, account, 6xx);
 * `unreachable`: nobody answered, the path broke, or all servers said 5xx.
 */
export type RegistrationFailure = {
  cause: 'refused' | 'unreachable';
  /** The SIP status; 408 for silence, 503 for a broken path. */
  code: number;
  /** The reason phrase, or what was wrong with an answer. */
  reason: string;
  atMs: number;
};

/** What a registration is doing; instants are those given to the stack. */
export type RegistrationState =
  | { kind: 'registering'; sinceMs: number; target: Flow; lastFailure?: RegistrationFailure }
  | {
      kind: 'registered';
      sinceMs: number;
      target: Flow;
      expiresAtMs: number;
      nextAttemptAtMs: number;
      /** Route values for requests that go out under this registration (RFC 3608), first hop first. */
      serviceRoute: string[];
      /** What proxies put between (RFC 3327). */
      path: string[];
      /** The registrar does outbound (RFC 5626): the flow must be kept alive. */
      isOutbound: boolean;
      /** Seconds after which the server takes a silent flow for dead (RFC 5626 §4.4). */
      flowTimerSeconds?: number;
      lastFailure?: RegistrationFailure;
    }
  | {
      kind: 'failed';
      sinceMs: number;
      lastFailure: RegistrationFailure;
      nextAttemptAtMs: number;
      /** Until then the registrar may still know us from before. */
      expiresAtMs?: number;
    }
  | { kind: 'unregistered'; sinceMs: number; lastFailure?: RegistrationFailure };

/** What a registration needs from its surroundings. */
export interface RegistrationHost {
  readonly timers: TimerQueue;
  /** Value of User-Agent. */
  readonly userAgent: string;
  /** A fresh random token. */
  token(): string;
  /** A random number of 0 to `below` - 1. */
  draw(below: number): number;
  /** A Via value with a fresh branch for a request on that flow. */
  createVia(flow: Flow): string;
  /** Our Contact value on that flow, in brackets and without parameters of the header. */
  createContact(flow: Flow, user: string | undefined): string;
  /** Sends a request whose top Via is ours. */
  send(request: SipRequest, flow: Flow, user: ClientTransactionUser, nowMs: number): void;
  /** Sends bytes that are no message: a keep-alive. */
  sendBytes(flow: Flow, bytes: Uint8Array): void;
  /** Called with each change, and with each failed attempt. */
  onState(registrationId: string, state: RegistrationState): void;
}
