import { isBlank, isToken, readDigits } from './characters.ts';
import { canonicalName, knownNameAt } from './header-names.ts';
import { SipRequest, SipResponse } from './message.ts';
import { decodeUtf8 } from './text.ts';
import { parseVia } from './via.ts';

const LF = 10;
const CR = 13;
const COLON = 58;

/** Why bytes are not a message; `status` is the answer that RFC 3261 gives to such a request. */
export type ParseFailure = {
  ok: false;
  status: number;
  reason: string;
  /** The request as far as it could be read: enough of Via, From, To, Call-ID and CSeq to answer it. */
  request: SipRequest | undefined;
};

export type ParseResult = { ok: true; message: SipRequest | SipResponse } | ParseFailure;

export type ParseLimits = { headersMax: number };

const defaultLimits: ParseLimits = { headersMax: 256 };

/**
 * Reads one whole message (RFC 3261 §7): a datagram, a WebSocket message, or what the stream framer cut out.
 * Tolerates lone LF, leading empty lines, compact and folded headers, and a body longer than Content-Length.
 * Never throws. The message keeps a view of `bytes` as its body; the caller must not write there afterwards.
 */
export function parseMessage(bytes: Uint8Array, limits: ParseLimits = defaultLimits): ParseResult {
  let start = 0;
  while (start < bytes.length && (bytes[start] === CR || bytes[start] === LF)) start++;
  const text = decodeHead(bytes, start);

  let lineEnd = text.indexOf('\n');
  if (lineEnd < 0) lineEnd = text.length;
  const started = parseStartLine(text.slice(0, text.charCodeAt(lineEnd - 1) === CR ? lineEnd - 1 : lineEnd));
  if (started.message === undefined) return fail(started.status, started.reason, undefined);
  const message = started.message;
  const headEnd = readHeaders(message, text, lineEnd + 1, limits.headersMax);
  const request = message.kind === 'request' ? message : undefined;
  if (started.status !== 0) return fail(started.status, started.reason, request);
  if (headEnd < 0) return fail(513, 'Too Many Headers', request);
  // Where each byte of the text is one character, positions in both agree.
  const bodyStart = text.length === bytes.length - start ? start + headEnd : endOfHead(bytes, start);
  const problem = checkHeaders(message) ?? takeBody(message, bytes, bodyStart);
  if (problem !== undefined) return fail(400, problem, request);
  return { ok: true, message };
}

function fail(status: number, reason: string, request: SipRequest | undefined): ParseFailure {
  if (request !== undefined) dropRepetitions(request);
  return { ok: false, status, reason, request };
}

/** Messages up to this size are decoded in one go, body included. */
const wholeDecodeMax = 4_096;

/**
 * The start line and headers as text, perhaps with the body after them. No byte gives more than one character, so the
 * text is as long as the bytes only when they correspond one to one; else the head is decoded alone.
 */
function decodeHead(bytes: Uint8Array, start: number): string {
  if (bytes.length - start <= wholeDecodeMax) {
    const text = decodeUtf8(start === 0 ? bytes : bytes.subarray(start));
    if (text.length === bytes.length - start) return text;
  }
  return decodeUtf8(bytes.subarray(start, endOfHead(bytes, start)));
}

/** The index just after the empty line that ends the headers, or the length when there is none. */
function endOfHead(bytes: Uint8Array, start: number): number {
  let lf = bytes.indexOf(LF, start);
  while (lf >= 0) {
    if (bytes[lf + 1] === LF) return lf + 2;
    if (bytes[lf + 1] === CR && bytes[lf + 2] === LF) return lf + 3;
    lf = bytes.indexOf(LF, lf + 1);
  }
  return bytes.length;
}

type StartLine = { message: SipRequest | SipResponse | undefined; status: number; reason: string };

function parseStartLine(line: string): StartLine {
  const nothing = (reason: string): StartLine => ({ message: undefined, status: 400, reason });
  const firstSpace = line.indexOf(' ');
  if (firstSpace <= 0) return nothing('Malformed Start Line');
  const first = line.slice(0, firstSpace);
  if (first.includes('/')) {
    if (first !== 'SIP/2.0' && first.toUpperCase() !== 'SIP/2.0')
      return nothing('Unsupported Response Version');
    const status = readDigits(line, firstSpace + 1, firstSpace + 4);
    if (status < 100 || status > 699) return nothing('Malformed Status Code');
    if (line.length > firstSpace + 4 && line.charCodeAt(firstSpace + 4) !== 32)
      return nothing('Malformed Status Code');
    return { message: new SipResponse(status, line.slice(firstSpace + 5)), status: 0, reason: '' };
  }
  if (!isToken(first)) return nothing('Malformed Method');
  const trimmed = line.trimEnd();
  const lastSpace = trimmed.lastIndexOf(' ');
  const version = trimmed.slice(lastSpace + 1);
  const uriText = trimmed.slice(firstSpace + 1, Math.max(lastSpace, firstSpace + 1)).trim();
  const message = new SipRequest(first, uriText);
  if (version !== 'SIP/2.0' && version.toUpperCase() !== 'SIP/2.0') {
    const isVersion = /^SIP\/\d{1,9}\.\d{1,9}$/i.test(version);
    return isVersion
      ? { message, status: 505, reason: 'Version Not Supported' }
      : { message, status: 400, reason: 'Malformed Request Line' };
  }
  if (uriText === '' || /[\s<>"]/.test(uriText))
    return { message, status: 400, reason: 'Malformed Request-URI' };
  return { message, status: 0, reason: '' };
}

/**
 * Reads the header lines up to the empty line or the end; lines without a name are skipped (RFC 3261 §8.2.2). Returns
 * where the body starts, or -1 when there are too many lines.
 */
function readHeaders(
  message: SipRequest | SipResponse,
  text: string,
  from: number,
  headersMax: number,
): number {
  let position = from;
  let lines = 0;
  let nextCr = text.indexOf('\r', from);
  while (position < text.length) {
    let lineEnd = text.indexOf('\n', position);
    if (lineEnd < 0) lineEnd = text.length;
    if (isEmptyLine(text, position, lineEnd)) return Math.min(lineEnd + 1, text.length);
    let next = lineEnd + 1;
    let special = false;
    while (next < text.length && isBlank(text.charCodeAt(next))) {
      special = true;
      lineEnd = text.indexOf('\n', next);
      if (lineEnd < 0) lineEnd = text.length;
      next = lineEnd + 1;
    }
    const contentEnd = text.charCodeAt(lineEnd - 1) === CR ? lineEnd - 1 : lineEnd;
    // A carriage return before the end of the line, or a fold, makes the value need cleaning.
    if (nextCr >= 0 && nextCr < position) nextCr = text.indexOf('\r', position);
    if (nextCr >= 0 && nextCr < contentEnd) special = true;
    if (++lines > headersMax) return -1;
    readHeader(message, text, position, contentEnd, special);
    position = next;
  }
  return text.length;
}

function isEmptyLine(text: string, start: number, end: number): boolean {
  return start === end || (start + 1 === end && text.charCodeAt(start) === CR);
}

function readHeader(
  message: SipRequest | SipResponse,
  head: string,
  start: number,
  end: number,
  special: boolean,
): void {
  let colon = start;
  while (colon < end && head.charCodeAt(colon) !== COLON) colon++;
  if (colon >= end) return;
  let nameEnd = colon;
  while (nameEnd > start && isBlank(head.charCodeAt(nameEnd - 1))) nameEnd--;
  let name = knownNameAt(head, start, nameEnd);
  if (name === undefined) {
    if (!isToken(head, start, nameEnd)) return;
    name = canonicalName(head.slice(start, nameEnd));
  }
  let valueStart = colon + 1;
  while (valueStart < end && isBlank(head.charCodeAt(valueStart))) valueStart++;
  let valueEnd = end;
  while (valueEnd > valueStart && head.charCodeAt(valueEnd - 1) <= 32) valueEnd--;
  let value = head.slice(valueStart, valueEnd);
  if (special) value = value.replaceAll(/[\r\n][\r\n \t]*/g, ' ').trim();
  // Every message needs its top Via, and reading characters of the whole text is cheaper than those of a slice.
  else if (name === 'Via' && message.names.length === 0) adoptVia(message, head, valueStart, valueEnd);
  message.push(name, value);
}

function adoptVia(message: SipRequest | SipResponse, text: string, start: number, end: number): void {
  const parsed = parseVia(text, start, end);
  if (parsed !== undefined) parsed.end -= start;
  message.adoptTopVia(parsed);
}

const onlyOnce = ['From', 'To', 'Call-ID', 'CSeq', 'Max-Forwards'];

/** The refusal of a request copies these headers: it must not have them twice because the request does. */
function dropRepetitions({ names, values }: SipRequest): void {
  for (const name of onlyOnce) {
    const first = names.indexOf(name);
    if (first < 0) continue;
    for (let i = names.length - 1; i > first; i--) {
      if (names[i] !== name) continue;
      names.splice(i, 1);
      values.splice(i, 1);
    }
  }
}

/** What every message must have (RFC 3261 §8.1.1, §8.2.2); the reason phrase of the 400, or undefined. */
function checkHeaders(message: SipRequest | SipResponse): string | undefined {
  const { names } = message;
  for (const name of onlyOnce) {
    const index = names.indexOf(name);
    if (index >= 0 && names.indexOf(name, index + 1) >= 0) return `Multiple ${name} Headers`;
  }
  if (message.via === undefined || !message.hasReadableViaLines) return 'Missing or Malformed Via';
  if (!message.hasReadableFrom) return 'Missing or Malformed From';
  if (!message.hasReadableTo) return 'Missing or Malformed To';
  const callId = message.header('Call-ID');
  if (callId === undefined || callId === '' || callId.includes(' ')) return 'Missing or Malformed Call-ID';
  if (message.sequenceMethod === '') return 'Missing or Malformed CSeq';
  if (message.kind === 'request') {
    if (message.sequenceMethod !== message.method) return 'CSeq Method Mismatch';
    const maxForwards = message.header('Max-Forwards');
    if (maxForwards !== undefined && readDigits(maxForwards) < 0) return 'Malformed Max-Forwards';
  }
  return undefined;
}

/** Cuts the body to Content-Length (RFC 3261 §18.3); the reason phrase of the 400, or undefined. */
function takeBody(
  message: SipRequest | SipResponse,
  bytes: Uint8Array,
  bodyStart: number,
): string | undefined {
  const available = bytes.length - bodyStart;
  let length = available;
  const index = message.names.indexOf('Content-Length');
  if (index >= 0) {
    const value = message.values[index] as string;
    length = readDigits(value);
    if (length < 0) return 'Malformed Content-Length';
    for (let i = index + 1; i < message.names.length; i++) {
      if (message.names[i] === 'Content-Length' && message.values[i] !== value)
        return 'Conflicting Content-Length';
    }
    if (length > available) return 'Body Shorter Than Content-Length';
  }
  if (length > 0) message.body = bytes.subarray(bodyStart, bodyStart + length);
  return undefined;
}
