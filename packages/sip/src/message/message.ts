import type { NameAddress } from './address.ts';
import type { SipUri } from './uri.ts';
/** What a request and a response have in common. Header names are given in any case or compact form. */
export interface SipMessageView {
  readonly body: Uint8Array;
  /** First value line of a header as it stands, or undefined. */
  header(name: string): string | undefined;
  /** All value lines, top first. */
  headerLines(name: string): string[];
  /** All values of a comma-separated header, top first. */
  headerValues(name: string): string[];
  readonly callId: string;
  readonly from: NameAddress;
  readonly to: NameAddress;
  readonly sequence: number;
  readonly method: string;
  readonly contentType: string | undefined;
}
export interface SipRequest extends SipMessageView {
  readonly kind: 'request';
  /** The Request-URI as it stands, and parsed when it is sip, sips or tel. */
  readonly uriText: string;
  readonly uri: SipUri | undefined;
}
export interface SipResponse extends SipMessageView {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
}
