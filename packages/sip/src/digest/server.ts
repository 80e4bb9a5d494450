import { encodeUtf8, parseUri, quote, type Parameters, type SipRequest } from '../message/index.ts';
import {
  computeResponse,
  equalInConstantTime,
  readAlgorithm,
  toHex,
  type DigestAlgorithm,
  type NamedAlgorithm,
} from './hash.ts';
import { parseDigestHeader } from './header.ts';
import { hmacSha256 } from './sha256.ts';

export type DigestServerOptions = {
  realm: string;
  /** At least 16 bytes that only this host knows. */
  secret: Uint8Array;
  random32: () => number;
  /** Algorithms that a request may be authenticated with, the preferred one first. */
  algorithms: (request: SipRequest) => readonly DigestAlgorithm[];
  nonceLifetimeMs: number;
  /** Most used nonces to remember for the replay check; the oldest go stale early when there are more. */
  usedNoncesMax: number;
  /** HA1 in lower-case hexadecimal, undefined for an unknown user. */
  credentials: (username: string, realm: string, algorithm: DigestAlgorithm) => string | undefined;
};

export type Verification =
  | { ok: true; username: string }
  /**
   * `stale`: the password was right, only the nonce is too old or used up. `username` of credentials that could be
   * read, and whether their nonce is one that went to this address: a forged address cannot have it.
   */
  | {
      ok: false;
      stale: boolean;
      why: 'missing' | 'malformed' | 'wrong-credentials' | 'stale-nonce' | 'wrong-uri';
      username?: string;
      hasOwnNonce?: boolean;
    };

/** Nonce counts seen: the highest, and which of the 31 below it (bit 0 is the highest itself). */
type CountWindow = { issuedAtMs: number; highest: number; seen: number };

const timeDigits = 12;
const saltDigits = 8;
const macDigits = 32;
/** Stands in for an unknown user's HA1, so that both cases cost and answer the same. */
const nobody: Record<DigestAlgorithm, string> = {
  MD5: '0'.repeat(32),
  'SHA-256': '0'.repeat(64),
  'SHA-512-256': '0'.repeat(64),
};

/** The fields of an Authorization header that can be checked. */
type Credentials = NamedAlgorithm & {
  username: string;
  nonce: string;
  uri: string;
  response: string;
  cnonce: string | undefined;
  qop: { value: 'auth' | 'auth-int'; nonceCount: string; cnonce: string } | undefined;
};

/**
 * The server side of digest authentication (RFC 7616, RFC 8760; RFC 2617 clients without qop are served once per
 * nonce). Nonces carry their own time and signature, so that a challenge costs no memory; only nonces that were
 * used with the right password are remembered, against replay.
 */
export class DigestServer {
  private readonly options: DigestServerOptions;
  private readonly windows = new Map<string, CountWindow>();
  /** Nonces issued at or before this instant may have been forgotten and are stale. */
  private forgottenUntilMs = -1;

  constructor(options: DigestServerOptions) {
    this.options = options;
  }

  /** The WWW-Authenticate values of one challenge, best algorithm first (RFC 8760 §2.4). */
  challenge(request: SipRequest, remoteAddress: string, stale: boolean, nowMs: number): string[] {
    const nonce = this.issueNonce(remoteAddress, nowMs);
    return this.options.algorithms(request).map((algorithm) => {
      const staleFlag = stale ? ', stale=true' : '';
      return `Digest realm=${quote(this.options.realm)}, nonce="${nonce}", algorithm=${algorithm}, qop="auth"${staleFlag}`;
    });
  }

  /** Checks the Authorization headers of a request. */
  verify(request: SipRequest, remoteAddress: string, nowMs: number): Verification {
    const lines = request.headerLines('Authorization');
    if (lines.length === 0) return { ok: false, stale: false, why: 'missing' };
    for (const line of lines) {
      const fields = parseDigestHeader(line);
      if (fields?.get('realm') !== this.options.realm) continue;
      return this.verifyFields(fields, request, remoteAddress, nowMs);
    }
    return { ok: false, stale: false, why: 'missing' };
  }

  private verifyFields(
    fields: Parameters,
    request: SipRequest,
    remoteAddress: string,
    nowMs: number,
  ): Verification {
    const given = readCredentials(fields);
    if (given === undefined || !this.options.algorithms(request).includes(given.algorithm))
      return { ok: false, stale: false, why: 'malformed' };
    const { algorithm, isSession, username, nonce, uri, cnonce, qop } = given;
    const ha1 = this.options.credentials(username, this.options.realm, algorithm);
    const expected = computeResponse({
      algorithm,
      isSession,
      ha1: ha1 ?? nobody[algorithm],
      method: request.method,
      uri,
      nonce,
      cnonce,
      body: request.body,
      ...(qop === undefined ? {} : { qop }),
    });
    const isRight = equalInConstantTime(expected, given.response.toLowerCase());
    if (!isRight || ha1 === undefined) {
      const hasOwnNonce = this.readNonce(nonce, remoteAddress) !== undefined;
      return { ok: false, stale: false, why: 'wrong-credentials', username, hasOwnNonce };
    }
    // The user part of the digest URI must be the one dialled; hosts and parameters are rewritten by NAT helpers.
    if (parseUri(uri)?.user !== request.uri?.user) return { ok: false, stale: false, why: 'wrong-uri' };
    const count = qop === undefined ? undefined : Number.parseInt(qop.nonceCount, 16);
    const issuedAtMs = this.readNonce(nonce, remoteAddress);
    const isFresh =
      issuedAtMs !== undefined &&
      issuedAtMs > this.forgottenUntilMs &&
      nowMs - issuedAtMs < this.options.nonceLifetimeMs &&
      this.takeCount(nonce, issuedAtMs, count, nowMs);
    return isFresh ? { ok: true, username } : { ok: false, stale: true, why: 'stale-nonce' };
  }

  private issueNonce(remoteAddress: string, nowMs: number): string {
    const time = Math.floor(nowMs).toString(16).padStart(timeDigits, '0');
    const salt = (this.options.random32() >>> 0).toString(16).padStart(saltDigits, '0');
    return time + salt + this.sign(time + salt, remoteAddress);
  }

  /** When we issued a nonce to that address; undefined when we did not. */
  private readNonce(nonce: string, remoteAddress: string): number | undefined {
    if (nonce.length !== timeDigits + saltDigits + macDigits) return undefined;
    const signed = nonce.slice(0, timeDigits + saltDigits);
    if (!equalInConstantTime(this.sign(signed, remoteAddress), nonce.slice(timeDigits + saltDigits)))
      return undefined;
    return Number.parseInt(nonce.slice(0, timeDigits), 16);
  }

  private sign(text: string, remoteAddress: string): string {
    const message = encodeUtf8(`${text} ${remoteAddress} ${this.options.realm}`);
    return toHex(hmacSha256(this.options.secret, message)).slice(0, macDigits);
  }

  /** Marks a nonce count as used; false when it was used before or is too far behind. */
  private takeCount(nonce: string, issuedAtMs: number, count: number | undefined, nowMs: number): boolean {
    const window = this.windows.get(nonce);
    if (window === undefined) {
      this.forgetOldNonces(nowMs);
      // A client without qop gets one request per nonce: its replays could not be told apart.
      const highest = count ?? Number.POSITIVE_INFINITY;
      this.windows.set(nonce, { issuedAtMs, highest, seen: 1 });
      return true;
    }
    if (count === undefined || !Number.isFinite(window.highest)) return false;
    const ahead = count - window.highest;
    if (ahead > 0) {
      window.seen = ahead < 32 ? (window.seen << ahead) | 1 : 1;
      window.highest = count;
      return true;
    }
    if (ahead <= -32) return false;
    const bit = 1 << -ahead;
    if ((window.seen & bit) !== 0) return false;
    window.seen |= bit;
    return true;
  }

  private forgetOldNonces(nowMs: number): void {
    for (const [nonce, window] of this.windows) {
      const isExpired = nowMs - window.issuedAtMs >= this.options.nonceLifetimeMs;
      if (!isExpired && this.windows.size < this.options.usedNoncesMax) return;
      this.windows.delete(nonce);
      if (!isExpired) this.forgottenUntilMs = Math.max(this.forgottenUntilMs, window.issuedAtMs);
    }
  }
}

/**
 * Reads the fields of an Authorization header; undefined when one is missing, malformed, or asks for what we never
 * offer: hashed user names (RFC 7616 §3.4.4) and user names in another encoding. `auth-int` and the `-sess` variants
 * are not offered either, but what they say can be checked.
 */
function readCredentials(fields: Parameters): Credentials | undefined {
  const named = readAlgorithm(fields.get('algorithm'));
  const username = fields.get('username');
  const nonce = fields.get('nonce');
  const uri = fields.get('uri');
  const response = fields.get('response');
  const cnonce = fields.get('cnonce');
  if (named === undefined || username === undefined || nonce === undefined) return undefined;
  if (uri === undefined || response === undefined || (named.isSession && cnonce === undefined))
    return undefined;
  if ((fields.get('userhash') ?? 'false').toLowerCase() !== 'false') return undefined;
  const shared = { ...named, username, nonce, uri, response, cnonce };
  const value = fields.get('qop')?.toLowerCase();
  if (value === undefined) return { ...shared, qop: undefined };
  const nonceCount = fields.get('nc') ?? '';
  if ((value !== 'auth' && value !== 'auth-int') || cnonce === undefined) return undefined;
  if (!/^[0-9a-f]{8}$/i.test(nonceCount)) return undefined;
  return { ...shared, qop: { value, nonceCount, cnonce } };
}
