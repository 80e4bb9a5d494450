import type { SipResponse } from '../message/index.ts';
import { algorithmsByStrength, readAlgorithm, type NamedAlgorithm } from './hash.ts';
import { parseDigestHeader } from './header.ts';

/** A challenge that we can answer. */
export type Challenge = NamedAlgorithm & {
  realm: string;
  nonce: string;
  opaque: string | undefined;
  /** The protection to use: `auth` where it is offered. Undefined for a server of RFC 2069. */
  qop: 'auth' | 'auth-int' | undefined;
  /** The last answer was right, only its nonce too old. */
  isStale: boolean;
  /** Whether a proxy asks. */
  isProxy: boolean;
};

/**
 * The challenge of a 401 or 407 to answer: of those for `realm` (any, when undefined) the one with the strongest hash
 * that we have, the topmost of equals. RFC 8760 §2.4 lets local policy decide; ours keeps whoever stands between from
 * talking us down by the order. Undefined when there is none.
 */
export function readChallenge(response: SipResponse, realm: string | undefined): Challenge | undefined {
  const isProxy = response.status === 407;
  let best: Challenge | undefined;
  for (const line of response.headerLines(isProxy ? 'Proxy-Authenticate' : 'WWW-Authenticate')) {
    const challenge = readLine(line, isProxy);
    if (challenge === undefined || (realm !== undefined && challenge.realm !== realm)) continue;
    if (best === undefined || strength(challenge) < strength(best)) best = challenge;
  }
  return best;
}

function strength({ algorithm }: Challenge): number {
  return algorithmsByStrength.indexOf(algorithm);
}

function readLine(line: string, isProxy: boolean): Challenge | undefined {
  const fields = parseDigestHeader(line);
  const realm = fields?.get('realm');
  const nonce = fields?.get('nonce');
  const named = readAlgorithm(fields?.get('algorithm'));
  if (fields === undefined || realm === undefined || nonce === undefined || named === undefined)
    return undefined;
  const offered = fields.get('qop');
  const qops = offered?.split(',').map((word) => word.trim().toLowerCase());
  const qop = qops?.includes('auth') ? 'auth' : qops?.includes('auth-int') ? 'auth-int' : undefined;
  if (offered !== undefined && qop === undefined) return undefined;
  const isStale = fields.get('stale')?.toLowerCase() === 'true';
  return { ...named, realm, nonce, opaque: fields.get('opaque'), qop, isStale, isProxy };
}
