import type { Contact, Leg } from './model.ts';

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

function wantedSound({ stage }: Contact, leg: Leg): Leg['playing'] {
  if (stage.kind === 'waiting') return leg.party === 'customer' ? 'music' : null;
  if (stage.kind === 'dialling') return stage.call.isFarRinging && !stage.call.isEarly ? 'ringback' : null;
  if (stage.kind !== 'talking') return leg.playing;
  const { heldByCommand, customerHolds, agentHolds } = stage.talk;
  if (leg.party === 'customer') return agentHolds ? 'music' : null;
  if (heldByCommand) return 'silence';
  return customerHolds ? 'music' : null;
}
