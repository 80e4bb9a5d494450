import type { Parameters } from './parameters.ts';
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

/** Reads a URI; undefined when it is not one of the three schemes or malformed. */
export function parseUri(text: string): SipUri | undefined {
  void text;
  return undefined;
}

/** Writes a URI, escaping what the grammar demands. */
export function writeUri(uri: SipUri): string {
  void uri;
  return '';
}
