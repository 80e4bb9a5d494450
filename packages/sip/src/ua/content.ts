import type { SipRequest } from '../message/index.ts';

/** A refusal of a request for what it contains or demands; `headers` tell the peer what would do. */
export type ContentRefusal = { status: number; headers: Array<[string, string]> };

/** Extensions that a peer may Require of us. */
const supportedExtensions = new Set(['path']);

/** Checks Require (RFC 3261 §8.2.2.3); undefined when everything demanded is supported. */
export function refuseRequire(request: SipRequest): ContentRefusal | undefined {
  const unsupported = request
    .headerValues('Require')
    .filter((tag) => !supportedExtensions.has(tag.toLowerCase()));
  if (unsupported.length === 0) return undefined;
  return { status: 420, headers: [['Unsupported', unsupported.join(', ')]] };
}

/** Checks the type and encoding of a session description (RFC 3261 §8.2.3); undefined when we can read it. */
export function refuseContent(request: SipRequest): ContentRefusal | undefined {
  if (request.body.length === 0) return undefined;
  const encoding = request.header('Content-Encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    return { status: 415, headers: [['Accept-Encoding', 'identity']] };
  }
  const type = (request.contentType ?? '').split(';')[0]?.trim().toLowerCase();
  if (type === 'application/sdp') return undefined;
  return { status: 415, headers: [['Accept', 'application/sdp']] };
}
