import type { SipRequest } from '../message/index.ts';
import { readDiversions } from './diversion.ts';
import { partyOf, readParty } from './phone.ts';
import type { CallerIdentity, IdentitySource, Party } from './types.ts';

/** RFC 3325 §9.1: one SIP and one tel URI at most; more are not looked at. */
const identitiesMax = 2;

/**
 * Who calls (RFC 3323, RFC 3325). From a peer that is `trusted` to have verified it, P-Asserted-Identity counts, else
 * Remote-Party-ID, else P-Preferred-Identity; from others only From, which anybody can write. Privacy is honoured from
 * everybody. Malformed headers are passed over.
 */
export function identityOf(request: SipRequest, { trusted }: { trusted: boolean }): CallerIdentity {
  const from = partyOf(request.from);
  const privacy = request.headerValues('Privacy').flatMap((value) =>
    value
      .toLowerCase()
      .split(';')
      .map((word) => word.trim())
      .filter((word) => word !== ''),
  );
  const remoteParty = readRemoteParty(request);
  const best = trusted ? asserted(request, remoteParty?.party) : undefined;
  const asksForPrivacy = privacy.some((word) => word === 'id' || word === 'user' || word === 'header');
  return {
    caller: best?.party ?? from,
    source: best?.source ?? 'From',
    isVerified: best !== undefined && best.source !== 'P-Preferred-Identity',
    isPrivate: asksForPrivacy || from.user === undefined || remoteParty?.isPrivate === true,
    privacy,
    from,
    ...readDiversions(request),
  };
}

function asserted(
  request: SipRequest,
  remoteParty: Party | undefined,
): { party: Party; source: IdentitySource } | undefined {
  const party = firstOf(request, 'P-Asserted-Identity');
  if (party !== undefined) return { party, source: 'P-Asserted-Identity' };
  if (remoteParty !== undefined) return { party: remoteParty, source: 'Remote-Party-ID' };
  const preferred = firstOf(request, 'P-Preferred-Identity');
  return preferred && { party: preferred, source: 'P-Preferred-Identity' };
}

/** The identity with a global number, else with any, else the first; a name given by the other one is taken over. */
function firstOf(
  request: SipRequest,
  name: 'P-Asserted-Identity' | 'P-Preferred-Identity',
): Party | undefined {
  const parties = request
    .headerValues(name)
    .slice(0, identitiesMax)
    .flatMap((value) => readParty(value)?.party ?? []);
  const best =
    parties.find(({ phone }) => phone?.isGlobal === true) ??
    parties.find(({ phone }) => phone !== undefined) ??
    parties[0];
  if (best === undefined) return undefined;
  return {
    ...best,
    displayName: best.displayName ?? parties.find((party) => party.displayName)?.displayName,
  };
}

/** Remote-Party-ID (draft-ietf-sip-privacy-04 §5): what it says of the caller. */
function readRemoteParty(request: SipRequest): { party: Party; isPrivate: boolean } | undefined {
  for (const value of request.headerValues('Remote-Party-ID').slice(0, identitiesMax)) {
    const read = readParty(value);
    if (read === undefined) continue;
    const { parameters } = read.address;
    if ((parameters.get('party')?.toLowerCase() ?? 'calling') !== 'calling') continue;
    const privacy = parameters.get('privacy')?.toLowerCase() ?? 'off';
    return { party: read.party, isPrivate: privacy === 'full' || privacy === 'uri' };
  }
  return undefined;
}
