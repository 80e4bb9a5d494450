import type { LegId, LegParty } from '@crosspoint/contracts';
import type { ContactEffectContext, EffectOf } from './effect-context.ts';
import type { OpenContact, TurnOutput } from './state.ts';

/** What becomes of one leg: answered, refused, called, hung up. */
export function applyLegEffect(
  context: ContactEffectContext,
  contact: OpenContact,
  effect: EffectOf<'leg.'>,
  turn: TurnOutput,
): void {
  const { state, carrier, media } = context;
  switch (effect.type) {
    case 'leg.answer':
      return carrier.answer(effect.legId);
    case 'leg.reject':
      turn.endedLegs.push({ legId: effect.legId, contactId: contact.id });
      state.legs.delete(effect.legId);
      return carrier.reject(effect.legId, effect.code, effect.reason);
    case 'leg.dial':
      return dial(context, contact, effect);
    case 'leg.call':
      state.legs.set(effect.legId, {
        contactId: contact.id,
        party: partyOf(contact, effect.legId),
        agentId: null,
      });
      return carrier.call({
        legId: effect.legId,
        contactId: contact.id,
        agentId: effect.agentId ?? undefined,
        number: effect.number,
        trunkId: contact.trunkId,
        divertedFrom: effect.isSentOn
          ? { number: contact.number, reason: effect.agentId === null ? 'unconditional' : 'deflection' }
          : undefined,
      });
    case 'leg.detect':
      return media.detectAnswer(effect.legId);
    case 'leg.progress':
      return carrier.progress(effect.legId, effect.withSound);
    case 'leg.hangup':
      return carrier.hangup(effect.legId, effect.code, effect.reason);
  }
}

/** As what the contact has just added this leg. */
function partyOf({ facts }: OpenContact, legId: LegId): LegParty {
  const added = facts.findLast((fact) => fact.type === 'leg.added' && fact.data.legId === legId);
  return added?.type === 'leg.added' ? added.data.party : 'customer';
}

function dial(context: ContactEffectContext, contact: OpenContact, effect: EffectOf<'leg.dial'>): void {
  const { state, carrier } = context;
  const queue = contact.queueId === null ? undefined : state.configuration.queues.get(contact.queueId);
  const party = partyOf(contact, effect.legId);
  state.legs.set(effect.legId, { contactId: contact.id, party, agentId: effect.agentId });
  carrier.dial({
    legId: effect.legId,
    contactId: contact.id,
    agentId: effect.agentId,
    address: effect.address,
    callerPhone: effect.callerPhone,
    callerName: effect.callerName,
    number: contact.number,
    queueName: queue?.settings.name ?? '',
  });
}
