import { parseAddress, type SipRequest } from '../message/index.ts';
import { flowNumber, type RequestedContact } from './contacts.ts';

/**
 * What a REGISTER wants of outbound (RFC 5626 §6): `none`; `agreed`, its flow is to be used for calls to it; or why it
 * cannot be: `first-hop`, the first proxy does not keep flows (439); `too-many`, several flows in one request (400).
 */
export type OutboundWish = 'none' | 'agreed' | 'first-hop' | 'too-many';

export function readOutbound(request: SipRequest, contacts: readonly RequestedContact[]): OutboundWish {
  const flows = contacts.filter(
    (contact) => contact.expiresSeconds !== 0 && flowNumber(contact) !== undefined,
  );
  if (flows.length === 0 || !request.lists('Supported', 'outbound')) return 'none';
  if (contacts.length > 1) return 'too-many';
  if (request.viaCount <= 1) return 'agreed';
  // Each proxy puts its Path on top: the lowest one is that of the first hop.
  const firstHop = parseAddress(request.headerValues('Path').at(-1) ?? '');
  return firstHop?.uri?.parameters.has('ob') === true ? 'agreed' : 'first-hop';
}
