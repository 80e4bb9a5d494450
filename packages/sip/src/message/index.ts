export { parseAddress, writeAddress, type NameAddress } from './address.ts';
export type { SipRequest, SipResponse } from './message.ts';
export type { Parameters } from './parameters.ts';
export { decodeUtf8, encodeUtf8 } from './text.ts';
export { parseUri, writeUri, type SipUri } from './uri.ts';
