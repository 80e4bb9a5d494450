import type { AgentId, ContactId, OfferId } from '@crosspoint/contracts';
import type { TenantCentre } from './centre.ts';

/** Rule 7: reality is looked at this often. */
export const reconcileIntervalMs = 5_000;

/**
 * Collects what exists outside of the distributor (contacts, ringing and talking agents' legs, devices) and hands it
 * to the machine, which repairs what it believes otherwise and reports each repair.
 */
export function reconcile(centre: TenantCentre, reachable: ReadonlySet<AgentId>): void {
  const { state, dispatcher } = centre;
  const ringing = new Set<OfferId>();
  const talking = new Map<ContactId, AgentId>();
  // Only contacts with an agent's leg have anything to say here; a thousand that wait are not asked.
  const staffed = new Set<ContactId>();
  for (const leg of state.legs.values()) if (leg.party === 'agent') staffed.add(leg.contactId);
  for (const contactId of staffed) {
    for (const leg of state.contacts.get(contactId)?.machine.view().legs ?? []) {
      // A call that no queue gave is none of the distributor's conversations.
      if (leg.agentId === null || leg.offerId === null) continue;
      // An agent who waits calls a customer back: the conversation is his already.
      const isConnected = leg.state === 'talking' || leg.state === 'hold' || leg.state === 'waiting';
      if (isConnected) talking.set(contactId, leg.agentId);
      else if (leg.state === 'ringing') ringing.add(leg.offerId);
    }
  }
  const { contacts } = state;
  dispatcher.toDistributor({ type: 'reality.seen', contacts, ringing, talking, reachable });
}
