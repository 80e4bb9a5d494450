import type { ContactId, LegId, OfferId, RecordingId } from '@crosspoint/contracts';
import type { DistributorEffect } from '@crosspoint/core';
import type { Dispatcher } from './dispatcher.ts';
import type { CentreState, TurnOutput } from './state.ts';

export interface DistributorEffectContext {
  state: CentreState;
  dispatcher: Dispatcher;
  newId: () => string;
  repaired: (what: string, detail: string) => void;
}

/** An offer is named `<contact id>/o<n>`. */
function contactOfOffer(offerId: OfferId): ContactId {
  return offerId.slice(0, offerId.lastIndexOf('/')) as ContactId;
}

/** Acts on what the distributor decided: most of it goes on to the contact it is about. */
export function applyDistributorEffect(
  context: DistributorEffectContext,
  effect: DistributorEffect,
  turn: TurnOutput,
): void {
  const { state, dispatcher } = context;
  switch (effect.type) {
    case 'timer.set':
      return dispatcher.distributorTimers.set(effect.name, effect.at);
    case 'timer.cleared':
      return dispatcher.distributorTimers.clear(effect.name);
    case 'entry.refused':
      return dispatcher.toContact(effect.contactId, { type: 'entry.refused', reason: effect.reason });
    case 'entry.accepted':
      return dispatcher.toContact(effect.contactId, { type: 'entry.accepted' });
    case 'offer.make': {
      const agent = state.configuration.agents.get(effect.agentId);
      return dispatcher.toContact(effect.contactId, {
        type: 'offer.make',
        offerId: effect.offerId,
        agentId: effect.agentId,
        queueId: effect.queueId,
        ringTimeoutMs: effect.ringTimeoutMs,
        legId: context.newId() as LegId,
        recordingId: context.newId() as RecordingId,
        address: `sip:${agent?.username ?? effect.agentId}`,
      });
    }
    case 'offer.withdraw':
      return dispatcher.toContact(effect.contactId, {
        type: 'offer.withdraw',
        offerId: effect.offerId,
        reason: effect.reason,
      });
    case 'contact.assigned':
      return dispatcher.toContact(effect.contactId, {
        type: 'contact.assigned',
        offerId: effect.offerId,
        agentId: effect.agentId,
        queueId: effect.queueId,
      });
    case 'offer.stale':
      return dispatcher.toContact(contactOfOffer(effect.offerId), {
        type: 'offer.stale',
        offerId: effect.offerId,
      });
    case 'contact.overflowed':
      return dispatcher.toContact(effect.contactId, { type: 'contact.overflowed', reason: effect.reason });
    case 'contact.wrapped':
      return dispatcher.toContact(effect.contactId, { type: 'contact.wrapped' });
    case 'fact':
      return dispatcher.toContact(effect.contactId, { type: 'fact', fact: effect.fact });
    case 'agent.fact':
      turn.agentFacts.push(effect.fact);
      return;
    case 'agent.touched':
      turn.touchedAgents.push(effect.agentId);
      return;
    case 'queue.touched':
      turn.touchedQueues.push(effect.queueId);
      return;
    case 'repaired':
      return context.repaired(effect.what, effect.detail);
  }
}
