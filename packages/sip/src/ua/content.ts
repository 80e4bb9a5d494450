import { findDescription, mediaTypeOf, type SipRequest } from '../message/index.ts';

/** A refusal of a request for what it contains or demands; `headers` tell the peer what would do. */
export type ContentRefusal = { status: number; headers: Array<[string, string]> };

/** What the body of an INVITE may be: a session description, or parts with one among them (RFC 5621). */
const acceptedTypes = 'application/sdp, multipart/mixed, multipart/alternative';

/** The methods of the IANA registry "Methods and Response Codes": what a user agent has heard of. */
const knownMethods = new Set([
  'ACK',
  'BYE',
  'CANCEL',
  'INFO',
  'INVITE',
  'MESSAGE',
  'NOTIFY',
  'OPTIONS',
  'PRACK',
  'PUBLISH',
  'REFER',
  'REGISTER',
  'SUBSCRIBE',
  'UPDATE',
]);

/**
 * Checks the method (RFC 3261 §8.2.1, §21.5.2): 405 for one that is known and not served, 501 for one that nobody has
 * heard of; undefined when it is one of `served`.
 */
export function refuseMethod(request: SipRequest, served: ReadonlySet<string>): ContentRefusal | undefined {
  if (served.has(request.method)) return undefined;
  const status = knownMethods.has(request.method) ? 405 : 501;
  return { status, headers: [['Allow', [...served].join(', ')]] };
}

/** Checks Require (RFC 3261 §8.2.2.3); undefined when everything demanded is supported. */
export function refuseRequire(
  request: SipRequest,
  supported: ReadonlySet<string>,
): ContentRefusal | undefined {
  const unsupported = request.headerValues('Require').filter((tag) => !supported.has(tag.toLowerCase()));
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
  if (typeof findDescription(request.contentType ?? '', request.body) !== 'string') return undefined;
  return { status: 415, headers: [['Accept', acceptedTypes]] };
}

/** Checks that an answer of ours could be accepted (RFC 3261 §20.1); undefined when it could, or nothing is said. */
export function refuseAccept(request: SipRequest): ContentRefusal | undefined {
  return accepts(request, 'application/sdp') ? undefined : { status: 406, headers: [] };
}

/** Whether whoever sent a request takes a body of that type (RFC 3261 §20.1): so it is when it does not say. */
export function accepts(request: SipRequest, contentType: string): boolean {
  const group = `${contentType.split('/')[0] ?? ''}/*`;
  const ranges = request.headerValues('Accept').map((value) => mediaTypeOf(value));
  return ranges.length === 0 || ranges.some((range) => [contentType, group, '*/*'].includes(range));
}
