import type { Refusal, SipRequest } from '@crosspoint/sip';

const contactsMax = 5;
const contactCharsMax = 1_024;
const pathsMax = 10;
const pathCharsMax = 2_048;
const userAgentCharsMax = 256;

/**
 * What one REGISTER may leave in memory and in the database. A registered phone has been authenticated, but its password
 * may be in the wrong hands: ten bindings of each account, each of this size, are what it can cost.
 */
export function registrationRefusal(request: SipRequest): Refusal | undefined {
  const contacts = request.headerValues('Contact');
  if (contacts.length > contactsMax) return { status: 403, reason: `More Than ${contactsMax} Contacts` };
  if (contacts.some((contact) => contact.length > contactCharsMax))
    return { status: 400, reason: `Contact Longer Than ${contactCharsMax} Characters` };
  const paths = request.headerValues('Path');
  if (paths.length > pathsMax || paths.join().length > pathCharsMax)
    return { status: 400, reason: 'Path Too Long' };
  if ((request.header('User-Agent')?.length ?? 0) > userAgentCharsMax)
    return { status: 400, reason: `User-Agent Longer Than ${userAgentCharsMax} Characters` };
  return undefined;
}
