import type { Invitation, LegEnd } from './door.ts';
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
import { consulted } from './rooms.ts';
import { refuse, updateTalk } from './talk.ts';
import { awaitGuest, handOver, leaveTalk, noteTransfer } from './transfer.ts';

/** The customer hears music, and the agent speaks with somebody else in private. */
export function startConsult(contact: Contact, invitation: Invitation): void {
  const { stage } = contact;
  if (stage.kind !== 'talking' || !stage.talk.bridged) return refuse(contact, 'not-connected');
  if (consulted(contact) !== undefined) return refuse(contact, 'already-consulting');
  if (isHere(contact, invitation)) return refuse(contact, 'already-here');
  if (contact.guests.size >= guestsMax) return refuse(contact, 'conference-full');
  const { talk } = stage;
  contact.fact({
    type: 'consult.started',
    data: {
      legId: invitation.legId,
      ...(talk.agentId === null ? {} : { byAgentId: talk.agentId }),
      ...named(invitation),
    },
  });
  callGuest(contact, invitation, 'consult');
  talk.focus = 'consult';
  talk.heldByCommand = false;
  updateTalk(contact, talk);
}

/** The agent turns to the customer, or back to the one consulted. */
export function swapConsult(contact: Contact): void {
  const found = ongoing(contact);
  if (found === null) return;
  const { talk, guest } = found;
  if (guest.leg.phase !== 'up') return refuse(contact, 'not-connected');
  talk.focus = talk.focus === 'consult' ? 'customer' : 'consult';
  talk.heldByCommand = false;
  const other = talk.focus === 'consult' ? 'consulted' : 'customer';
  contact.fact({ type: 'consult.swapped', data: { with: other } });
  updateTalk(contact, talk);
}

/** The customer goes to the one consulted. One who still rings is waited for with music. */
export function completeConsult(contact: Contact): void {
  const found = ongoing(contact);
  if (found !== null) passOn(contact, found.talk, found.guest, 'transferred');
}

export function cancelConsult(contact: Contact): void {
  const found = ongoing(contact);
  if (found === null) return;
  found.talk.focus = 'customer';
  dismiss(contact, found.guest, 'cancelled');
  updateTalk(contact, found.talk);
}

/** All speak together: the warm way to hand a customer over. */
export function joinConsult(contact: Contact): void {
  const found = ongoing(contact);
  if (found === null) return;
  const { talk, guest } = found;
  if (guest.leg.phase !== 'up') return refuse(contact, 'not-connected');
  if (contact.isLocked) return refuse(contact, 'locked');
  const { leg } = guest;
  const talkMs = contact.now - (guest.since ?? contact.now);
  contact.fact({
    type: 'consult.ended',
    data: { legId: leg.id, result: 'joined', reason: 'joined', talkMs },
  });
  guest.place = 'room';
  guest.since = contact.now;
  contact.fact({ type: 'party.joined', data: { legId: leg.id, ...named(guest) } });
  talk.focus = 'customer';
  contact.isTouched = true;
  updateTalk(contact, talk);
}

/** The one consulted is there. */
export function consultAnswered(contact: Contact, talk: Talk, guest: Guest): void {
  guestIsUp(contact, guest);
  updateTalk(contact, talk);
}

/** The one consulted did not come, or went: the agent has the customer back at once. */
export function consultGone(contact: Contact, talk: Talk, guest: Guest, end: LegEnd): void {
  forgetGuest(contact, guest, guestEnd(guest.leg, end));
  releaseAgent(contact, guest.leg);
  talk.focus = 'customer';
  updateTalk(contact, talk);
}

/** The agent is out, by command or by hanging up; the customer goes to the one consulted. */
export function passOn(contact: Contact, talk: Talk, guest: Guest, reason: string): void {
  noteTransfer(contact, talk, 'attended', guest.target, guest.leg.id);
  // Whoever else takes part stays with the customer only in a conference, which has an agent of its own.
  for (const other of [...contact.guests.values()]) if (other !== guest) dismiss(contact, other, reason);
  const isUp = guest.leg.phase === 'up';
  forgetGuest(contact, guest, reason, 'transferred');
  leaveTalk(contact, talk, reason);
  if (isUp) {
    handOver(contact, guest, 'transfer');
    return;
  }
  contact.guests.set(guest.leg.id, guest);
  awaitGuest(contact, guest, null);
}

function ongoing(contact: Contact): { talk: Talk; guest: Guest } | null {
  const { stage } = contact;
  const guest = consulted(contact);
  if (stage.kind === 'talking' && guest !== undefined) return { talk: stage.talk, guest };
  refuse(contact, 'not-consulting');
  return null;
}
