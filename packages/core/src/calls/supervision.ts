import type { ContactInput } from './door.ts';
import { callGuest, dismiss, forgetGuest, guestIsUp, guestsMax, isHere } from './guests.ts';
import type { Contact, Guest, Talk } from './model.ts';
import { refuse, updateTalk } from './talk.ts';
import { consulted } from './rooms.ts';
import { handOver, leaveTalk } from './transfer.ts';

type Input<Type extends ContactInput['type']> = Extract<ContactInput, { type: Type }>;

/** Calls a supervisor's device; it is attached when it answers. Nobody in the conversation hears anything of it. */
export function startSupervision(
  contact: Contact,
  { invitation, userId, mode }: Input<'supervision.requested'>,
): void {
  const { stage } = contact;
  if (stage.kind !== 'talking' || !stage.talk.bridged) return refuse(contact, 'not-connected');
  if (isHere(contact, invitation)) return refuse(contact, 'already-here');
  if (contact.guests.size >= guestsMax) return refuse(contact, 'conference-full');
  callGuest(contact, invitation, 'room', { userId, mode });
}

/** Rule 20: the mode changes in place, without a gap. */
export function changeSupervision(contact: Contact, { legId, mode }: Input<'supervision.changed'>): void {
  const { stage } = contact;
  const guest = contact.guests.get(legId);
  const supervision = guest?.supervision ?? null;
  if (stage.kind !== 'talking' || guest === undefined || supervision === null) {
    return refuse(contact, 'not-supervising');
  }
  if (supervision.mode === mode) return refuse(contact, 'already-so');
  supervision.mode = mode;
  contact.isTouched = true;
  if (guest.leg.phase !== 'up') return;
  if (mode === 'take-over') return takeOver(contact, stage.talk, guest);
  const { userId } = supervision;
  contact.fact({ type: 'supervision.changed', data: { legId, userId, mode } });
  updateTalk(contact, stage.talk);
}

export function supervisorAnswered(contact: Contact, talk: Talk, guest: Guest): void {
  guestIsUp(contact, guest);
  if (guest.supervision === null) return;
  const { userId, mode } = guest.supervision;
  if (mode === 'take-over') return takeOver(contact, talk, guest);
  contact.fact({ type: 'supervision.started', data: { legId: guest.leg.id, userId, mode } });
  updateTalk(contact, talk);
}

/** The supervisor has the customer, and the agent is out. */
function takeOver(contact: Contact, talk: Talk, guest: Guest): void {
  const apart = consulted(contact);
  if (apart !== undefined) dismiss(contact, apart, 'taken-over');
  forgetGuest(contact, guest, 'take-over');
  leaveTalk(contact, talk, 'taken-over');
  handOver(contact, guest, 'take-over');
}
