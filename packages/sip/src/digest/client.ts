import { quote, type SipResponse } from '../message/index.ts';
import { computeHa1, computeResponse, type DigestAlgorithm } from './hash.ts';
import { parseDigestHeader } from './header.ts';

/** A client's secret for one server. */
export type DigestCredentials = { username: string; password: string; realm?: string | undefined };

/**
 * The header that answers a 401 or 407 (RFC 3261 §22.2, RFC 8760 §2.4: the topmost challenge whose algorithm we know).
 * `cnonce` is a fresh random token. Undefined when no challenge can be answered.
 */
export function answerChallenge(
  response: SipResponse,
  method: string,
  uri: string,
  credentials: DigestCredentials,
  cnonce: string,
): { name: 'Authorization' | 'Proxy-Authorization'; value: string } | undefined {
  const isProxy = response.status === 407;
  for (const line of response.headerLines(isProxy ? 'Proxy-Authenticate' : 'WWW-Authenticate')) {
    const value = answerOne(line, method, uri, credentials, cnonce);
    if (value !== undefined) return { name: isProxy ? 'Proxy-Authorization' : 'Authorization', value };
  }
  return undefined;
}

function answerOne(
  line: string,
  method: string,
  uri: string,
  credentials: DigestCredentials,
  cnonce: string,
): string | undefined {
  const challenge = parseDigestHeader(line);
  const realm = challenge?.get('realm');
  const nonce = challenge?.get('nonce');
  if (challenge === undefined || realm === undefined || nonce === undefined) return undefined;
  if (credentials.realm !== undefined && credentials.realm !== realm) return undefined;
  const algorithm = (challenge.get('algorithm') ?? 'MD5').toUpperCase();
  if (algorithm !== 'MD5' && algorithm !== 'SHA-256') return undefined;
  const offeredQop = challenge.get('qop');
  const qops = offeredQop?.split(',').map((word) => word.trim().toLowerCase()) ?? [];
  if (offeredQop !== undefined && !qops.includes('auth')) return undefined;

  const qop = offeredQop === undefined ? undefined : { value: 'auth', nonceCount: '00000001', cnonce };
  const ha1 = computeHa1(
    credentials.username,
    realm,
    credentials.password,
    algorithm satisfies DigestAlgorithm,
  );
  const digest = computeResponse({
    algorithm,
    ha1,
    method,
    uri,
    nonce,
    ...(qop === undefined ? {} : { qop }),
  });
  let value =
    `Digest username=${quote(credentials.username)}, realm=${quote(realm)}, nonce=${quote(nonce)}, ` +
    `uri=${quote(uri)}, response="${digest}", algorithm=${algorithm}`;
  if (qop !== undefined) value += `, qop=auth, nc=${qop.nonceCount}, cnonce="${cnonce}"`;
  const opaque = challenge.get('opaque');
  if (opaque !== undefined) value += `, opaque=${quote(opaque)}`;
  return value;
}
