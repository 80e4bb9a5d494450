import type { AgentId, ContactId, OfferId } from '@crosspoint/contracts';
import type { TenantCentre } from './centre.ts';

/** Rule 7: reality is looked at this often. */
export const reconcileIntervalMs = 5_000;

/**
 * Collects what exists outside of the distributor (contacts, ringing and talking agents' legs, devices) and hands it
 * to the machine, which repairs what it believes otherwise and reports each repair.
 */
export function reconcile(centre: TenantCentre, reachable: (agentId: AgentId) => boolean): void {
  const { state, dispatcher } = centre;
  const ringing = new Set<OfferId>();
  const talking = new Map<ContactId, AgentId>();
  for (const contact of state.contacts.values()) {
    for (const leg of contact.machine.view().legs) {
      if (leg.agentId === null) continue;
      if (leg.state === 'talking' || leg.state === 'hold') talking.set(contact.id, leg.agentId);
      else if (leg.state === 'ringing' && leg.offerId !== null) ringing.add(leg.offerId);
    }
  }
  dispatcher.toDistributor({
    type: 'reality.seen',
    contacts: new Set(state.contacts.keys()),
    ringing,
    talking,
    reachable: new Set([...state.configuration.agents.keys()].filter(reachable)),
  });
}
