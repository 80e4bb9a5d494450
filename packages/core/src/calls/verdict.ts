import type { Verdict } from '@crosspoint/contracts';
import type { LegEnd } from './door.ts';
import type { Leg } from './model.ts';

const busyCodes = new Set([486, 600]);
/** A person declined: 603 and 607 say so; phones answer 480 or 403 when "reject" is pressed (RFC 3261 §21). */
const rejectedCodes = new Set([403, 480, 603, 607]);

/** What the failure of an agent's leg means for the offer. A 480 that no person sent is a fault of the device. */
export function offerFailure({ code, by }: LegEnd): 'rejected' | 'busy' | 'failed' {
  if (by !== 'remote') return 'failed';
  if (busyCodes.has(code)) return 'busy';
  return rejectedCodes.has(code) ? 'rejected' : 'failed';
}

/** The verdict on a leg that is over: what we decided if we ended it, otherwise what the carrier reported. */
export function legVerdict(leg: Leg, end: LegEnd): Verdict {
  if (leg.verdict !== null) return leg.verdict;
  const reason = reasonCode(end);
  if (end.by === 'timeout' || end.by === 'transport') {
    return { result: leg.wasUp ? 'lost' : unansweredResult(end), reason };
  }
  if (leg.wasUp) return { result: 'completed', reason };
  if (end.code === 487) return { result: 'cancelled', reason };
  if (end.code === 408) return { result: 'no-answer', reason };
  const failure = offerFailure(end);
  return { result: failure, reason };
}

/** A stable code such as `sip-486`, or the carrier's own word when there is no failure code. */
export function reasonCode({ code, reason }: LegEnd): string {
  return code >= 300 ? `sip-${code}` : reason.slice(0, 64);
}

function unansweredResult({ by }: LegEnd): 'no-answer' | 'failed' {
  return by === 'timeout' ? 'no-answer' : 'failed';
}
