import type { SipRequest } from '../message/index.ts';
import { readParty } from './phone.ts';
import type { Diversion, DiversionReason, Party } from './types.ts';

/** Most entries of a header that are read: a call diverted more often runs in circles. */
const entriesMax = 20;

const reasons = new Set<string>([
  'unknown',
  'user-busy',
  'no-answer',
  'unavailable',
  'unconditional',
  'time-of-day',
  'do-not-disturb',
  'deflection',
  'follow-me',
  'out-of-service',
  'away',
] satisfies DiversionReason[]);

/** RFC 4458 §2 and RFC 7544 §5: the causes that stand for a reason. */
const reasonsOfCauses = new Map<number, DiversionReason>([
  [302, 'unconditional'],
  [404, 'unknown'],
  [408, 'no-answer'],
  [480, 'deflection'],
  [486, 'user-busy'],
  [487, 'deflection'],
  [503, 'unavailable'],
]);

/** The diversions of a call, the last one first, and who was dialled first. */
export type DiversionHistory = { diversions: Diversion[]; originallyCalled: Party | undefined };

/** Reads Diversion (RFC 5806) or, when there is none, History-Info (RFC 7044). */
export function readDiversions(request: SipRequest): DiversionHistory {
  const diversions = request
    .headerValues('Diversion')
    .slice(0, entriesMax)
    .flatMap((value) => readDiversion(value) ?? []);
  if (diversions.length > 0) return { diversions, originallyCalled: diversions.at(-1)?.party };
  return readHistory(request);
}

function readDiversion(value: string): Diversion | undefined {
  const read = readParty(value);
  if (read === undefined) return undefined;
  const { parameters } = read.address;
  const reason = parameters.get('reason')?.toLowerCase() ?? 'unknown';
  const count = Number(parameters.get('counter') ?? 1);
  const privacy = parameters.get('privacy')?.toLowerCase() ?? 'off';
  return {
    party: read.party,
    // Reasons are a list that others may extend; what we do not know is unknown.
    reason: reasons.has(reason) ? (reason as DiversionReason) : 'unknown',
    count: Number.isInteger(count) && count >= 1 && count <= 100 ? count : 1,
    isPrivate: privacy !== 'off',
  };
}

/** One History-Info entry: a target that the request had. */
type Entry = {
  index: number[];
  party: Party;
  /** `mp`: another user was chosen; `rc`, `np`: only another way to the same one. */
  isOtherUser: boolean | undefined;
  /** Cause in the URI (RFC 4458): why the request came to this target. */
  causeOfThis: number | undefined;
  /** Reason in the URI's headers: why it left this target. */
  causeOfNext: number | undefined;
  isPrivate: boolean;
};

function readHistory(request: SipRequest): DiversionHistory {
  const isAllPrivate = request.lists('Privacy', 'history');
  const entries = request
    .headerValues('History-Info')
    .slice(0, entriesMax)
    .flatMap((value) => readEntry(value, isAllPrivate) ?? [])
    .sort(byIndex);
  const diversions: Diversion[] = [];
  for (let i = 1; i < entries.length; i++) {
    const before = entries[i - 1] as Entry;
    const entry = entries[i] as Entry;
    const cause = entry.causeOfThis ?? before.causeOfNext;
    // Without a word about it, an entry with a cause is a diversion, one without is routing.
    if (!(entry.isOtherUser ?? cause !== undefined)) continue;
    const reason = reasonsOfCauses.get(cause ?? 0) ?? 'unknown';
    diversions.unshift({ party: before.party, reason, count: 1, isPrivate: before.isPrivate });
  }
  return { diversions, originallyCalled: diversions.length === 0 ? undefined : entries[0]?.party };
}

function readEntry(value: string, isAllPrivate: boolean): Entry | undefined {
  const read = readParty(value);
  const uri = read?.address.uri;
  if (read === undefined || uri === undefined) return undefined;
  const { parameters } = read.address;
  const headers = unescapeHeaders(uri.headers ?? '');
  const isSameUser = parameters.has('rc') || parameters.has('np');
  return {
    index: (parameters.get('index') ?? '').split('.').map((part) => Number(part) || 0),
    party: read.party,
    isOtherUser: parameters.has('mp') ? true : isSameUser ? false : undefined,
    causeOfThis: readCause(uri.parameters.get('cause')),
    causeOfNext: readCause(/(?:^|&)reason=[^&]*?cause=(\d{3})/i.exec(headers)?.[1]),
    isPrivate: isAllPrivate || /(?:^|&)privacy=[^&]*history/i.test(headers),
  };
}

function readCause(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{3}$/.test(text) ? Number(text) : undefined;
}

function unescapeHeaders(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

function byIndex({ index: a }: Entry, { index: b }: Entry): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? -1) - (b[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}
