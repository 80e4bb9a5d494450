import { parseParameters } from './parameters.ts';
import { decodeUtf8 } from './text.ts';

/** One part of a multipart body (RFC 2046 §5.1, RFC 5621). */
export type BodyPart = {
  /** `type/subtype` with parameters, as it stands; `text/plain` when the part names none. */
  contentType: string;
  /** Disposition type in lower case; undefined when the part names none. */
  disposition: string | undefined;
  /** The sender insists that the part is understood (`handling=required`). */
  isRequired: boolean;
  /** The part is encoded in a way other than the plain bytes; RFC 3261 §7.4.1 needs none. */
  isEncoded: boolean;
  body: Uint8Array;
};

const partsMax = 16;
const depthMax = 3;
/** RFC 2046 §5.1.1. */
const boundaryLengthMax = 70;
const headerBytesMax = 4_096;
const LF = 10;
const CR = 13;
const HYPHEN = 45;

/** `type/subtype` without parameters, in lower case. */
export function mediaTypeOf(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase();
}

/**
 * The parts of a body of that Content-Type; undefined when it is no multipart type, or malformed. What stands before the
 * first and after the last boundary is dropped; a missing end is forgiven, as the message's length says where it is.
 */
export function splitMultipart(contentType: string, body: Uint8Array): BodyPart[] | undefined {
  if (!mediaTypeOf(contentType).startsWith('multipart/')) return undefined;
  const semicolon = contentType.indexOf(';');
  const boundary =
    semicolon < 0 ? undefined : parseParameters(contentType, semicolon)?.parameters.get('boundary');
  if (boundary === undefined || boundary === '' || boundary.length > boundaryLengthMax) return undefined;
  const parts: BodyPart[] = [];
  let line = findBoundary(body, boundary, 0);
  while (line !== undefined && !line.isLast) {
    if (parts.length === partsMax) return undefined;
    const next = findBoundary(body, boundary, line.end);
    const part = readPart(body.subarray(line.end, next?.start ?? body.length));
    if (part === undefined) return undefined;
    parts.push(part);
    line = next;
  }
  return parts.length === 0 ? undefined : parts;
}

/** A line `--boundary` or `--boundary--`; the line end before it belongs to it. */
type BoundaryLine = { start: number; end: number; isLast: boolean };

function findBoundary(body: Uint8Array, boundary: string, from: number): BoundaryLine | undefined {
  for (let i = from; i < body.length; ) {
    if (startsWith(body, i, boundary)) {
      let end = i + 2 + boundary.length;
      const isLast = body[end] === HYPHEN && body[end + 1] === HYPHEN;
      const lineEnd = body.indexOf(LF, end);
      const rest = decodeUtf8(body.subarray(isLast ? end + 2 : end, lineEnd < 0 ? body.length : lineEnd));
      // Only blanks may follow on the line, else it is another, longer boundary.
      if (rest.trim() === '') {
        end = lineEnd < 0 ? body.length : lineEnd + 1;
        return { start: Math.max(from, lineStart(body, i)), end, isLast };
      }
    }
    const lf = body.indexOf(LF, i);
    if (lf < 0) return undefined;
    i = lf + 1;
  }
  return undefined;
}

function startsWith(body: Uint8Array, at: number, boundary: string): boolean {
  if (body[at] !== HYPHEN || body[at + 1] !== HYPHEN) return false;
  for (let i = 0; i < boundary.length; i++) {
    if (body[at + 2 + i] !== boundary.charCodeAt(i)) return false;
  }
  return true;
}

function lineStart(body: Uint8Array, at: number): number {
  if (body[at - 1] !== LF) return at;
  return body[at - 2] === CR ? at - 2 : at - 1;
}

function readPart(bytes: Uint8Array): BodyPart | undefined {
  const bodyStart = endOfHeaders(bytes);
  if (bodyStart < 0) return undefined;
  const headers = new Map<string, string>();
  const head = decodeUtf8(bytes.subarray(0, bodyStart)).replaceAll(/\r?\n[ \t]+/g, ' ');
  for (const line of head.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const disposition = headers.get('content-disposition');
  const encoding = headers.get('content-transfer-encoding')?.toLowerCase() ?? 'binary';
  return {
    contentType: headers.get('content-type') ?? headers.get('c') ?? 'text/plain',
    disposition: disposition === undefined ? undefined : mediaTypeOf(disposition),
    isRequired: /;\s*handling\s*=\s*required/i.test(disposition ?? ''),
    isEncoded: encoding !== 'binary' && encoding !== '8bit' && encoding !== '7bit',
    body: bytes.slice(bodyStart),
  };
}

/** Where the body of a part starts: after the first empty line. -1 when there is none. */
function endOfHeaders(bytes: Uint8Array): number {
  let start = 0;
  while (start < headerBytesMax) {
    const lf = bytes.indexOf(LF, start);
    if (lf < 0) return -1;
    if (lf === start || (lf === start + 1 && bytes[start] === CR)) return lf + 1;
    start = lf + 1;
  }
  return -1;
}

/**
 * The session description in a body: the body itself, or a part of it, also of a part that is multipart in turn. `none`:
 * there is none that can be read; `unsupported`: there is one beside a part that we would have to understand and do not
 * (RFC 5621 §8.3). A part that says nothing of its handling counts as optional, as senders mean it.
 */
export function findDescription(contentType: string, body: Uint8Array): Uint8Array | 'none' | 'unsupported' {
  return findIn(contentType, body, 0);
}

function findIn(contentType: string, body: Uint8Array, depth: number): Uint8Array | 'none' | 'unsupported' {
  const type = mediaTypeOf(contentType);
  if (type === 'application/sdp') return body;
  const parts = depth === depthMax ? undefined : splitMultipart(contentType, body);
  if (parts === undefined) return 'none';
  // RFC 2046 §5.1.4: the last alternative is the best one.
  const ordered = type === 'multipart/alternative' ? parts.toReversed() : parts;
  let found: Uint8Array | undefined;
  let isUnsupported = false;
  for (const part of ordered) {
    const isSession = part.disposition === undefined || part.disposition === 'session';
    const inside = isSession && !part.isEncoded ? findIn(part.contentType, part.body, depth + 1) : 'none';
    if (typeof inside !== 'string') found ??= inside;
    else if (inside === 'unsupported' || part.isRequired) isUnsupported = true;
  }
  // Of alternatives one is enough, whatever the others demand.
  if (found !== undefined && (!isUnsupported || type === 'multipart/alternative')) return found;
  return isUnsupported ? 'unsupported' : 'none';
}
