import type { DigestAlgorithm } from '../digest/index.ts';
import type { Replaces } from '../dialog/index.ts';
import type { Flow } from '../flow/index.ts';
import type { NameAddress, SipRequest, SipUri } from '../message/index.ts';
import type { RegistrarPolicy } from '../registrar/index.ts';
import type { SessionTimerPolicy } from '../session-timer/index.ts';
import type { EventPackage } from '../subscription/index.ts';

/** The timer bases of RFC 3261 §17, in milliseconds. */
export type SipTimers = {
  /** Round-trip estimate; 500. */
  t1Ms: number;
  /** Largest retransmission interval of non-INVITE requests and INVITE responses; 4,000. */
  t2Ms: number;
  /** How long a message stays in the network; 5,000. */
  t4Ms: number;
  /** How long 100 Trying is held back for a better response, 0–200 (RFC 3261 §17.2.1); 0: it is sent at once. */
  tryingDelayMs: number;
  /** How long a client waits for a final response after a provisional one (RFC 3261 §16.6 item 11); 180,000. */
  timerCMs: number;
  /** How long a UAS may leave an INVITE without a final response before the stack answers 480; 600,000. */
  ringTimeoutMs: number;
};

/** Upper bounds; what exceeds one is refused and logged. */
export type SipLimits = {
  /** Longest message on any transport, in bytes; 65,535. */
  messageBytesMax: number;
  /** Most header lines of one message; 256. */
  headersMax: number;
  /** Most sessions at once, either role; 20,000. Above it an INVITE is answered 503 with Retry-After. */
  sessionsMax: number;
  /** Most live transactions; 100,000. */
  transactionsMax: number;
  /** Most contacts of one address of record; 10. */
  bindingsPerAorMax: number;
  /** Most addresses of record; 50,000. */
  aorsMax: number;
  /** Most stream connections with a started message; 20,000. */
  connectionsMax: number;
  /** Most subscriptions of peers, and as many of ours; 20,000. Above it a SUBSCRIBE is answered 503 with Retry-After. */
  subscriptionsMax: number;
  /** Most subscriptions of one user; 200. With one more the oldest is ended. */
  subscriptionsPerUserMax: number;
};

/** A refusal by policy. `headers` are added to the response as they stand. */
export type Refusal = { status: number; reason?: string; headers?: ReadonlyArray<readonly [string, string]> };

/** What `admit` and other hooks learn about a request beside its bytes. */
export type RequestContext = {
  flow: Flow;
  nowMs: number;
  /** The call that the request belongs to, if any. */
  sessionId?: string;
  /** The digest user, when `requireAuthentication` asked for one. */
  authenticatedUser?: string;
};

export type SipStackOptions = {
  /** A source of chance: each call returns an unsigned 32-bit integer that nobody can foresee. */
  random32: () => number;
  /** At least 16 bytes, known to this host only; nonces are signed with it. */
  secret: Uint8Array;
  /** Value of User-Agent and Server. */
  userAgent: string;
  /** Digest realm, and host part of the canonical address of record. */
  realm: string;
  /** The address and port under which this host is reachable on that flow; used in Via and Contact. */
  sentBy: (flow: Flow) => { host: string; port: number };
  /**
   * HA1 in lower-case hex: `H(username ":" realm ":" password)` with the algorithm's hash; undefined for an
   * unknown user or an algorithm for which none is kept. Use `computeHa1`.
   */
  credentials: (username: string, realm: string, algorithm: DigestAlgorithm) => string | undefined;
  /** Whether this out-of-dialog request needs digest authentication. REGISTER usually does. */
  requireAuthentication: (request: SipRequest, flow: Flow) => boolean;
  /** Last word on an out-of-dialog request, after authentication; undefined lets it in. */
  admit?: (request: SipRequest, context: RequestContext) => Refusal | undefined;
  /** Whether `user` may bind contacts to that address of record; by default when the user parts are equal. */
  mayRegister?: (username: string, addressOfRecord: SipUri) => boolean;
  /** Whether a To URI of REGISTER belongs here (else 404); by default every host does. */
  isLocalDomain?: (host: string) => boolean;
  /**
   * Where a request inside a dialog goes. By default the flow on which the peer was last heard, which is right
   * behind NAT; a trunk whose Contact is a different reachable address may want another one.
   */
  routeInDialog?: (nextHop: SipUri, flow: Flow) => Flow | undefined;
  /**
   * Algorithms to challenge a request with, best first (RFC 8760 §2.4). By default MD5 alone: many phones give up on
   * a challenge that names SHA-256, even beside MD5, and a request does not tell what its sender can do. Return
   * ['SHA-256', 'MD5'] or ['SHA-256'] for accounts whose devices are known to be newer.
   */
  digestAlgorithms?: (request: SipRequest) => readonly DigestAlgorithm[];
  /** How long a nonce lives, in milliseconds; 300,000. */
  nonceLifetimeMs?: number;
  timers?: Partial<SipTimers>;
  /**
   * Follows 3xx responses to an INVITE (RFC 3261 §8.1.3.4): the path to a Contact that they name, given the path of the
   * INVITE; undefined leaves that Contact out. A call tries each Contact once, and five in all. Without this function
   * a 3xx is reported as `rejected`.
   */
  redirect?: (target: SipUri, flow: Flow) => Flow | undefined;
  /**
   * The stream on which a request goes that is too long for a datagram (over 1,300 bytes, RFC 3261 §18.1.1), given the UDP
   * flow that was meant; undefined leaves it there. If no connection can be made the request goes out over UDP after all:
   * tell `flowClosed` soon. Without this function every request keeps its flow.
   */
  largeRequestFlow?: (flow: Flow) => Flow | undefined;
  /**
   * Session timers (RFC 4028): the interval to offer (1,800 s) and the least to agree to (90 s); false for none. A peer
   * that does not support them is never made to use them.
   */
  sessionTimer?: false | Partial<SessionTimerPolicy>;
  /** Reliable provisional responses (RFC 3262): false leaves 100rel out of what we support; true. */
  reliableProvisionals?: boolean;
  /**
   * Whether a MESSAGE is taken, within a call or outside (RFC 3428); undefined takes it, and `message` or
   * `message-outside` follows. Without this function MESSAGE is not served.
   */
  message?: (request: SipRequest, context: RequestContext) => Refusal | undefined;
  /**
   * Where REFER is taken (RFC 3515): within calls, where `refer` tells of it, or anywhere, and then `refer-outside` tells
   * of those on their own. Without it REFER is not served. Whether it is carried out is the consumer's decision.
   */
  refer?: 'calls' | 'anywhere';
  /** What the body of an INFO may be, as `type/subtype` in lower case; others get 415. Missing: anything. */
  infoTypes?: readonly string[] | undefined;
  /**
   * What peers may subscribe to (RFC 6665): `subscribe` tells of each, to be accepted or refused by `subscriptions`. Others
   * get 489. `requireAuthentication` should ask for SUBSCRIBE as for REGISTER.
   */
  eventPackages?: readonly EventPackage[];
  /**
   * Whether a NOTIFY that nobody has subscribed to is taken, as some servers send message summaries to registered phones;
   * `unsolicited-notification` follows. Without this function each gets 481.
   */
  unsolicitedNotify?: (request: SipRequest, context: RequestContext) => boolean;
  /**
   * Serves calls that replace others (RFC 3891): `invite` then says which session goes, and when the new call is
   * accepted the stack hangs that one up. Whether the caller may do that is for `admit` or `reject` to say; false.
   */
  replaces?: boolean;
  /** Reports who the peer of a call has become (RFC 4916) as `identity`; false. */
  connectedIdentity?: boolean;
  limits?: Partial<SipLimits>;
  registrar?: Partial<RegistrarPolicy>;
};

/** A body to send; a string is encoded as UTF-8. `contentType` defaults to `application/sdp`. */
export type BodyOptions = { body?: Uint8Array | string | undefined; contentType?: string | undefined };

/** Extra header lines, written in the given order after those of the stack. */
export type HeaderOptions = { headers?: ReadonlyArray<readonly [name: string, value: string]> | undefined };

/** Client-side credentials for 401 and 407; a realm restricts them to that realm. */
export type ClientCredentials = { username: string; password: string; realm?: string };

export type InviteCommand = BodyOptions &
  HeaderOptions & {
    /** Chosen by the consumer; must not name a live session. */
    sessionId: string;
    /** Request-URI: a registered contact, or `sip:number@trunk`. */
    uri: string | SipUri;
    flow: Flow;
    from: NameAddress | string;
    to: NameAddress | string;
    /** Preloaded Route values (the Path of a binding, an outbound proxy), first hop first. */
    route?: readonly string[];
    credentials?: ClientCredentials | undefined;
    /** User part of our Contact. */
    contactUser?: string | undefined;
    /**
     * The call fails by 408 when nothing at all, not even 100, has come by then, in milliseconds: for a caller that has
     * another server to try, which timer B (32 s) would keep waiting. Each server of a 3xx has that long.
     */
    silenceMaxMs?: number | undefined;
    /**
     * The call of the callee that this one replaces (RFC 3891), its tags as the callee sees them; it is required, so
     * that whoever cannot do it refuses (420).
     */
    replaces?: Replaces | undefined;
  };

/** What a command did; a refusal changes nothing and says why. */
export type CommandResult =
  | { ok: true }
  | {
      ok: false;
      reason: 'unknown-session' | 'wrong-state' | 'duplicate-session' | 'limit-reached' | 'invalid-argument';
      detail: string;
    };
