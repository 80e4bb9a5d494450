import type { Protocol } from '../flow/index.ts';

/** What the look-up of one name brings, by type of record. Names have no final dot. */
export type Records = {
  NAPTR: { order: number; preference: number; flags: string; service: string; replacement: string };
  SRV: { priority: number; weight: number; port: number; name: string };
  A: string;
  AAAA: string;
};

export type RecordType = keyof Records;

/** One question to a name server. */
export type DnsQuery = { type: RecordType; name: string };

/** What a name server said. `not-found`: there is no such name or record; `failed`: no answer that could be used. */
export type DnsAnswer =
  | { kind: 'records'; records: ReadonlyArray<Records[RecordType]>; ttlSeconds: number }
  | { kind: 'not-found'; ttlSeconds?: number | undefined }
  | { kind: 'failed' };

/** Whom to find. */
export type Destination = {
  /** A name, or an IPv4 or IPv6 literal without brackets. */
  host: string;
  port?: number | undefined;
  /** The transport demanded; missing: it is found out (RFC 3263 §4.1). */
  transport?: Protocol | undefined;
  /** Every hop must be secure: a `sips:` URI. */
  isSecure?: boolean | undefined;
};

/** A server to send to. */
export type ServerTarget = {
  transport: Protocol;
  /** IPv4 or IPv6 literal without brackets. */
  address: string;
  port: number;
  /** The name that was asked for: what the certificate of the server must name (RFC 5922 §4). */
  host: string;
};

export type ResolverInput =
  | { type: 'resolve'; resolutionId: string; destination: Destination }
  /** Nobody waits any more. */
  | { type: 'cancel'; resolutionId: string }
  | { type: 'answer'; query: DnsQuery; answer: DnsAnswer }
  /** A server did not answer, or asked for a pause: for a time it comes after the others (RFC 3263 §4.3). */
  | { type: 'target-failed'; target: ServerTarget; retryAfterSeconds?: number | undefined }
  | { type: 'target-worked'; target: ServerTarget }
  /** `nextDeadlineMs` has come. */
  | { type: 'time' };

export type ResolverEffect =
  /** Ask a name server, and hand the answer back with the same query. */
  | { type: 'look-up'; query: DnsQuery }
  /** Servers in the order in which to try them, at least one; after `expiresAtMs` ask again. */
  | { type: 'resolved'; resolutionId: string; targets: ServerTarget[]; expiresAtMs: number }
  | { type: 'unresolved'; resolutionId: string; reason: UnresolvedReason };

/** `not-found`: the name has no address; `no-transport`: it has none that we speak; `failed`: name servers do not answer. */
export type UnresolvedReason = 'not-found' | 'no-transport' | 'failed' | 'limit-reached';

export type ResolverOptions = {
  /** A source of chance: each call returns an unsigned 32-bit integer. */
  random32: () => number;
  /** What we speak, the preferred one first where a domain leaves the choice; udp, tcp, tls when missing. */
  transports?: readonly Protocol[] | undefined;
  /** Which addresses we can reach, the preferred ones first; both, IPv4 first, when missing. */
  families?: ReadonlyArray<'ipv4' | 'ipv6'> | undefined;
  /** How long an answer is waited for; 3,000. */
  lookUpTimeoutMs?: number | undefined;
  /** How long a failed server stays behind the others; 60,000. */
  avoidMs?: number | undefined;
  /** How long records may be used after their end while name servers do not answer (RFC 8767); 3,600,000. */
  staleMaxMs?: number | undefined;
  /** Most answers kept; 1,000. */
  answersMax?: number | undefined;
  /** Most resolutions under way; 10,000. */
  resolutionsMax?: number | undefined;
};
