import { parseParameters, readDigits, type SipRequest, type SipResponse } from '../message/index.ts';

/** Who sends the refreshes, by the role in the transaction that says so (RFC 4028 §4). */
type Refresher = 'uac' | 'uas';

/** What we want of session timers, in seconds. */
export type SessionTimerPolicy = {
  /** The session interval that we offer, and the longest one that we agree to when the peer leaves the choice; 1,800. */
  intervalSeconds: number;
  /** The shortest interval that we agree to; 90, which is also the least value. */
  minSeconds: number;
};

/** A session interval that both sides have agreed upon. */
export type SessionInterval = { seconds: number; refresher: Refresher };

/** No Min-SE may be below this (RFC 4028 §4). */
const leastMinSeconds = 90;

/** Reads Session-Expires (RFC 4028 §4); undefined when it is missing or malformed. */
export function readSessionExpires(
  message: SipRequest | SipResponse,
): { seconds: number; refresher: Refresher | undefined } | undefined {
  const value = message.header('Session-Expires');
  if (value === undefined) return undefined;
  const semicolon = value.indexOf(';');
  const seconds = readDigits((semicolon < 0 ? value : value.slice(0, semicolon)).trim());
  if (seconds < 0) return undefined;
  const tail = semicolon < 0 ? undefined : parseParameters(value, semicolon);
  const refresher = tail?.parameters.get('refresher')?.toLowerCase();
  return { seconds, refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined };
}

/** Reads Min-SE (RFC 4028 §5), in seconds; 90 when it is missing, malformed or less. */
export function readMinSe(message: SipRequest | SipResponse): number {
  const value = message.header('Min-SE');
  const digits = value === undefined ? -1 : readDigits((value.split(';')[0] ?? '').trim());
  return Math.max(leastMinSeconds, digits);
}

/** What a UAS does about the timer of a request. */
export type TimerAnswer =
  /** Refuse with 422 and this Min-SE. */
  | { kind: 'too-small'; minSeconds: number }
  /** The session has no timer. */
  | { kind: 'none' }
  /** Put these headers into the 2xx. */
  | { kind: 'agreed'; interval: SessionInterval; headers: Array<[string, string]> };

/**
 * Decides about the timer of an INVITE, re-INVITE or UPDATE as its UAS (RFC 4028 §9). A peer that does not list
 * `timer` in Supported gets one only when a proxy asked for it, and then we refresh. `preferred` is the refresher
 * where the request leaves the choice.
 */
export function answerTimer(
  request: SipRequest,
  policy: SessionTimerPolicy | undefined,
  preferred: Refresher,
): TimerAnswer {
  if (policy === undefined) return { kind: 'none' };
  const isSupported = request.lists('Supported', 'timer') || request.lists('Require', 'timer');
  const asked = readSessionExpires(request);
  if (asked === undefined && !isSupported) return { kind: 'none' };
  if (asked !== undefined && asked.seconds < policy.minSeconds && isSupported)
    return { kind: 'too-small', minSeconds: policy.minSeconds };
  const peerMin = readMinSe(request);
  const wished = asked?.seconds ?? peerMin;
  // The interval asked for may be shortened down to the peer's Min-SE, never lengthened.
  const shortened = asked === undefined ? policy.intervalSeconds : Math.min(wished, policy.intervalSeconds);
  const seconds = Math.max(shortened, Math.min(peerMin, wished), leastMinSeconds);
  const refresher = isSupported ? (asked?.refresher ?? preferred) : 'uas';
  const headers: Array<[string, string]> = [['Session-Expires', `${seconds};refresher=${refresher}`]];
  if (isSupported) headers.push(['Require', 'timer']);
  return { kind: 'agreed', interval: { seconds, refresher }, headers };
}
