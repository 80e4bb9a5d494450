import { isBlank, isToken, skipBlanks } from './characters.ts';
import { parseParameters, writeParameters, type Parameters } from './parameters.ts';
import { parseHostPort, writeHost } from './uri.ts';

/** One Via value (RFC 3261 §20.42). */
export type Via = {
  /** Upper case: UDP, TCP, TLS, WS, WSS or whatever the sender wrote. */
  transport: string;
  host: string;
  port: number | undefined;
  parameters: Parameters;
};

/**
 * Reads the Via value that starts at `start`, at the latest up to `limit`, the end of its header line; `end` is where the
 * next value's comma stands or the line ends. Undefined when malformed.
 */
export function parseVia(
  text: string,
  start = 0,
  limit = text.length,
): { via: Via; end: number } | undefined {
  const transportStart = text.startsWith('SIP/2.0/', start) ? start + 8 : endOfProtocol(text, start, limit);
  if (transportStart < 0) return undefined;
  let transportEnd = transportStart;
  while (transportEnd < limit && !isBlank(text.charCodeAt(transportEnd))) transportEnd++;
  const hostStart = skipBlanks(text, transportEnd);
  if (hostStart === transportEnd || !isToken(text, transportStart, transportEnd)) return undefined;

  let hostEnd = hostStart;
  while (hostEnd < limit) {
    const code = text.charCodeAt(hostEnd);
    if (code === 59 || code === 44) break;
    hostEnd++;
  }
  const hostPort =
    parseHostPort(text, hostStart, hostEnd) ?? parseSpacedHostPort(text.slice(hostStart, hostEnd));
  if (hostPort === undefined) return undefined;
  const tail = parseParameters(text, hostEnd, true, limit);
  if (tail === undefined) return undefined;
  const transport = upperTransport(text.slice(transportStart, transportEnd));
  return {
    via: { transport, host: hostPort.host, port: hostPort.port, parameters: tail.parameters },
    end: tail.end,
  };
}

/** Where the transport starts when there are blanks or small letters in `SIP / 2.0 / UDP`; -1 when malformed. */
function endOfProtocol(text: string, start: number, limit: number): number {
  const firstSlash = text.indexOf('/', start);
  const secondSlash = text.indexOf('/', firstSlash + 1);
  if (firstSlash < 0 || secondSlash < 0 || secondSlash >= limit) return -1;
  const isSip = text.slice(start, firstSlash).trim().toUpperCase() === 'SIP';
  const isVersion2 = text.slice(firstSlash + 1, secondSlash).trim() === '2.0';
  return isSip && isVersion2 ? skipBlanks(text, secondSlash + 1) : -1;
}

function upperTransport(text: string): string {
  // The common spellings need no new string.
  return text === 'UDP' || text === 'TCP' || text === 'TLS' || text === 'WS' || text === 'WSS'
    ? text
    : text.toUpperCase();
}

/** The grammar allows blanks around the colon of sent-by. */
function parseSpacedHostPort(text: string): { host: string; port: number | undefined } | undefined {
  const compact = text
    .split(':')
    .map((part) => part.trim())
    .join(':');
  return parseHostPort(compact, 0, compact.length);
}

/** Writes one Via value. */
export function writeVia(via: Via): string {
  const port = via.port === undefined ? '' : `:${via.port}`;
  return `SIP/2.0/${via.transport} ${writeHost(via.host)}${port}${writeParameters(via.parameters)}`;
}
