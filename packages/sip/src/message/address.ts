import { isBlank, skipBlanks } from './characters.ts';
import { endOfQuoted, noParameters, parseParameters, quote, unquote, writeParameters } from './parameters.ts';
import type { Parameters } from './parameters.ts';
import { parseUri, type SipUri } from './uri.ts';

/** A name-addr or addr-spec with header parameters: From, To, Contact, Route (RFC 3261 §20.10). */
export type NameAddress = {
  /** Without quotes, unescaped. */
  readonly displayName: string | undefined;
  /** The URI as it stands. */
  readonly uriText: string;
  /** The parsed URI; undefined for a scheme that we do not read (mailto, urn) or a malformed URI. */
  readonly uri: SipUri | undefined;
  readonly parameters: Parameters;
};

/** Parses the URI only when somebody asks: most From and To headers are only compared by tag. */
class ParsedAddress implements NameAddress {
  readonly displayName: string | undefined;
  readonly uriText: string;
  readonly parameters: Parameters;
  private parsed: SipUri | undefined | null = null;

  constructor(displayName: string | undefined, uriText: string, parameters: Parameters) {
    this.displayName = displayName;
    this.uriText = uriText;
    this.parameters = parameters;
  }

  get uri(): SipUri | undefined {
    if (this.parsed === null) this.parsed = parseUri(this.uriText);
    return this.parsed;
  }
}

/** Makes an address from its parts. */
export function makeAddress(
  uriText: string,
  displayName?: string,
  parameters: Parameters = noParameters,
): NameAddress {
  return new ParsedAddress(displayName, uriText, parameters);
}

/** Reads one address; undefined when it is malformed. */
export function parseAddress(text: string): NameAddress | undefined {
  const start = skipBlanks(text, 0);
  let displayName: string | undefined;
  let open: number;
  if (text.charCodeAt(start) === 34) {
    const end = endOfQuoted(text, start);
    if (end < 0) return undefined;
    displayName = unquote(text.slice(start, end));
    open = skipBlanks(text, end);
    if (text.charCodeAt(open) !== 60) return undefined;
  } else {
    open = text.indexOf('<', start);
    if (open < 0) return parseBareAddress(text, start);
    const name = text.slice(start, open).trim();
    // A quote inside an unquoted display name means that the quoting is broken.
    if (name.includes('"')) return undefined;
    if (name !== '') displayName = name;
  }
  const close = text.indexOf('>', open);
  if (close < 0) return undefined;
  const uriText = text.slice(open + 1, close).trim();
  if (uriText.indexOf(':') < 1) return undefined;
  if (close + 1 === text.length) return new ParsedAddress(displayName, uriText, noParameters);
  const tail = parseParameters(text, close + 1);
  return tail === undefined ? undefined : new ParsedAddress(displayName, uriText, tail.parameters);
}

/**
 * Without brackets everything after the first semicolon belongs to the header, not the URI; a URI with a comma or a
 * question mark needs them (RFC 3261 §20).
 */
function parseBareAddress(text: string, start: number): NameAddress | undefined {
  const semicolon = text.indexOf(';', start);
  let end = semicolon < 0 ? text.length : semicolon;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  const uriText = text.slice(start, end);
  if (uriText.indexOf(':') < 1 || /[ ,?"]/.test(uriText)) return undefined;
  if (semicolon < 0) return new ParsedAddress(undefined, uriText, noParameters);
  const tail = parseParameters(text, semicolon);
  return tail === undefined ? undefined : new ParsedAddress(undefined, uriText, tail.parameters);
}

/** Writes `"Name" <uri>;parameters`. */
export function writeAddress(address: NameAddress): string {
  const name = address.displayName;
  const prefix = name === undefined || name === '' ? '' : `${quote(name)} `;
  return `${prefix}<${address.uriText}>${writeParameters(address.parameters)}`;
}
