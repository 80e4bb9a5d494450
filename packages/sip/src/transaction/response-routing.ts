import { isReliable, type Flow } from '../flow/index.ts';
import { isIPv6, type SipRequest, type Via } from '../message/index.ts';

/** The port that sent-by means when it names none (RFC 3261 §18.2.2, RFC 7118 §5.2). */
export function defaultPort(transport: string): number {
  switch (transport.toUpperCase()) {
    case 'TLS':
      return 5061;
    case 'WS':
      return 80;
    case 'WSS':
      return 443;
    default:
      return 5060;
  }
}

/**
 * Writes `received` and `rport` into the top Via of a request that has just arrived (RFC 3261 §18.2.1, RFC 3581 §4).
 * Values that the sender put there itself are overwritten.
 */
export function markReceived(request: SipRequest, flow: Flow): void {
  const via = request.via;
  if (via === undefined) return;
  const asksForPort = via.parameters.has('rport');
  const isDifferent = via.host !== flow.remoteAddress.toLowerCase();
  if (!asksForPort && !isDifferent && !via.parameters.has('received')) return;
  const parameters = new Map(via.parameters);
  parameters.delete('received');
  if (isDifferent || asksForPort) parameters.set('received', flow.remoteAddress);
  if (asksForPort) parameters.set('rport', String(flow.remotePort));
  request.replaceTopVia({ ...via, parameters });
}

/** Where the responses to a request go (RFC 3261 §18.2.2, RFC 3581 §4). */
export function responseFlow(via: Via, flow: Flow): Flow {
  if (isReliable(flow.protocol)) return flow;
  const maddr = via.parameters.get('maddr');
  // The grammar allows port 0, but nothing can be sent there: it counts as not named.
  const sentByPort = via.port || defaultPort(via.transport);
  if (maddr !== undefined && isIpLiteral(maddr))
    return { ...flow, remoteAddress: maddr, remotePort: sentByPort };
  if (via.parameters.has('rport') || sentByPort === flow.remotePort) return flow;
  return { ...flow, remotePort: sentByPort };
}

/** Where to open a connection when the one a request came on is gone (§18.2.2: received, then sent-by). */
export function flowToSentBy(flow: Flow, sentByPort: number): Flow {
  const { connectionId: _gone, ...rest } = flow;
  return { ...rest, remotePort: sentByPort };
}

function isIpLiteral(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) || isIPv6(text);
}
