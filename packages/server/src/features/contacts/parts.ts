import type { ContactFact, ContactId, LiveCall } from '@crosspoint/contracts';
import { partsWithin, type Scope } from '../../http/index.ts';
import type { Centre } from '../calls/index.ts';

/** The agents and queues that a fact brings into a contact: from then on it is theirs too. */
export function partsIn({ type, data }: ContactFact): readonly string[] {
  switch (type) {
    case 'queue.entered':
      return [data.queueId];
    case 'offer.made':
      return [data.queueId, data.agentId];
    case 'contact.deflected':
      return data.queueId === undefined ? [] : [data.queueId];
    case 'leg.added':
    case 'segment.started':
      return data.agentId === undefined ? [] : [data.agentId];
    default:
      return [];
  }
}

/** The agents and queues that have had a part in each contact that is up. */
export function livePartsOf(centre: Centre): Map<ContactId, ReadonlySet<string>> {
  const contacts = Map.groupBy(centre.calls(), ({ contactId }) => contactId);
  return new Map([...contacts].map(([id, legs]) => [id, partsOf(legs, centre.liveFacts(id))]));
}

/** The legs that are up of contacts in scope. */
export function callsWithin(centre: Centre | undefined, scope: Scope): LiveCall[] {
  if (centre === undefined) return [];
  if (scope === undefined) return centre.calls();
  const parts = livePartsOf(centre);
  return centre.calls().filter((call) => partsWithin(parts.get(call.contactId) ?? [], scope));
}

/** The agents and queues that have had a part in a contact; empty for one that is over. */
export function partsOfLive(centre: Centre | undefined, id: ContactId): ReadonlySet<string> {
  const legs = centre?.calls().filter(({ contactId }) => contactId === id) ?? [];
  return partsOf(legs, centre?.liveFacts(id));
}

function partsOf(legs: readonly LiveCall[], facts: readonly ContactFact[] = []): ReadonlySet<string> {
  const parts = new Set<string>(facts.flatMap(partsIn));
  for (const { agentId, queueId } of legs) {
    if (agentId !== null) parts.add(agentId);
    if (queueId !== null) parts.add(queueId);
  }
  return parts;
}
