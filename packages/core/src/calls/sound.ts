import type { Contact, Leg, Talk } from './model.ts';
import { hasCompany, isApart, isAside, isCustomerHeld, supervisors } from './rooms.ts';

/** Gives each leg that is up what it is to hear now; a leg that hears its bridge has nothing played to it. */
export function applySound(contact: Contact): void {
  for (const leg of contact.legs.values()) {
    if (leg.phase !== 'up') continue;
    const wanted = wantedSound(contact, leg);
    if (wanted === leg.playing) continue;
    leg.playing = wanted;
    if (wanted === null) contact.emit({ type: 'media.stop', legId: leg.id });
    else contact.emit({ type: 'media.play', legId: leg.id, source: wanted });
  }
}

function wantedSound(contact: Contact, leg: Leg): Leg['playing'] {
  const { stage } = contact;
  if (stage.kind === 'waiting') return leg.party === 'customer' ? 'music' : null;
  if (stage.kind === 'dialling') return stage.call.isFarRinging && !stage.call.isEarly ? 'ringback' : null;
  if (stage.kind === 'transferring') return stage.transfer.guest.isRinging ? 'ringback' : 'music';
  // What a flow says is no matter of the contact.
  if (stage.kind === 'flow') return contact.seat?.state === 'waiting' ? 'music' : null;
  if (stage.kind !== 'talking') return leg.playing;
  return leg.id === contact.customer?.id
    ? customerSound(contact, stage.talk)
    : ownSound(contact, leg, stage.talk);
}

function customerSound(contact: Contact, talk: Talk): Leg['playing'] {
  return isCustomerHeld(contact, talk) ? 'music' : null;
}

function ownSound(contact: Contact, leg: Leg, talk: Talk): Leg['playing'] {
  const guest = contact.guests.get(leg.id);
  if (guest?.supervision != null) return null;
  if (guest?.place === 'consult') return talk.focus === 'customer' ? 'music' : null;
  if (guest !== undefined) return guest.held ? 'music' : null;
  if (leg.id !== talk.legId) return leg.playing;
  if (isApart(contact, talk)) {
    const ringing = [...contact.guests.values()].find(({ place }) => place === 'consult');
    return ringing?.leg.phase === 'ringing' && ringing.isRinging ? 'ringback' : null;
  }
  if (isAside(contact, talk)) return null;
  if (talk.heldByCommand) return 'silence';
  // Music would be heard instead of the supervisor who speaks to the agent.
  const isCoached = supervisors(contact).some(({ supervision }) => supervision?.mode !== 'listen');
  return talk.customerHolds && !hasCompany(contact) && !isCoached ? 'music' : null;
}
