import {
  parseAddress,
  parseUri,
  uriScheme,
  writeUri,
  type NameAddress,
  type SipRequest,
  type SipUri,
} from '../message/index.ts';
import { parseReplaces, writeReplaces, type Replaces } from './replaces.ts';

/** Where a REFER sends us (RFC 3515 §2.1). */
export type ReferTarget = {
  /** Without its headers and its method. */
  uri: SipUri;
  displayName: string | undefined;
  /** The call that the new one is to replace at its destination (attended transfer). */
  replaces: Replaces | undefined;
  /** The other headers that the new request is to have, in order; at most 20. */
  headers: ReadonlyArray<readonly [name: string, value: string]>;
};

export type ReferToResult = { ok: true; target: ReferTarget } | { ok: false; status: number; reason: string };

const headersMax = 20;

function refuse(status: number, reason: string): ReferToResult {
  return { ok: false, status, reason };
}

/** Reads Refer-To, which must be there once (RFC 3515 §2.4.1), and name an INVITE to a SIP or tel URI. */
export function readReferTo(request: SipRequest): ReferToResult {
  const lines = request.headerLines('Refer-To');
  const address = lines.length === 1 ? parseAddress(lines[0] ?? '') : undefined;
  if (address === undefined) return refuse(400, 'Missing or Malformed Refer-To');
  const scheme = uriScheme(address.uriText);
  if (scheme !== 'sip' && scheme !== 'sips' && scheme !== 'tel')
    return refuse(416, 'Unsupported Refer-To Scheme');
  const { uri } = address;
  if (uri === undefined) return refuse(400, 'Malformed Refer-To');
  const method = uri.parameters.get('method') ?? 'INVITE';
  if (method.toUpperCase() !== 'INVITE') return refuse(403, 'Only INVITE Can Be Referred');
  const headers = readUriHeaders(uri.headers ?? '');
  if (headers === undefined) return refuse(400, 'Malformed Headers in Refer-To');
  const replacing = headers.filter(([name]) => name.toLowerCase() === 'replaces');
  const replaces = replacing[0] === undefined ? undefined : parseReplaces(replacing[0][1]);
  if (replacing.length > 1 || (replacing.length === 1 && replaces === undefined))
    return refuse(400, 'Malformed Replaces in Refer-To');
  const parameters = new Map([...uri.parameters].filter(([name]) => name !== 'method'));
  const others = headers.filter(([name]) => !['replaces', 'require'].includes(name.toLowerCase()));
  const target = { ...uri, parameters, headers: undefined };
  const { displayName } = address;
  return { ok: true, target: { uri: target, displayName, replaces, headers: others } };
}

/** Writes a Refer-To value; undefined when `uri` is no SIP or tel URI. */
export function writeReferTo(uri: string | SipUri, replaces: Replaces | undefined): string | undefined {
  const parsed = parseUri(typeof uri === 'string' ? uri : writeUri(uri));
  if (parsed === undefined) return undefined;
  const headers =
    replaces === undefined ? undefined : `Replaces=${encodeURIComponent(writeReplaces(replaces))}`;
  return `<${writeUri({ ...parsed, headers })}>`;
}

/** Who sends us there (RFC 3892 §2.1); undefined when the header is missing or malformed. */
export function readReferredBy(request: SipRequest): NameAddress | undefined {
  const value = request.header('Referred-By');
  return value === undefined ? undefined : parseAddress(value);
}

/** `name=value&name=value`, escaped (RFC 3261 §19.1.1); undefined when malformed or too long. */
function readUriHeaders(text: string): Array<readonly [string, string]> | undefined {
  const parts = text.split('&').filter((part) => part !== '');
  if (parts.length > headersMax) return undefined;
  const headers: Array<readonly [string, string]> = [];
  for (const part of parts) {
    const equals = part.indexOf('=');
    const name = unescape(equals < 0 ? part : part.slice(0, equals));
    const value = equals < 0 ? '' : unescape(part.slice(equals + 1));
    if (name === undefined || name === '' || value === undefined) return undefined;
    headers.push([name, value]);
  }
  return headers;
}

/** Resolves `%hh`; undefined when what results is not UTF-8 or would end a header line. */
function unescape(text: string): string | undefined {
  try {
    const plain = decodeURIComponent(text);
    return /[\r\n\0]/.test(plain) ? undefined : plain;
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
