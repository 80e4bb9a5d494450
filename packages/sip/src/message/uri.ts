import { hexDigit, isHostName, isParameterCharacter, isUserCharacter, readDigits } from './characters.ts';
import { noParameters, type Parameters } from './parameters.ts';
import { decodeUtf8, encodeUtf8 } from './text.ts';

/** A `sip:`, `sips:` or `tel:` URI (RFC 3261 §19.1, RFC 3966). */
export type SipUri = {
  scheme: 'sip' | 'sips' | 'tel';
  /** Unescaped user part; for `tel` the number. */
  user: string | undefined;
  password: string | undefined;
  /** Lower case, IPv6 without brackets; '' for `tel`. */
  host: string;
  port: number | undefined;
  parameters: Parameters;
  /** The part after `?`, as it stands. */
  headers: string | undefined;
};

/** The scheme of any URI in lower case, or undefined when there is none. */
export function uriScheme(text: string): string | undefined {
  const colon = text.indexOf(':');
  return colon > 0 ? text.slice(0, colon).toLowerCase() : undefined;
}

/** Reads a URI; undefined when it is not one of the three schemes or malformed. */
export function parseUri(text: string): SipUri | undefined {
  const colon = text.indexOf(':');
  if (colon < 3 || colon > 4) return undefined;
  const scheme = text.slice(0, colon).toLowerCase();
  if (scheme !== 'sip' && scheme !== 'sips' && scheme !== 'tel') return undefined;
  for (let i = colon + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 32 || code === 60 || code === 62 || code === 34 || code === 127) return undefined;
  }
  if (scheme === 'tel') return parseTel(text, colon + 1);

  let user: string | undefined;
  let password: string | undefined;
  let position = colon + 1;
  const at = text.indexOf('@', position);
  if (at >= 0) {
    const passwordColon = text.indexOf(':', position);
    const hasPassword = passwordColon >= 0 && passwordColon < at;
    user = unescapeText(text.slice(position, hasPassword ? passwordColon : at));
    if (hasPassword) password = unescapeText(text.slice(passwordColon + 1, at));
    if (user === undefined || user === '' || (hasPassword && password === undefined)) return undefined;
    position = at + 1;
  }

  const question = text.indexOf('?', position);
  const end = question < 0 ? text.length : question;
  const semicolon = text.indexOf(';', position);
  const hostEnd = semicolon >= 0 && semicolon < end ? semicolon : end;
  const hostPort = parseHostPort(text, position, hostEnd);
  if (hostPort === undefined) return undefined;
  const parameters = parseUriParameters(text, hostEnd, end);
  if (parameters === undefined) return undefined;
  const headers = question < 0 ? undefined : text.slice(question + 1);
  return { scheme, user, password, host: hostPort.host, port: hostPort.port, parameters, headers };
}

function parseTel(text: string, start: number): SipUri | undefined {
  const semicolon = text.indexOf(';', start);
  const end = semicolon < 0 ? text.length : semicolon;
  if (start >= end) return undefined;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    // Digits, hexadecimal letters of local numbers, `+`, `*`, `#` and the visual separators `-.()`.
    if (hexDigit(code) < 0 && !'+*#-.()'.includes(text[i] as string)) return undefined;
  }
  const parameters = parseUriParameters(text, end, text.length);
  if (parameters === undefined) return undefined;
  const user = text.slice(start, end);
  return {
    scheme: 'tel',
    user,
    password: undefined,
    host: '',
    port: undefined,
    parameters,
    headers: undefined,
  };
}

/** Reads `host [ ":" port ]` in `text[start, end)`; IPv6 stands in brackets. Undefined when malformed. */
export function parseHostPort(
  text: string,
  start: number,
  end: number,
): { host: string; port: number | undefined } | undefined {
  let host: string;
  let portColon = -1;
  if (text.charCodeAt(start) === 91) {
    const close = text.indexOf(']', start);
    if (close < 0 || close >= end) return undefined;
    host = text.slice(start + 1, close);
    if (!isIPv6(host)) return undefined;
    if (close + 1 < end) {
      if (text.charCodeAt(close + 1) !== 58) return undefined;
      portColon = close + 1;
    }
  } else {
    const colon = text.indexOf(':', start);
    if (colon >= 0 && colon < end) portColon = colon;
    const hostEnd = portColon < 0 ? end : portColon;
    if (!isHostName(text, start, hostEnd)) return undefined;
    host = text.slice(start, hostEnd);
  }
  if (portColon < 0) return { host: host.toLowerCase(), port: undefined };
  const port = readDigits(text, portColon + 1, end);
  if (port < 0 || port > 65_535) return undefined;
  return { host: host.toLowerCase(), port };
}

/** Whether a text consists of the characters of an IPv6 address and has at least two colons. */
export function isIPv6(text: string): boolean {
  let colons = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 58) colons++;
    else if (code !== 46 && hexDigit(code) < 0) return false;
  }
  return colons >= 2 && text.length <= 45;
}

function parseUriParameters(text: string, start: number, end: number): Parameters | undefined {
  if (start >= end) return noParameters;
  const parameters = new Map<string, string>();
  for (const part of text.slice(start + 1, end).split(';')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = unescapeText(equals < 0 ? part : part.slice(0, equals));
    const value = equals < 0 ? '' : unescapeText(part.slice(equals + 1));
    if (name === undefined || name === '' || value === undefined) return undefined;
    const lower = name.toLowerCase();
    if (!parameters.has(lower)) parameters.set(lower, value);
  }
  return parameters;
}

/** Resolves `%hh`; undefined when a percent sign is not followed by two hexadecimal digits. */
function unescapeText(text: string): string | undefined {
  if (text.indexOf('%') < 0) return text;
  const source = encodeUtf8(text);
  const bytes = new Uint8Array(source.length);
  let length = 0;
  for (let i = 0; i < source.length; i++) {
    let byte = source[i] as number;
    if (byte === 37) {
      const high = hexDigit(source[i + 1] ?? 0);
      const low = hexDigit(source[i + 2] ?? 0);
      if (high < 0 || low < 0) return undefined;
      byte = high * 16 + low;
      i += 2;
    }
    bytes[length++] = byte;
  }
  return decodeUtf8(bytes.subarray(0, length));
}

function escapeText(text: string, allowed: (code: number) => boolean): string {
  let plain = true;
  for (let i = 0; i < text.length && plain; i++) plain = allowed(text.charCodeAt(i));
  if (plain) return text;
  let result = '';
  for (const byte of encodeUtf8(text)) {
    if (allowed(byte)) result += String.fromCharCode(byte);
    else result += `%${byte < 16 ? '0' : ''}${byte.toString(16).toUpperCase()}`;
  }
  return result;
}

/** A host as it stands in URIs and Via: IPv6 gets brackets. */
export function writeHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** Writes a URI, escaping what the grammar demands. */
export function writeUri(uri: SipUri): string {
  let result = `${uri.scheme}:`;
  if (uri.scheme === 'tel') result += uri.user ?? '';
  else {
    if (uri.user !== undefined) {
      result += escapeText(uri.user, isUserCharacter);
      if (uri.password !== undefined) result += `:${escapeText(uri.password, isUserCharacter)}`;
      result += '@';
    }
    result += writeHost(uri.host);
    if (uri.port !== undefined) result += `:${uri.port}`;
  }
  for (const [name, value] of uri.parameters) {
    result += `;${escapeText(name, isParameterCharacter)}`;
    if (value !== '') result += `=${escapeText(value, isParameterCharacter)}`;
  }
  if (uri.headers !== undefined) result += `?${uri.headers}`;
  return result;
}

// RFC 3261 §19.1.4: these parameters must match even when only one URI has them.
const decisiveParameters = ['user', 'ttl', 'method', 'maddr', 'transport'];

/** Whether two URIs mean the same (RFC 3261 §19.1.4). */
export function equalUris(a: SipUri, b: SipUri): boolean {
  if (a.scheme !== b.scheme || a.user !== b.user || a.password !== b.password) return false;
  if (a.host !== b.host || a.port !== b.port) return false;
  for (const name of decisiveParameters) {
    if (a.parameters.get(name)?.toLowerCase() !== b.parameters.get(name)?.toLowerCase()) return false;
  }
  for (const [name, value] of a.parameters) {
    const other = b.parameters.get(name);
    if (other !== undefined && other.toLowerCase() !== value.toLowerCase()) return false;
  }
  return headerSet(a.headers) === headerSet(b.headers);
}

function headerSet(headers: string | undefined): string {
  return headers === undefined ? '' : headers.toLowerCase().split('&').sort().join('&');
}
