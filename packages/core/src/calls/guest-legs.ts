import { partyAnswered, partyGone } from './conference.ts';
import { consultAnswered, consultGone } from './consult.ts';
import type { LegEnd } from './door.ts';
import { dismiss } from './guests.ts';
import { hangUp } from './leg.ts';
import type { Contact, Guest } from './model.ts';
import { applySound } from './sound.ts';
import { supervisorAnswered } from './supervision.ts';
import { updateTalk } from './talk.ts';
import { transferAnswered, transferFailed } from './transfer.ts';

/** What a carrier reports of a leg that was called into the contact. */
export function guestRings(contact: Contact, guest: Guest): void {
  if (guest.leg.phase !== 'ringing') return;
  guest.isRinging = true;
  applySound(contact);
}

export function guestAnswered(contact: Contact, guest: Guest): void {
  const { stage } = contact;
  if (guest.leg.phase !== 'ringing') return;
  if (stage.kind === 'transferring') return transferAnswered(contact, guest);
  if (stage.kind !== 'talking') return dismiss(contact, guest, 'too-late');
  if (guest.supervision !== null) return supervisorAnswered(contact, stage.talk, guest);
  if (guest.place === 'consult') return consultAnswered(contact, stage.talk, guest);
  partyAnswered(contact, stage.talk, guest);
}

export function guestGone(contact: Contact, guest: Guest, end: LegEnd): void {
  const { stage } = contact;
  if (stage.kind === 'transferring') return transferFailed(contact, guest, end);
  if (stage.kind !== 'talking') return;
  if (guest.place === 'consult') return consultGone(contact, stage.talk, guest, end);
  partyGone(contact, stage.talk, guest, end);
}

/** Nobody answered in time. */
export function guestTimedOut(contact: Contact, guest: Guest): void {
  hangUp(contact, guest.leg, { result: 'no-answer', reason: 'timed-out' });
  guestGone(contact, guest, { code: 0, reason: 'no-answer', by: 'timeout' });
}

/** A guest is hung up by command. */
export function hangUpGuest(contact: Contact, guest: Guest, reason: string): void {
  const { stage } = contact;
  if (stage.kind === 'transferring') {
    hangUp(contact, guest.leg, { result: 'cancelled', reason });
    return transferFailed(contact, guest, { code: 0, reason, by: 'local' });
  }
  if (stage.kind === 'talking' && guest.place === 'consult') stage.talk.focus = 'customer';
  dismiss(contact, guest, reason);
  if (stage.kind === 'talking') updateTalk(contact, stage.talk);
}
