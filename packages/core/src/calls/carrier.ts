import type { ContactInput, LegEnd } from './door.ts';
import { deskAnswered, deskUnanswered } from './desk.ts';
import { agentReason, dialledLegAnswered, dialledLegGone, farEndProgressed, giveUp } from './dialling.ts';
import { endConversation, goneReason, leaveQueue } from './ending.ts';
import { withoutAgent } from './conference.ts';
import { beginFlow, leaveFlow } from './flow.ts';
import { guestAnswered, guestGone, guestRings, hangUpGuest } from './guest-legs.ts';
import { hangUp, releaseLate, removeLeg } from './leg.ts';
import { type Contact, type Leg, takeOffer } from './model.ts';
import { applySound } from './sound.ts';
import { surveyOrEnd } from './survey.ts';
import { connectSound, refuse, updateTalk } from './talk.ts';
import { customerGoneMeanwhile } from './transfer.ts';
import { offerFailure, reasonCode } from './verdict.ts';

/** What a carrier reports; legs that change hands are a matter of transfers. */
type LegInput = Exclude<
  Extract<ContactInput, { type: `leg.${string}` }>,
  { type: 'leg.adopted' | 'leg.surrendered' | 'leg.picked-up' }
>;

/** The distributor answers an acceptance within the same turn; it is awaited this long at most. */
const claimMaxMs = 5_000;
/** A caller who leans on the keypad does not fill the timeline. */
const digitFactsMax = 500;

/** What the carrier reports about a leg. Legs unknown here are released if they come up, and ignored otherwise. */
export function handleLeg(contact: Contact, input: LegInput): void {
  const leg = contact.legs.get(input.legId);
  if (leg === undefined) {
    if (input.type === 'leg.answered') releaseLate(contact, input.legId);
    return;
  }
  switch (input.type) {
    case 'leg.ringing':
    case 'leg.early-media': {
      const guest = contact.guests.get(leg.id);
      if (guest !== undefined) return guestRings(contact, guest);
      return farEndProgressed(contact, leg, input.type === 'leg.early-media');
    }
    case 'leg.answered':
      return legAnswered(contact, leg);
    case 'leg.failed':
    case 'leg.ended':
      return legGone(contact, leg, input.end);
    case 'leg.held':
    case 'leg.resumed':
      leg.held = input.type === 'leg.held';
      if (contact.stage.kind === 'talking') updateTalk(contact, contact.stage.talk);
      return;
    case 'leg.digit':
      return recordDigit(contact, leg, input.digit);
  }
}

/** The leg is over: what it means depends on whose it was and what it was doing. */
export function legGone(contact: Contact, leg: Leg, end: LegEnd): void {
  const { phase } = leg;
  removeLeg(contact, leg, end);
  const { stage } = contact;
  if (stage.kind === 'dialling') return dialledLegGone(contact, leg, stage.call, end);
  const guest = contact.guests.get(leg.id);
  if (guest !== undefined) return guestGone(contact, guest, end);
  if (leg.party === 'customer') {
    if (stage.kind === 'calling-desk') return deskUnanswered(contact, agentReason(end));
    customerGone(contact, goneReason('customer', end));
    return;
  }
  if (stage.kind === 'talking' && stage.talk.legId === leg.id) {
    const reason = goneReason('agent', end);
    if (withoutAgent(contact, stage.talk, reason)) return;
    if (reason === 'agent-hung-up') return surveyOrEnd(contact, stage.talk, reason);
    endConversation(contact, stage.talk, reason);
    return;
  }
  // In the phase `claiming` the acceptance is on its way; what the distributor makes of it decides.
  const offer = phase === 'ringing' ? takeOffer(contact, ({ legId }) => legId === leg.id) : undefined;
  if (offer === undefined) return;
  contact.emit({
    type: 'offer.failed',
    offerId: offer.offerId,
    result: offerFailure(end),
    reason: reasonCode(end),
  });
}

/** The leg is hung up by command of a person or the API. */
export function hangUpByCommand(contact: Contact, leg: Leg | undefined, reason: string): void {
  const { stage } = contact;
  if (leg === undefined || leg.phase === 'ending') return refuse(contact, 'unknown-leg');
  const guest = contact.guests.get(leg.id);
  if (guest !== undefined) return hangUpGuest(contact, guest, reason);
  if (stage.kind === 'talking') {
    if (leg.id === stage.talk.legId) {
      if (withoutAgent(contact, stage.talk, reason)) return;
      return surveyOrEnd(contact, stage.talk, reason);
    }
    return endConversation(contact, stage.talk, reason);
  }
  if (stage.kind === 'dialling') return giveUp(contact, reason);
  if (stage.kind === 'calling-desk') return deskUnanswered(contact, reason);
  const { phase } = leg;
  hangUp(contact, leg, { result: leg.wasUp ? 'completed' : 'cancelled', reason });
  if (leg.party === 'customer') return customerGone(contact, reason);
  const offer = phase === 'ringing' ? takeOffer(contact, ({ legId }) => legId === leg.id) : undefined;
  if (offer === undefined) return;
  contact.emit({ type: 'offer.failed', offerId: offer.offerId, result: 'rejected', reason });
}

export function customerGone(contact: Contact, reason: string): void {
  const { stage } = contact;
  if (stage.kind === 'entering' || stage.kind === 'waiting') leaveQueue(contact, reason);
  else if (stage.kind === 'talking') endConversation(contact, stage.talk, reason);
  else if (stage.kind === 'flow') leaveFlow(contact, reason);
  else if (stage.kind === 'transferring') customerGoneMeanwhile(contact, stage.transfer, reason);
}

function legAnswered(contact: Contact, leg: Leg): void {
  const { stage } = contact;
  if (leg.phase === 'answering') {
    leg.phase = 'up';
    leg.wasUp = true;
    contact.clearTimer(`answer:${leg.id}`);
    if (stage.kind === 'talking') connectSound(contact, stage.talk);
    else if (stage.kind === 'flow') beginFlow(contact, leg);
    else applySound(contact);
    return;
  }
  if (leg.phase === 'ending') {
    leg.wasUp = true;
    releaseLate(contact, leg.id);
    return;
  }
  const guest = contact.guests.get(leg.id);
  if (guest !== undefined) return guestAnswered(contact, guest);
  if (stage.kind === 'dialling') return dialledLegAnswered(contact, leg, stage.call);
  if (stage.kind === 'calling-desk') return deskAnswered(contact, leg);
  if (leg.phase !== 'ringing' || leg.offerId === null) return;
  if (stage.kind !== 'waiting' || stage.offers.every(({ legId }) => legId !== leg.id)) {
    hangUp(contact, leg, { result: 'cancelled', reason: 'too-late' });
    return;
  }
  leg.phase = 'claiming';
  leg.wasUp = true;
  contact.clearTimer(`ring:${leg.id}`);
  contact.setTimer(`claim:${leg.id}`, claimMaxMs);
  contact.emit({ type: 'offer.accepted', offerId: leg.offerId });
}

/** Digits keyed while people talk may be a card number: that they came is a fact, which they were is nobody's business. */
function recordDigit(contact: Contact, leg: Leg, digit: string): void {
  if (contact.stage.kind === 'closed' || contact.digits >= digitFactsMax) return;
  contact.digits += 1;
  const isPrivate = contact.stage.kind !== 'waiting' || leg.party === 'agent';
  contact.fact({
    type: 'digit.received',
    data: { legId: leg.id, party: leg.party, digit: isPrivate ? '' : digit.slice(0, 1) },
  });
}
