import type { ContactView, LegView } from './door.ts';
import type { Contact, Leg } from './model.ts';
import { isRecorded } from './talk.ts';

export function viewContact(contact: Contact): ContactView {
  const { id, number, callerPhone, callerName, callerAgentId, queueId } = contact;
  return {
    id,
    number,
    callerPhone,
    callerName,
    callerAgentId,
    queueId,
    locked: contact.isLocked,
    recorded: contact.stage.kind === 'talking' && isRecorded(contact, contact.stage.talk),
    recordingPaused: contact.stage.kind === 'talking' && contact.stage.talk.pausedSince !== null,
    conference: seatOf(contact),
    state: contactState(contact),
    legs: [...contact.legs.values()].map((leg) => ({
      legId: leg.id,
      party: leg.party,
      agentId: leg.agentId,
      offerId: leg.offerId,
      address: leg.address,
      state: leg.shown,
      role: roleOf(contact, leg),
      muted: leg.muted,
      supervision: contact.guests.get(leg.id)?.supervision?.mode ?? null,
      since: leg.since,
      startedAt: leg.startedAt,
    })),
  };
}

function seatOf({ seat }: Contact): ContactView['conference'] {
  if (seat === null) return null;
  const { segment: _segment, recordingId: _recordingId, ...shown } = seat;
  return shown;
}

function roleOf(contact: Contact, leg: Leg): LegView['role'] {
  const guest = contact.guests.get(leg.id);
  if (guest !== undefined) {
    if (guest.supervision !== null) return 'supervisor';
    return guest.place === 'consult' ? 'consulted' : 'party';
  }
  return leg === contact.customer ? 'customer' : 'agent';
}

export function contactState({ stage, seat, wrapUpPending }: Contact): ContactView['state'] {
  switch (stage.kind) {
    case 'flow':
      return seat === null ? 'arriving' : 'connected';
    case 'new':
    case 'entering':
      return 'arriving';
    case 'dialling':
    case 'calling-desk':
      return 'dialling';
    case 'waiting':
      return stage.offers.length === 0 ? 'waiting' : 'offered';
    case 'talking':
    case 'transferring':
      return 'connected';
    case 'leaving':
      return 'ended';
    case 'ended':
      return wrapUpPending ? 'wrap-up' : 'ended';
    case 'closed':
      return 'closed';
  }
}
