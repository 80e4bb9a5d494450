import { decodeUtf8, readDigits } from '../message/index.ts';
import type { Sdp, SdpAttribute, SdpConnection, SdpMedia, SdpOrigin } from './types.ts';

export type ParseSdpResult = { ok: true; sdp: Sdp } | { ok: false; reason: string };

/** More lines or streams than any phone sends. */
const linesMax = 1_000;
const mediaMax = 32;

/** Reads a session description (RFC 8866), tolerant of lone LF, unknown and misplaced lines. Never throws. */
export function parseSdp(source: Uint8Array | string): ParseSdpResult {
  const text = typeof source === 'string' ? source : decodeUtf8(source);
  const lines = text.split('\n', linesMax + 1);
  if (lines.length > linesMax) return fail(`more than ${linesMax} lines`);
  const sdp: Sdp = {
    origin: { username: '-', sessionId: '0', version: '0', addressType: 'IP4', address: '0.0.0.0' },
    sessionName: '-',
    bandwidth: [],
    timing: [],
    attributes: [],
    media: [],
  };
  let hasVersion = false;
  for (const raw of lines) {
    const line = raw.trimEnd();
    if (line === '') continue;
    if (line.charCodeAt(1) !== 61) return fail(`"${line.slice(0, 40)}" is no type=value line`);
    const type = line[0] as string;
    const value = line.slice(2);
    if (type === 'v') hasVersion = true;
    else {
      const problem = readLine(sdp, type, value);
      if (problem !== undefined) return fail(problem);
    }
  }
  if (!hasVersion) return fail('v= is missing');
  if (sdp.timing.length === 0) sdp.timing.push('0 0');
  return { ok: true, sdp };
}

function fail(reason: string): ParseSdpResult {
  return { ok: false, reason };
}

function readLine(sdp: Sdp, type: string, value: string): string | undefined {
  const media = sdp.media.at(-1);
  switch (type) {
    case 'o': {
      const origin = parseOrigin(value);
      if (origin === undefined) return `o=${value.slice(0, 40)} is malformed`;
      sdp.origin = origin;
      return undefined;
    }
    case 'c': {
      const connection = parseConnection(value);
      if (connection === undefined) return `c=${value.slice(0, 40)} is malformed`;
      (media ?? sdp).connection = connection;
      return undefined;
    }
    case 'm': {
      const section = parseMedia(value);
      if (section === undefined || sdp.media.length >= mediaMax)
        return `m=${value.slice(0, 40)} is malformed or too much`;
      sdp.media.push(section);
      return undefined;
    }
    case 's':
      sdp.sessionName = value;
      return undefined;
    case 'i':
      if (media !== undefined) media.title = value;
      return undefined;
    case 'b':
      (media ?? sdp).bandwidth.push(value);
      return undefined;
    case 't':
      sdp.timing.push(value);
      return undefined;
    case 'a':
      (media ?? sdp).attributes.push(parseAttribute(value));
      return undefined;
    default:
      return undefined;
  }
}

function parseOrigin(value: string): SdpOrigin | undefined {
  const [username, sessionId, version, , addressType, address] = value
    .split(' ')
    .filter((part) => part !== '');
  if (username === undefined || sessionId === undefined || version === undefined || address === undefined)
    return undefined;
  if (addressType !== 'IP4' && addressType !== 'IP6') return undefined;
  return { username, sessionId, version, addressType, address };
}

function parseConnection(value: string): SdpConnection | undefined {
  const [network, addressType, address] = value.split(' ').filter((part) => part !== '');
  if (network !== 'IN' || address === undefined) return undefined;
  if (addressType !== 'IP4' && addressType !== 'IP6') return undefined;
  // A multicast address carries a time to live or count, which a call has no use for.
  const slash = address.indexOf('/');
  return { addressType, address: slash < 0 ? address : address.slice(0, slash) };
}

function parseMedia(value: string): SdpMedia | undefined {
  const [kind, ports, protocol, ...formats] = value.split(' ').filter((part) => part !== '');
  if (kind === undefined || ports === undefined || protocol === undefined) return undefined;
  const slash = ports.indexOf('/');
  const port = readDigits(ports, 0, slash < 0 ? ports.length : slash);
  if (port < 0 || port > 65_535) return undefined;
  const media: SdpMedia = { kind, port, protocol, formats, bandwidth: [], attributes: [] };
  if (slash >= 0) {
    const count = readDigits(ports, slash + 1);
    if (count < 1) return undefined;
    media.portCount = count;
  }
  return media;
}

function parseAttribute(value: string): SdpAttribute {
  const colon = value.indexOf(':');
  return colon < 0 ? { name: value } : { name: value.slice(0, colon), value: value.slice(colon + 1) };
}
