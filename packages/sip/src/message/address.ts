import type { Parameters } from './parameters.ts';
import type { SipUri } from './uri.ts';
/** A name-addr or addr-spec with header parameters: From, To, Contact, Route (RFC 3261 §20.10). */
export type NameAddress = {
  /** Without quotes, unescaped. */
  displayName: string | undefined;
  /** The URI as it stands. */
  uriText: string;
  /** The parsed URI; undefined for a scheme that we do not read (mailto, urn). */
  uri: SipUri | undefined;
  parameters: Parameters;
};
/** Reads one address; undefined when it is malformed. */
export function parseAddress(text: string): NameAddress | undefined {
  void text;
  return undefined;
}
/** Writes `"Name" <uri>;parameters`. */
export function writeAddress(address: NameAddress): string {
  void address;
  return '';
}
