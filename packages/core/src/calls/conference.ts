import type { ContactInput, Invitation, LegEnd } from './door.ts';
import {
  callGuest,
  dismiss,
  forgetGuest,
  guestEnd,
  guestIsUp,
  guestsMax,
  isHere,
  named,
  releaseAgent,
} from './guests.ts';
import type { Contact, Guest, Talk } from './model.ts';
import { consulted, parties } from './rooms.ts';
import { refuse, updateTalk } from './talk.ts';
import { passOn } from './consult.ts';
import { handOver, leaveTalk } from './transfer.ts';

type Input<Type extends ContactInput['type']> = Extract<ContactInput, { type: Type }>;

/** Calls one more party into the conversation; who is there goes on speaking meanwhile. */
export function inviteParty(contact: Contact, invitation: Invitation): void {
  const { stage } = contact;
  if (stage.kind !== 'talking' || !stage.talk.bridged) return refuse(contact, 'not-connected');
  if (contact.isLocked) return refuse(contact, 'locked');
  if (isHere(contact, invitation)) return refuse(contact, 'already-here');
  if (contact.guests.size >= guestsMax) return refuse(contact, 'conference-full');
  callGuest(contact, invitation, 'room');
}

/** Mutes a party, the agent or the customer, or lets a party wait with music. */
export function changeParty(contact: Contact, { legId, muted, held }: Input<'party.changed'>): void {
  const { stage } = contact;
  const leg = contact.legs.get(legId);
  if (stage.kind !== 'talking' || leg?.phase !== 'up') return refuse(contact, 'not-connected');
  const guest = contact.guests.get(legId);
  const isParty = guest?.place === 'room' && guest.supervision === null;
  if (held !== undefined && !isParty) return refuse(contact, 'not-a-party');
  if (muted !== undefined && muted !== leg.muted) {
    leg.muted = muted;
    contact.emit({ type: 'media.mute', legId, muted });
  }
  if (guest !== undefined && held !== undefined) guest.held = held;
  contact.isTouched = true;
  const state = { muted: leg.muted, held: guest?.held ?? false };
  contact.fact({ type: 'party.changed', data: { legId, ...state } });
  updateTalk(contact, stage.talk);
}

export function removeParty(contact: Contact, { legId }: Input<'party.removed'>): void {
  const { stage } = contact;
  const guest = contact.guests.get(legId);
  if (stage.kind !== 'talking' || guest === undefined) return refuse(contact, 'not-a-party');
  if (guest.place === 'consult') stage.talk.focus = 'customer';
  dismiss(contact, guest, 'removed');
  updateTalk(contact, stage.talk);
}

export function lockConference(contact: Contact, { locked }: Input<'conference.locked'>): void {
  if (contact.stage.kind !== 'talking') return refuse(contact, 'not-connected');
  if (contact.isLocked === locked) return refuse(contact, locked ? 'already-locked' : 'not-locked');
  contact.isLocked = locked;
  contact.isTouched = true;
  contact.fact({ type: 'conference.locked', data: { locked } });
}

/** The agent goes by command, and another party leads the conversation. */
export function leaveConference(contact: Contact): void {
  const { stage } = contact;
  if (stage.kind !== 'talking') return refuse(contact, 'not-connected');
  if (!withoutAgent(contact, stage.talk, 'left')) refuse(contact, 'nobody-else');
}

/**
 * The agent is out. Somebody who is consulted gets the customer, otherwise the first party, agents before numbers outside.
 * False when there is nobody.
 */
export function withoutAgent(contact: Contact, talk: Talk, reason: string): boolean {
  const others = parties(contact);
  const apart = consulted(contact);
  const next = others.find(({ target }) => target.kind === 'agent') ?? others[0];
  if (next === undefined) {
    if (apart === undefined || contact.customer?.phase !== 'up') return false;
    passOn(contact, talk, apart, reason);
    return true;
  }
  if (apart !== undefined) dismiss(contact, apart, reason);
  next.held = false;
  forgetGuest(contact, next, 'leads');
  leaveTalk(contact, talk, reason);
  handOver(contact, next, 'conference');
  return true;
}

export function partyAnswered(contact: Contact, talk: Talk, guest: Guest): void {
  guestIsUp(contact, guest);
  contact.fact({ type: 'party.joined', data: { legId: guest.leg.id, ...named(guest) } });
  updateTalk(contact, talk);
}

export function partyGone(contact: Contact, talk: Talk, guest: Guest, end: LegEnd): void {
  forgetGuest(contact, guest, guestEnd(guest.leg, end));
  releaseAgent(contact, guest.leg);
  updateTalk(contact, talk);
}
