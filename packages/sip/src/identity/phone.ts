import { parseAddress, type NameAddress, type SipUri } from '../message/index.ts';
import type { Party, PhoneNumber } from './types.ts';

/** A number, its separators included, may have this many characters. */
const numberLengthMax = 64;

/**
 * The telephone number of a `tel:` URI, of a `sip:` URI with `user=phone` (RFC 3261 §19.1.6), or of one whose user part
 * looks like a number. Undefined when the user part is a name.
 */
export function phoneOf(uri: SipUri): PhoneNumber | undefined {
  if (uri.user === undefined) return undefined;
  const [subscriber = '', ...parts] = uri.user.split(';');
  const isPhone = uri.scheme === 'tel' || uri.parameters.get('user')?.toLowerCase() === 'phone';
  // Hexadecimal digits belong to local numbers (RFC 3966 §3), but `cafe` without `user=phone` is a name.
  const pattern = isPhone ? /^\+?[0-9a-f*#().-]+$/i : /^\+?[0-9*#().-]+$/;
  if (subscriber.length > numberLengthMax || !pattern.test(subscriber)) return undefined;
  const number = subscriber.replaceAll(/[().-]/g, '');
  if (!/[0-9*#]/.test(number)) return undefined;
  const parameter = (name: string): string | undefined =>
    uri.scheme === 'tel' ? uri.parameters.get(name) : partOf(parts, name);
  const phone: PhoneNumber = { number, isGlobal: number.startsWith('+') };
  const context = parameter('phone-context');
  const extension = parameter('ext');
  if (context !== undefined && !phone.isGlobal) phone.context = context;
  if (extension !== undefined && extension !== '') phone.extension = extension.replaceAll(/[().-]/g, '');
  return phone;
}

/**
 * What somebody has dialled, or who calls: the number without the parameters that carriers write behind it in the user part
 * (`+420222;npdi;rn=…`, `+420222;cpc=ordinary`; RFC 3261 §19.1.6, RFC 4694), else the user part as it stands; '' without one.
 */
export function numberOrUserOf(uri: SipUri | undefined): string {
  if (uri?.user === undefined) return '';
  return phoneOf(uri)?.number ?? uri.user;
}

function partOf(parts: readonly string[], name: string): string | undefined {
  const prefix = `${name}=`;
  const found = parts.find((part) => part.slice(0, prefix.length).toLowerCase() === prefix);
  return found?.slice(prefix.length);
}

/** What an address says of somebody. A display name that merely repeats the URI says nothing. */
export function partyOf({ uri, uriText, displayName }: NameAddress): Party {
  const isHidden = uri === undefined || isAnonymous(uri);
  const phone = isHidden ? undefined : phoneOf(uri);
  const user = isHidden ? undefined : (phone?.number ?? uri.user);
  const shown = displayName?.trim();
  const isName = shown !== undefined && shown !== '' && shown !== user && !/^anonymous$/i.test(shown);
  return { user, phone, displayName: isName ? shown : undefined, uri: uriText };
}

/** A value of a header that names a party; undefined when it is malformed or no SIP or tel URI. */
export function readParty(value: string): { party: Party; address: NameAddress } | undefined {
  const address = parseAddress(value);
  return address?.uri === undefined ? undefined : { party: partyOf(address), address };
}

/** RFC 3323 §4.1.1.3, and the words that gateways write instead. */
function isAnonymous({ user, host, scheme }: SipUri): boolean {
  if (scheme === 'tel') return false;
  if (user === undefined || host.endsWith('.invalid')) return true;
  return /^(anonymous|unknown|unavailable|restricted|private)$/i.test(user);
}
