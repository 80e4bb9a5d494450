import type { ContactView } from './door.ts';
import type { Contact } from './model.ts';

export function viewContact(contact: Contact): ContactView {
  const { id, number, callerPhone, callerName, queueId } = contact;
  return {
    id,
    number,
    callerPhone,
    callerName,
    queueId,
    state: contactState(contact),
    legs: [...contact.legs.values()].map((leg) => ({
      legId: leg.id,
      party: leg.party,
      agentId: leg.agentId,
      offerId: leg.offerId,
      address: leg.address,
      state: leg.shown,
      since: leg.since,
      startedAt: leg.startedAt,
    })),
  };
}

export function contactState({ stage, wrapUpPending }: Contact): ContactView['state'] {
  switch (stage.kind) {
    case 'new':
    case 'entering':
      return 'arriving';
    case 'dialling':
      return 'dialling';
    case 'waiting':
      return stage.offers.length === 0 ? 'waiting' : 'offered';
    case 'talking':
      return 'connected';
    case 'leaving':
      return 'ended';
    case 'ended':
      return wrapUpPending ? 'wrap-up' : 'ended';
    case 'closed':
      return 'closed';
  }
}
