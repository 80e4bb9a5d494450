import { equalUris, parseAddress, readDigits, type SipResponse, type SipUri } from '../message/index.ts';

/** What a 2xx to REGISTER grants. */
export type Grant = {
  expiresSeconds: number;
  serviceRoute: string[];
  path: string[];
  isOutbound: boolean;
  flowTimerSeconds: number | undefined;
};

/** Most values of a header that are kept. */
const valuesMax = 20;

/**
 * Reads a 2xx (RFC 3261 §10.2.4). The lifetime is that of our contact; a registrar that rewrites the contact, behind NAT
 * for instance, is believed when it names only one. Undefined when our contact is not among those registered.
 */
export function readGrant(
  response: SipResponse,
  contact: SipUri | undefined,
  instanceId: string | undefined,
  askedSeconds: number,
): Grant | undefined {
  const contacts = response.headerValues('Contact').flatMap((value) => parseAddress(value) ?? []);
  const isOurs = (uri: SipUri | undefined): boolean =>
    uri !== undefined && contact !== undefined && equalUris(uri, contact);
  const ours =
    contacts.find((address) => isOurs(address.uri)) ??
    contacts.find(
      (address) => instanceId !== undefined && address.parameters.get('+sip.instance') === instanceId,
    ) ??
    (contacts.length === 1 ? contacts[0] : undefined);
  // Some registrars name no contact at all; only a list without ours says that we are not registered.
  if (ours === undefined && contacts.length > 0) return undefined;
  const named = readSeconds(ours?.parameters.get('expires')) ?? readSeconds(response.header('Expires'));
  return {
    expiresSeconds: named ?? askedSeconds,
    serviceRoute: response.headerValues('Service-Route').slice(0, valuesMax),
    path: response.headerValues('Path').slice(0, valuesMax),
    isOutbound: response.lists('Require', 'outbound'),
    flowTimerSeconds: readSeconds(response.header('Flow-Timer')),
  };
}

/** Delta-seconds; a comment or parameter may follow (RFC 3261 §20.33). Undefined when missing or malformed. */
export function readSeconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = readDigits(/^\s*(\d*)/.exec(text)?.[1] ?? '');
  return seconds < 0 ? undefined : seconds;
}
