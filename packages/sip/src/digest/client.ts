import { quote, type SipResponse } from '../message/index.ts';
import { readChallenge, type Challenge } from './challenge.ts';
import { computeHa1, computeResponse } from './hash.ts';
import { parseDigestHeader } from './header.ts';

/** A client's secret for one server. */
export type DigestCredentials = { username: string; password: string; realm?: string | undefined };

/** The header that carries the answer to a challenge. */
export type AuthorizationHeader = { name: 'Authorization' | 'Proxy-Authorization'; value: string };

/** The request that is authenticated; the body counts only where the server demands `auth-int`. */
export type AuthenticatedRequest = { method: string; uri: string; body?: Uint8Array };

/**
 * The header that answers a 401 or 407 once (RFC 3261 §22.2, RFC 8760 §2.4). `cnonce` is a fresh random token. Undefined
 * when no challenge can be answered.
 */
export function answerChallenge(
  response: SipResponse,
  method: string,
  uri: string,
  credentials: DigestCredentials,
  cnonce: string,
  body?: Uint8Array,
): AuthorizationHeader | undefined {
  const challenge = readChallenge(response, credentials.realm);
  if (challenge === undefined) return undefined;
  const request = body === undefined ? { method, uri } : { method, uri, body };
  return authorize(challenge, credentials, request, 1, cnonce);
}

function authorize(
  challenge: Challenge,
  { username, password }: DigestCredentials,
  { method, uri, body }: AuthenticatedRequest,
  count: number,
  cnonce: string,
): AuthorizationHeader {
  const { algorithm, isSession, realm, nonce, opaque, qop } = challenge;
  const nonceCount = count.toString(16).padStart(8, '0');
  const ha1 = computeHa1(username, realm, password, algorithm);
  const digest = computeResponse({
    algorithm,
    isSession,
    ha1,
    method,
    uri,
    nonce,
    cnonce,
    ...(qop === undefined ? {} : { qop: { value: qop, nonceCount, cnonce } }),
    ...(body === undefined ? {} : { body }),
  });
  let value =
    `Digest username=${quote(username)}, realm=${quote(realm)}, nonce=${quote(nonce)}, ` +
    `uri=${quote(uri)}, response="${digest}", algorithm=${algorithm}${isSession ? '-sess' : ''}`;
  if (qop !== undefined) value += `, qop=${qop}, nc=${nonceCount}`;
  if (qop !== undefined || isSession) value += `, cnonce="${cnonce}"`;
  if (opaque !== undefined) value += `, opaque=${quote(opaque)}`;
  return { name: challenge.isProxy ? 'Proxy-Authorization' : 'Authorization', value };
}

/** A challenge in use: how many requests it has authenticated. */
type Context = { challenge: Challenge; count: number };

/**
 * The client side of digest authentication over many requests to one server (RFC 7616): takes its challenges, sends
 * credentials along with later requests under rising nonce counts, and notices when the password is wrong. One realm of
 * the server and one of a proxy are remembered.
 */
export class DigestClient {
  private readonly credentials: DigestCredentials;
  private readonly contexts = new Map<AuthorizationHeader['name'], Context>();

  constructor(credentials: DigestCredentials) {
    this.credentials = credentials;
  }

  /**
   * Takes a 401 or 407. `retry`: send the request again with `authorize`. `refused`: the server has seen the right nonce
   * and does not accept the password. `unsupported`: there is no challenge that we can answer.
   */
  takeChallenge(response: SipResponse): 'retry' | 'refused' | 'unsupported' {
    const challenge = readChallenge(response, this.credentials.realm);
    if (challenge === undefined) return 'unsupported';
    const name = challenge.isProxy ? 'Proxy-Authorization' : 'Authorization';
    const last = this.contexts.get(name);
    // Servers that forget a nonce after some time often do not say "stale": only the first answer to a fresh challenge
    // tells that the password is wrong. A second stale one in a row means that the server's nonces never hold.
    const wasFresh = last?.count === 1 && last.challenge.realm === challenge.realm;
    if (wasFresh && (!challenge.isStale || last?.challenge.isStale === true)) {
      this.contexts.delete(name);
      return 'refused';
    }
    this.contexts.set(name, { challenge, count: 0 });
    return 'retry';
  }

  /** The headers that authenticate the next request; none before the first challenge. `cnonce` is a fresh random token. */
  authorize(request: AuthenticatedRequest, cnonce: string): AuthorizationHeader[] {
    const headers: AuthorizationHeader[] = [];
    for (const [name, context] of this.contexts) {
      // RFC 2617 §3.2.1: without qop there is no count, and the nonce may serve one request only.
      if (context.challenge.qop === undefined && context.count > 0) {
        this.contexts.delete(name);
        continue;
      }
      context.count++;
      headers.push(authorize(context.challenge, this.credentials, request, context.count, cnonce));
    }
    return headers;
  }

  /** Learns the nonce that a 2xx names for the next request (RFC 7616 §3.5). */
  takeSuccess(response: SipResponse): void {
    const context = this.contexts.get('Authorization');
    if (context === undefined) return;
    const next = parseInfo(response.header('Authentication-Info'));
    if (next !== undefined) {
      this.contexts.set('Authorization', { challenge: { ...context.challenge, nonce: next }, count: 0 });
    } else if (context.challenge.isStale) {
      context.challenge = { ...context.challenge, isStale: false };
    }
  }
}

function parseInfo(text: string | undefined): string | undefined {
  return text === undefined ? undefined : parseDigestHeader(`Digest ${text}`)?.get('nextnonce');
}
