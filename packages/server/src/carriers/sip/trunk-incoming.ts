import {
  type CallerIdentity,
  identityOf,
  numberOrUserOf,
  parseAddress,
  type SipRequest,
} from '@crosspoint/sip';
import type { Diversion } from '../door.ts';
import { shownName, shownNumber } from './caller-text.ts';
import type { SipTrunk } from './trunk.ts';
import { isAnonymous, numberFromProvider } from './trunk-numbers.ts';

/** Who calls whom, as a provider tells it, in the house's own form of numbers. */
export interface TrunkCall {
  number: string;
  /** Empty when the caller is not shown. */
  callerPhone: string;
  callerName: string;
  diversions: Diversion[];
}

/** More diversions than that tell nothing that a person wants to know. */
const diversionsMax = 5;

/** Reads an INVITE that came by a trunk. */
export function readTrunkCall(request: SipRequest, trunk: SipTrunk): TrunkCall {
  const { numbering, identity } = trunk.settings;
  const told = identityOf(request, { trusted: identity.trusted });
  const isHidden = hides(told, request);
  const user = told.caller.phone?.number ?? told.caller.user ?? '';
  return {
    number: numberFromProvider(calledNumber(request, trunk), numbering),
    callerPhone: isHidden ? '' : shownNumber(numberFromProvider(user, numbering)),
    callerName: isHidden ? '' : shownName(told.caller.displayName ?? ''),
    // Anybody can write these headers; they count where the provider is trusted.
    diversions: identity.trusted
      ? told.diversions.slice(0, diversionsMax).map(({ party, reason }) => ({
          number: shownNumber(numberFromProvider(party.phone?.number ?? party.user ?? '', numbering)),
          reason,
        }))
      : [],
  };
}

export function hidesCaller(request: SipRequest, trunk: SipTrunk): boolean {
  return hides(identityOf(request, { trusted: trunk.settings.identity.trusted }), request);
}

function hides(told: CallerIdentity, request: SipRequest): boolean {
  if (told.isPrivate) return true;
  return isAnonymous(told.caller.user ?? '', told.source === 'From' ? (request.from.uri?.host ?? '') : '');
}

/** A call to the Contact that we registered names the dialled number elsewhere. */
function calledNumber(request: SipRequest, trunk: SipTrunk): string {
  const dialled = numberOrUserOf(request.uri);
  if (dialled !== trunk.contactUser) return dialled;
  const called = request.header('P-Called-Party-ID');
  const named = numberOrUserOf(
    (called === undefined ? undefined : parseAddress(called)?.uri) ?? request.to.uri,
  );
  return named === trunk.contactUser ? (trunk.settings.register?.username ?? '') : named;
}
