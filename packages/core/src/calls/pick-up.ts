import { callFarEnd } from './dialling.ts';
import type { ContactInput, Invitation } from './door.ts';
import { callGuest, dismiss, isHere, named, releaseAgent } from './guests.ts';
import { hangUp } from './leg.ts';
import type { Contact, Guest, OutgoingCall } from './model.ts';
import { applySound } from './sound.ts';
import { refuse, updateTalk } from './talk.ts';

type PickUp = Extract<ContactInput, { type: 'leg.picked-up' }>;

const why = { result: 'cancelled', reason: 'picked-up' } as const;

/**
 * A colleague answers for somebody whose device rings: in a call between two, for one who is consulted, or for one to whom the
 * customer is sent. What a queue offers is for the distributor to give to somebody else, so it is refused here.
 */
export function pickUp(contact: Contact, { legId, invitation }: PickUp): void {
  const { stage } = contact;
  const guest = contact.guests.get(legId);
  if (isHere(contact, invitation)) return refuse(contact, 'already-here');
  if (guest !== undefined && guest.leg.phase === 'ringing' && guest.supervision === null) {
    return pickUpGuest(contact, guest, invitation);
  }
  const isFarEnd = stage.kind === 'dialling' && stage.call.farLegId === legId;
  if (!isFarEnd || stage.call.far.kind !== 'agent') return refuse(contact, 'not-ringing');
  pickUpFarEnd(contact, stage.call, invitation);
}

function pickUpGuest(contact: Contact, guest: Guest, invitation: Invitation): void {
  const { stage } = contact;
  const { place } = guest;
  if (stage.kind === 'transferring') {
    contact.guests.delete(guest.leg.id);
    hangUp(contact, guest.leg, why);
    releaseAgent(contact, guest.leg);
    const next = callGuest(contact, invitation, place, null, true);
    contact.stage = { kind: 'transferring', transfer: { ...stage.transfer, guest: next } };
    return applySound(contact);
  }
  dismiss(contact, guest, why.reason);
  if (place === 'consult' && stage.kind === 'talking') {
    const { agentId } = stage.talk;
    const by = agentId === null ? {} : { byAgentId: agentId };
    const { legId } = invitation;
    contact.fact({ type: 'consult.started', data: { legId, ...by, ...named(invitation) } });
  }
  callGuest(contact, invitation, place);
  if (stage.kind === 'talking') updateTalk(contact, stage.talk);
}

function pickUpFarEnd(contact: Contact, call: OutgoingCall, invitation: Invitation): void {
  const former = contact.legs.get(call.farLegId);
  if (former?.phase !== 'ringing') return refuse(contact, 'not-ringing');
  hangUp(contact, former, why);
  releaseAgent(contact, former);
  const { target: far, legId: farLegId, ringTimeoutMs } = invitation;
  const next = { ...call, far, farLegId, ringTimeoutMs };
  contact.stage = { kind: 'dialling', call: next };
  callFarEnd(contact, next);
}
