import { parseAddress, type NameAddress } from './address.ts';
import { isToken, readDigits, skipBlanks } from './characters.ts';
import { canonicalName } from './header-names.ts';
import { splitValues } from './parameters.ts';
import { parseUri, type SipUri } from './uri.ts';
import { parseVia, writeVia, type Via } from './via.ts';

const emptyBody = new Uint8Array(0);

/** What a request and a response have in common. Header names are accepted in any case and in compact form. */
abstract class SipMessage {
  /** Canonical names and values of the header lines in order; the two arrays have equal length. */
  readonly names: string[] = [];
  readonly values: string[] = [];
  body: Uint8Array = emptyBody;
  private parsedFrom: NameAddress | undefined = undefined;
  private parsedTo: NameAddress | undefined = undefined;
  private parsedVia: { via: Via; end: number } | undefined = undefined;
  private parsedSequence: { number: number; method: string } | undefined = undefined;

  /** Adds a header line whose name is canonical and whose value has no line end. */
  push(name: string, value: string): void {
    this.names.push(name);
    this.values.push(value);
  }

  /** Adds a header line from outside: the name is made canonical, line ends in the value become spaces. */
  append(name: string, value: string): void {
    this.push(canonicalName(name), cleanValue(value));
  }

  /** First value line of a header as it stands, or undefined. */
  header(name: string): string | undefined {
    const index = this.names.indexOf(canonicalName(name));
    return index < 0 ? undefined : this.values[index];
  }

  /** All value lines, top first. */
  headerLines(name: string): string[] {
    const wanted = canonicalName(name);
    const lines: string[] = [];
    for (let i = 0; i < this.names.length; i++) {
      if (this.names[i] === wanted) lines.push(this.values[i] as string);
    }
    return lines;
  }

  /** All values of a comma-separated header, top first. */
  headerValues(name: string): string[] {
    const wanted = canonicalName(name);
    let values: string[] = [];
    for (let i = 0; i < this.names.length; i++) {
      if (this.names[i] !== wanted) continue;
      const more = splitValues(this.values[i] as string);
      values = values.length === 0 ? more : values.concat(more);
    }
    return values;
  }

  /** Whether a comma-separated list of tokens (Supported, Require, Allow) contains `token`. */
  lists(name: string, token: string): boolean {
    const values = this.headerValues(name);
    if (values.length === 0) return false;
    const wanted = token.toLowerCase();
    return values.some((value) => value.toLowerCase() === wanted);
  }

  get callId(): string {
    return this.header('Call-ID') ?? '';
  }

  get hasReadableFrom(): boolean {
    this.parsedFrom ??= parseAddress(this.header('From') ?? '');
    return this.parsedFrom !== undefined;
  }

  get hasReadableTo(): boolean {
    this.parsedTo ??= parseAddress(this.header('To') ?? '');
    return this.parsedTo !== undefined;
  }

  /** The parser lets no message pass whose From cannot be read. */
  get from(): NameAddress {
    if (!this.hasReadableFrom) throw new Error('From was read before it was known to be well formed.');
    return this.parsedFrom as NameAddress;
  }

  /** The parser lets no message pass whose To cannot be read. */
  get to(): NameAddress {
    if (!this.hasReadableTo) throw new Error('To was read before it was known to be well formed.');
    return this.parsedTo as NameAddress;
  }

  get fromTag(): string | undefined {
    return this.from.parameters.get('tag');
  }

  get toTag(): string | undefined {
    return this.to.parameters.get('tag');
  }

  /** The number of CSeq. */
  get sequence(): number {
    return this.readSequence()?.number ?? 0;
  }

  /** The method of CSeq, or '' when there is none. */
  get sequenceMethod(): string {
    return this.readSequence()?.method ?? '';
  }

  private readSequence(): { number: number; method: string } | undefined {
    this.parsedSequence ??= parseSequence(this.header('CSeq') ?? '');
    return this.parsedSequence;
  }

  /** Top Via, or undefined when it is missing or malformed. */
  get via(): Via | undefined {
    return this.topVia()?.via;
  }

  /** Takes the top Via that the parser has read while it passed; `end` is counted from the start of the value. */
  adoptTopVia(parsed: { via: Via; end: number } | undefined): void {
    this.parsedVia = parsed;
  }

  private topVia(): { via: Via; end: number } | undefined {
    this.parsedVia ??= parseVia(this.header('Via') ?? '');
    return this.parsedVia;
  }

  /** Rewrites the top Via, keeping others on the same line. */
  replaceTopVia(via: Via): void {
    const top = this.topVia();
    const index = this.names.indexOf('Via');
    if (top === undefined || index < 0) return;
    const rest = (this.values[index] as string).slice(top.end);
    const text = writeVia(via);
    this.values[index] = text + rest;
    this.parsedVia = { via, end: text.length };
  }

  /** Whether each line that holds several Via values can be cut into them; stray commas make it ambiguous. */
  get hasReadableViaLines(): boolean {
    for (let i = 0; i < this.names.length; i++) {
      const value = this.values[i] as string;
      if (this.names[i] !== 'Via' || value.indexOf(',') < 0) continue;
      if (!splitValues(value).every((part) => parseVia(part) !== undefined)) return false;
    }
    return true;
  }

  /** Lets go of the body and of every header line but those of these canonical names. */
  keepOnly(names: readonly string[]): void {
    let kept = 0;
    for (let i = 0; i < this.names.length; i++) {
      const name = this.names[i] as string;
      if (!names.includes(name)) continue;
      this.names[kept] = name;
      this.values[kept] = this.values[i] as string;
      kept++;
    }
    this.names.length = kept;
    this.values.length = kept;
    this.body = emptyBody;
    this.parsedVia = undefined;
    this.parsedFrom = undefined;
    this.parsedTo = undefined;
  }

  /** How many Via values there are. */
  get viaCount(): number {
    return this.headerValues('Via').length;
  }

  get contentType(): string | undefined {
    return this.header('Content-Type');
  }
}

/** A SIP request (RFC 3261 §7.1). */
export class SipRequest extends SipMessage {
  readonly kind = 'request' as const;
  readonly method: string;
  /** The Request-URI as it stands. */
  readonly uriText: string;
  private parsedUri: SipUri | undefined | null = null;

  constructor(method: string, uriText: string) {
    super();
    this.method = method;
    this.uriText = uriText;
  }

  /** The Request-URI; undefined when it is not a well-formed sip, sips or tel URI. */
  get uri(): SipUri | undefined {
    if (this.parsedUri === null) this.parsedUri = parseUri(this.uriText);
    return this.parsedUri;
  }
}

/** A SIP response (RFC 3261 §7.2). */
export class SipResponse extends SipMessage {
  readonly kind = 'response' as const;
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string) {
    super();
    this.status = status;
    this.reason = reason;
  }

  /** The method of the request that this answers. */
  get method(): string {
    return this.sequenceMethod;
  }
}

/** Reads `CSeq: 314159 INVITE`; undefined when malformed or not below 2^31 (RFC 3261 §8.1.1.5). */
export function parseSequence(text: string): { number: number; method: string } | undefined {
  let digitsEnd = 0;
  while (digitsEnd < text.length && text.charCodeAt(digitsEnd) > 32) digitsEnd++;
  const methodStart = skipBlanks(text, digitsEnd);
  const number = readDigits(text, 0, digitsEnd);
  if (number < 0 || number >= 2_147_483_648 || !isToken(text, methodStart)) return undefined;
  return { number, method: text.slice(methodStart) };
}

/** Replaces what would end a header line. */
export function cleanValue(value: string): string {
  return /[\r\n\0]/.test(value) ? value.replaceAll(/[\r\n\0]+/g, ' ').trim() : value;
}
