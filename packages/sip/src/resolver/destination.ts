import type { Protocol } from '../flow/index.ts';
import type { SipUri } from '../message/index.ts';
import type { Destination } from './types.ts';

const protocols: readonly Protocol[] = ['udp', 'tcp', 'tls', 'ws', 'wss'];

/**
 * What a URI says about where to send to (RFC 3263 §4): `maddr` before host, `transport`, port, `sips:`. Undefined for a
 * `tel:` URI, which has no host, and for a transport that we do not know.
 */
export function destinationOf(uri: SipUri): Destination | undefined {
  if (uri.scheme === 'tel') return undefined;
  const name = uri.parameters.get('transport')?.toLowerCase();
  const transport = protocols.find((candidate) => candidate === name);
  if (name !== undefined && transport === undefined) return undefined;
  return {
    host: uri.parameters.get('maddr') ?? uri.host,
    port: uri.port,
    transport,
    isSecure: uri.scheme === 'sips',
  };
}
