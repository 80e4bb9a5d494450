import { cleanValue, makeAddress, noParameters, writeAddress, writeUri } from '../message/index.ts';
import type { Diversion } from './types.ts';

/** How a peer wants to be told who calls; `none`: by From alone. */
export type IdentityStyle = 'P-Asserted-Identity' | 'P-Preferred-Identity' | 'Remote-Party-ID' | 'none';

/** Who calls, in a request of ours. */
export type OutgoingIdentity = {
  /** Number or name: the user part. */
  user: string;
  displayName?: string | undefined;
  /** Host part of the address: our domain at the peer. */
  domain: string;
  style: IdentityStyle;
  /** The caller does not want to be shown: From is anonymous, and the identity goes with `Privacy: id`. */
  isPrivate?: boolean | undefined;
};

/** The From value (without tag), and the headers that go with it. */
export type WrittenIdentity = { from: string; headers: Array<[name: string, value: string]> };

/** Writes who calls (RFC 3323 §4.1.1.3, RFC 3325 §9, RFC 3261 §19.1.6). */
export function writeIdentity(identity: OutgoingIdentity): WrittenIdentity {
  const { user, displayName, domain, style, isPrivate = false } = identity;
  const address = addressOf(user, domain, displayName);
  const from = isPrivate ? '"Anonymous" <sip:anonymous@anonymous.invalid>' : address;
  const headers: Array<[string, string]> = [];
  if (style === 'Remote-Party-ID') {
    headers.push([style, `${address};party=calling;screen=yes;privacy=${isPrivate ? 'full' : 'off'}`]);
  } else if (style !== 'none') headers.push([style, address]);
  if (isPrivate) headers.push(['Privacy', style === 'P-Asserted-Identity' ? 'id' : 'user;id']);
  return { from, headers };
}

/** Global numbers are marked as such, so that nobody takes them for names (RFC 3261 §19.1.6). */
function addressOf(user: string, domain: string, displayName: string | undefined): string {
  const parameters = /^\+\d+$/.test(user) ? new Map([['user', 'phone']]) : noParameters;
  const uri = writeUri({
    scheme: 'sip',
    user: cleanValue(user),
    password: undefined,
    host: domain,
    port: undefined,
    parameters,
    headers: undefined,
  });
  return writeAddress(makeAddress(uri, displayName));
}

/** What is told of a diversion of ours. */
export type OutgoingDiversion = Pick<Diversion, 'reason' | 'count' | 'isPrivate'> & {
  user: string;
  displayName?: string | undefined;
};

/** Diversion values (RFC 5806 §5), one per diversion, the last one first. */
export function writeDiversions(diversions: readonly OutgoingDiversion[], domain: string): string[] {
  return diversions.map(({ user, displayName, reason, count, isPrivate }) => {
    const privacy = isPrivate ? 'full' : 'off';
    return `${addressOf(user, domain, displayName)};reason=${reason};counter=${count};privacy=${privacy}`;
  });
}

/** RFC 7544 §5: the cause that stands for a reason. */
const causes: Record<Diversion['reason'], number> = {
  unknown: 404,
  'user-busy': 486,
  'no-answer': 408,
  unavailable: 503,
  unconditional: 302,
  'time-of-day': 404,
  'do-not-disturb': 404,
  deflection: 480,
  'follow-me': 404,
  'out-of-service': 404,
  away: 404,
};

/**
 * History-Info values (RFC 7044 §5, RFC 7544) that say the same: who was dialled first, each target of a diversion, and
 * `target`, whom the call goes to now. `diversions` has the last one first.
 */
export function writeHistory(
  diversions: readonly OutgoingDiversion[],
  target: string,
  domain: string,
): string[] {
  const stages = diversions.toReversed();
  const users = [...stages.map(({ user }) => user), target];
  let index = '1';
  return users.map((user, i) => {
    const before = stages[i - 1];
    const isPrivate = stages[i]?.isPrivate === true;
    const cause = before === undefined ? '' : `;cause=${causes[before.reason]}`;
    const address = addressOf(user, domain, undefined).slice(1, -1);
    const mapped = before === undefined ? '' : `;mp=${index}`;
    if (before !== undefined) index += '.1';
    return `<${address}${cause}${isPrivate ? '?Privacy=history' : ''}>;index=${index}${mapped}`;
  });
}
