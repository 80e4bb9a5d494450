import type { LegId, Verdict } from '@crosspoint/contracts';
import type { LegEnd, LegView } from './door.ts';
import type { Contact, Leg } from './model.ts';
import { legVerdict } from './verdict.ts';

/** The carrier confirms a hang-up within its own transaction time-outs (32 s, RFC 3261 §17.1); later it never will. */
const hangUpConfirmMaxMs = 40_000;

type NewLeg = Pick<Leg, 'id' | 'party' | 'agentId' | 'offerId' | 'address' | 'isIncoming'>;

export function addLeg(contact: Contact, { id, party, agentId, offerId, address, isIncoming }: NewLeg): Leg {
  const leg: Leg = {
    id,
    party,
    agentId,
    offerId,
    address,
    isIncoming,
    startedAt: contact.now,
    phase: 'ringing',
    wasUp: false,
    held: false,
    muted: false,
    playing: null,
    verdict: null,
    shown: 'ringing',
    since: contact.now,
  };
  contact.legs.set(id, leg);
  contact.isTouched = true;
  const agent = agentId === null ? {} : { agentId };
  contact.fact({ type: 'leg.added', data: { legId: id, party, address, ...agent } });
  return leg;
}

/** Ends a leg from our side: a call that rings is cancelled or refused, one that is up is hung up. Idempotent. */
export function hangUp(contact: Contact, leg: Leg, verdict: Verdict): void {
  if (leg.phase === 'ending') return;
  if (leg.isIncoming && leg.phase === 'ringing') {
    reject(contact, leg, verdict.result === 'failed' ? 500 : 480, verdict.reason);
    return;
  }
  leg.phase = 'ending';
  leg.verdict = verdict;
  clearLegTimers(contact, leg);
  const code = leg.wasUp ? 200 : 487;
  contact.emit({ type: 'leg.hangup', legId: leg.id, code, reason: verdict.reason });
  contact.setTimer(`hangup:${leg.id}`, hangUpConfirmMaxMs);
}

/** Refuses a caller who has not been answered. The leg is over with it: the carrier reports nothing more. */
export function reject(contact: Contact, leg: Leg, code: number, reason: string): void {
  leg.phase = 'ending';
  leg.verdict = { result: 'rejected', reason: `sip-${code}` };
  contact.emit({ type: 'leg.reject', legId: leg.id, code, reason });
  removeLeg(contact, leg, { code, reason, by: 'local' });
}

/** The carrier says that the leg is over: nothing of it is left. */
export function removeLeg(contact: Contact, leg: Leg, end: LegEnd): void {
  contact.legs.delete(leg.id);
  contact.isTouched = true;
  clearLegTimers(contact, leg);
  contact.clearTimer(`hangup:${leg.id}`);
  contact.fact({
    type: 'leg.ended',
    data: { legId: leg.id, party: leg.party, by: end.by, verdict: legVerdict(leg, end) },
  });
}

/** An answer for a leg that is over for us, such as one that crossed our CANCEL: release it at once (rule 6). */
export function releaseLate(contact: Contact, legId: LegId): void {
  contact.emit({ type: 'leg.hangup', legId, code: 200, reason: 'too-late' });
}

export function agentLegs(contact: Contact): Leg[] {
  return [...contact.legs.values()].filter((leg) => leg.party === 'agent');
}

/** What the board shows of the leg. */
export function legState(contact: Contact, leg: Leg): LegView['state'] {
  if (leg.phase === 'ending') return 'ending';
  if (leg.phase !== 'up') return 'ringing';
  const { stage } = contact;
  const guest = contact.guests.get(leg.id);
  if (guest !== undefined && guest.supervision === null) {
    const isAlone = guest.place === 'consult' && stage.kind === 'talking' && stage.talk.focus === 'customer';
    return guest.held || isAlone ? 'hold' : 'talking';
  }
  if (guest !== undefined) return 'talking';
  if (stage.kind === 'talking') return stage.talk.heldSince === null ? 'talking' : 'hold';
  if (stage.kind === 'flow' && contact.seat?.state === 'present') return 'talking';
  if (stage.kind === 'transferring' || stage.kind === 'flow') return 'waiting';
  const awaits = stage.kind === 'waiting' || stage.kind === 'entering' || stage.kind === 'dialling';
  return awaits ? 'waiting' : 'ending';
}

function clearLegTimers(contact: Contact, leg: Leg): void {
  contact.clearTimer(`answer:${leg.id}`);
  contact.clearTimer(`ring:${leg.id}`);
  contact.clearTimer(`claim:${leg.id}`);
}
