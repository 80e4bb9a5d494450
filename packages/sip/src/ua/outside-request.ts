import type { Flow } from '../flow/index.ts';
import { SipRequest, writeAddress, type NameAddress } from '../message/index.ts';
import type { UserAgentContext } from './context.ts';

/** A request that starts something of its own (RFC 3261 §8.1.1), with a fresh Call-ID and From tag. */
export function createOutsideRequest(
  context: UserAgentContext,
  method: string,
  uriText: string,
  flow: Flow,
  from: NameAddress,
  to: NameAddress,
): SipRequest {
  const { host } = context.options.sentBy(flow);
  const request = new SipRequest(method, uriText);
  request.push('Via', context.createVia(flow));
  request.push('Max-Forwards', '70');
  request.append('From', `${writeAddress(from)};tag=${context.token()}`);
  request.append('To', writeAddress(to));
  request.push('Call-ID', `${context.token()}${context.token()}@${host}`);
  request.push('CSeq', `1 ${method}`);
  request.push('User-Agent', context.options.userAgent);
  return request;
}
