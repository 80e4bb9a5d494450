import type { SipEvent } from '@crosspoint/sip';

const nameMaxLength = 128;

/**
 * What concerns only the two next to each other: who must prove himself, what one of them supports, how long a session lasts.
 * Told to somebody further away it makes his telephone ask for a password or wait for what never comes.
 */
const isBetweenNeighbours = (code: number): boolean =>
  (code > 400 && code < 408 && code !== 403 && code !== 404) ||
  (code > 410 && code < 480 && code !== 433) ||
  (code > 480 && code < 484) ||
  (code > 488 && code < 500);

/** The code for a caller whose call was refused elsewhere with that code (RFC 3261 §16.7 item 6 does so with challenges). */
export function codeForCaller(code: number): number {
  return isBetweenNeighbours(code) ? 480 : code;
}

/**
 * A line for the log about a refusal that is no person's doing, with what can be done about it; undefined for what people and
 * their numbers bring about.
 */
export function refusalToLog(
  uri: string,
  { status, reason, cause, response }: Extract<SipEvent, { type: 'rejected' }>,
  isTrunk: boolean,
): string | undefined {
  const advice = adviceOn(status, isTrunk);
  if (cause !== 'remote' || advice === undefined) return undefined;
  const warning = response?.header('Warning');
  const said = [status, reason, ...(warning === undefined ? [] : [`(${warning})`])].join(' ');
  return `${uri.slice(0, nameMaxLength)} answered ${said.slice(0, 2 * nameMaxLength)}: ${advice}`;
}

function adviceOn(status: number, isTrunk: boolean): string | undefined {
  if (status < 400) {
    return isTrunk
      ? 'it sends the call to a host that is none of its own: name that one under "alternates" of the trunk'
      : 'telephones cannot send calls on: let flows, rules or overflow do it';
  }
  switch (status) {
    case 401:
    case 407:
      return isTrunk
        ? 'set user name and password of the trunk under "authentication", as the provider gave them'
        : 'switch off in the telephone that callers must authenticate';
    case 402:
    case 403:
      // A telephone says 403 when its person presses "reject".
      return isTrunk
        ? 'ask the provider about the account, the number shown and the number called'
        : undefined;
    case 415:
    case 488:
    case 606:
      return `switch on PCMA, PCMU, G722 or opus there; "srtp" of the ${isTrunk ? 'trunk' : 'endpoint'} says whether sound is encrypted`;
    case 420:
    case 421:
      return 'it demands an extension that is not served here: switch that off there';
    default:
      return status > 404 && isBetweenNeighbours(status)
        ? 'it does not accept the form of our call'
        : undefined;
  }
}
