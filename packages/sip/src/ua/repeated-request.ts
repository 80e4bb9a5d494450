import { SipRequest, type SipResponse } from '../message/index.ts';
import { readMinSe, readSessionExpires } from '../session-timer/index.ts';

/** The longest session interval that a peer can make us keep, in seconds: a day. */
export const intervalSecondsMax = 86_400;

/**
 * The same request for another transaction: with its own Via and CSeq number, and with headers replaced in their
 * places or added at the end. With another Request-URI it goes without its credentials.
 */
export function repeatRequest(
  request: SipRequest,
  via: string,
  sequence: number,
  changes: ReadonlyArray<readonly [name: string, value: string]>,
  uriText = request.uriText,
): SipRequest {
  const again = new SipRequest(request.method, uriText);
  const isElsewhere = uriText !== request.uriText;
  const open = new Map(changes);
  for (let i = 0; i < request.names.length; i++) {
    const name = request.names[i] as string;
    const changed = open.get(name);
    // Credentials are for the one who asked for them.
    if (isElsewhere && (name === 'Authorization' || name === 'Proxy-Authorization')) continue;
    if (name === 'Via') again.push('Via', via);
    else if (name === 'CSeq') again.push('CSeq', `${sequence} ${request.method}`);
    else again.push(name, changed ?? (request.values[i] as string));
    if (changed !== undefined) open.delete(name);
  }
  for (const [name, value] of open) again.push(name, value);
  again.body = request.body;
  return again;
}

/**
 * The request again with the least session interval that a 422 demands (RFC 4028 §7.3); undefined when the response is
 * another one, demands nothing new, or more than a day.
 */
export function enlargeInterval(
  request: SipRequest,
  response: SipResponse,
  via: string,
  nextSequence: () => number,
): SipRequest | undefined {
  const asked = readSessionExpires(request);
  if (response.status !== 422 || asked === undefined) return undefined;
  const seconds = readMinSe(response);
  if (seconds <= asked.seconds || seconds > intervalSecondsMax) return undefined;
  const refresher = asked.refresher === undefined ? '' : `;refresher=${asked.refresher}`;
  return repeatRequest(request, via, nextSequence(), [
    ['Session-Expires', `${seconds}${refresher}`],
    ['Min-SE', String(seconds)],
  ]);
}
