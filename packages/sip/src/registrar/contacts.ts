import {
  equalUris,
  parseAddress,
  readDigits,
  type NameAddress,
  type SipRequest,
  type SipUri,
} from '../message/index.ts';
import type { Binding } from './types.ts';

/** One Contact of a REGISTER with the expiry it asks for. */
export type RequestedContact = {
  address: NameAddress;
  uri: SipUri;
  expiresSeconds: number | undefined;
  q: number;
};

export type RequestedContacts =
  | { kind: 'query' }
  | { kind: 'remove-all' }
  | { kind: 'update'; contacts: RequestedContact[] }
  | { kind: 'malformed'; reason: string };

/** Reads the Contact and Expires headers of a REGISTER (RFC 3261 §10.3 steps 6 and 7). */
export function readContacts(request: SipRequest): RequestedContacts {
  const values = request.headerValues('Contact');
  if (values.length === 0) return { kind: 'query' };
  const expiresHeader = readExpires(request.header('Expires'));
  if (values.includes('*')) {
    const isAlone = values.length === 1 && request.header('Expires')?.trim() === '0';
    return isAlone ? { kind: 'remove-all' } : { kind: 'malformed', reason: 'Contact * Needs Expires 0' };
  }
  const contacts: RequestedContact[] = [];
  for (const value of values) {
    const address = parseAddress(value);
    if (address?.uri === undefined) return { kind: 'malformed', reason: 'Malformed Contact' };
    const expiresSeconds = readExpires(address.parameters.get('expires')) ?? expiresHeader;
    contacts.push({
      address,
      uri: address.uri,
      expiresSeconds,
      q: readPreference(address.parameters.get('q')),
    });
  }
  return { kind: 'update', contacts };
}

/** A malformed expiry counts as none given; a huge one stays huge. */
function readExpires(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = readDigits(text.trim());
  return seconds < 0 ? undefined : seconds;
}

/** q is 0–1 with up to three decimals; anything else counts as 1. */
function readPreference(text: string | undefined): number {
  if (text === undefined || !/^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(text)) return 1;
  return Number(text);
}

/**
 * Whether a contact replaces a binding: the same instance and reg-id (RFC 5626 §6), else an equal URI. Two telephones behind
 * two NATs can have equal URIs; on one path it is one telephone, whose instance is new because it was installed anew.
 */
export function isSameContact(
  binding: Binding,
  bindingUri: SipUri | undefined,
  contact: RequestedContact,
  isSamePath: boolean,
): boolean {
  const instance = contact.address.parameters.get('+sip.instance');
  if (instance !== undefined && instance === binding.instanceId) {
    const registrationId = flowNumber(contact);
    if (registrationId !== undefined || binding.registrationId !== undefined)
      return registrationId === binding.registrationId;
  } else if (instance !== undefined && binding.instanceId !== undefined && !isSamePath) return false;
  return bindingUri !== undefined && equalUris(bindingUri, contact.uri);
}

/** The `reg-id` of a contact that names its instance too (RFC 5626 §4.2.1); undefined when it is none. */
export function flowNumber({ address }: RequestedContact): number | undefined {
  const text = address.parameters.get('reg-id') ?? '';
  if (!address.parameters.has('+sip.instance') || !/^[1-9]\d{0,9}$/.test(text)) return undefined;
  const number = Number(text);
  return number < 2 ** 31 ? number : undefined;
}
