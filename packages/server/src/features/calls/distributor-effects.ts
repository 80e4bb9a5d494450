import type { ContactId, LegId, OfferId, OverflowTarget, QueueId, RecordingId } from '@crosspoint/contracts';
import type { DistributorEffect, NextPlace } from '@crosspoint/core';
import type { PublishedFlow } from '../flows/index.ts';
import type { Dispatcher } from './dispatcher.ts';
import { flowTo } from './overflow-flows.ts';
import type { CentreState, TurnOutput } from './state.ts';

export interface DistributorEffectContext {
  state: CentreState;
  dispatcher: Dispatcher;
  newId: () => string;
  /** Has the flow ready for this contact. */
  prepareFlow: (contactId: ContactId, flow: PublishedFlow) => void;
  repaired: (what: string, detail: string) => void;
}

/** An offer is named `<contact id>/o<n>`. */
function contactOfOffer(offerId: OfferId): ContactId {
  return offerId.slice(0, offerId.lastIndexOf('/')) as ContactId;
}

/** Routing resolves where queues send a contact on to that none of them takes; a number or a flow that is not there leads nowhere. */
function nextPlace(
  { state, prepareFlow }: DistributorEffectContext,
  {
    contactId,
    queueId,
    target,
    otherwise,
  }: Pick<
    Extract<DistributorEffect, { type: 'contact.overflowed' }>,
    'contactId' | 'queueId' | 'target' | 'otherwise'
  >,
): { next?: NextPlace } {
  if (target === null) return {};
  const { flows, boxes, queues } = state.configuration;
  const places = {
    ...{ flows, boxes, from: queues.get(queueId)?.settings },
    queueNamed: (id: QueueId) => queues.get(id)?.settings.name,
  };
  const behind = (each: OverflowTarget) => behindNumber(state, each);
  const flow = flowTo(behind(target), places, otherwise.map(behind));
  if (flow === undefined) return {};
  prepareFlow(contactId, flow);
  return { next: { kind: 'flow' } };
}

/** A number of the house that leads to a flow stands for it; one that leads to a queue was resolved with the settings. */
function behindNumber({ configuration }: CentreState, target: OverflowTarget): OverflowTarget {
  if (target.kind !== 'number') return target;
  const { numbers, flows } = configuration;
  const entryPoint = numbers.find(target.number);
  if (entryPoint?.kind !== 'flow') return target;
  const found = [...flows].find(([, { id }]) => id === entryPoint.flowId);
  return found === undefined ? target : { kind: 'flow', flow: found[0] };
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
      return dispatcher.toContact(effect.contactId, {
        type: 'entry.refused',
        reason: effect.reason,
        ...nextPlace(context, effect),
      });
    case 'entry.accepted': {
      const contact = state.contacts.get(effect.contactId);
      if (contact !== undefined) contact.queueId = effect.queueId;
      return dispatcher.toContact(effect.contactId, { type: 'entry.accepted' });
    }
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
        record: state.configuration.queues.get(effect.queueId)?.settings.recording === 'always',
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
        survey: (state.configuration.queues.get(effect.queueId)?.settings.surveyFlow ?? null) !== null,
      });
    case 'offer.stale':
      return dispatcher.toContact(contactOfOffer(effect.offerId), {
        type: 'offer.stale',
        offerId: effect.offerId,
      });
    case 'contact.overflowed':
      return dispatcher.toContact(effect.contactId, {
        type: 'contact.overflowed',
        reason: effect.reason,
        ...nextPlace(context, effect),
      });
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
