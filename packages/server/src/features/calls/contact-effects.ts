import type { ContactFact } from '@crosspoint/contracts';
import type { ContactEffect } from '@crosspoint/core';
import { type ContactEffectContext, type EffectOf, isOf } from './effect-context.ts';
import { applyLegEffect } from './leg-effects.ts';
import { applyMediaEffect, isMediaEffect, type MediaEffect } from './media-effects.ts';
import type { MediaPlane } from './media-plane.ts';
import { applyQueueEffect } from './queue-effects.ts';
import { applyRecordingEffect } from './recording-effects.ts';
import type { OpenContact, TurnOutput } from './state.ts';

/** Acts on what a contact's machine decided. */
export function applyContactEffect(
  context: ContactEffectContext,
  contact: OpenContact,
  effect: ContactEffect,
  now: number,
  turn: TurnOutput,
): void {
  if (isOf(effect, 'leg.')) return applyLegEffect(context, contact, effect, turn);
  if (isMediaEffect(effect)) return applySound(context, contact, effect);
  if (isOf(effect, 'recording.')) return applyRecordingEffect(context, contact, effect, now, turn);
  if (isOf(effect, 'contact.')) return applyQueueEffect(context, contact, effect);
  if (isOf(effect, 'flow.')) return applyFlowEffect(context, contact, effect);
  const { dispatcher, media } = context;
  switch (effect.type) {
    case 'survey.began':
      return context.experience.survey(contact, effect.legId);
    case 'offer.accepted':
    case 'offer.failed':
      return dispatcher.toDistributor(effect);
    case 'conversation.ended':
    case 'hold.changed':
    case 'agent.engaged':
      return dispatcher.toDistributor({ ...effect, contactId: contact.id });
    case 'fact': {
      const fact = withQuality(effect.fact, media);
      contact.facts.push(fact);
      contact.reducer.apply(fact);
      turn.contactFacts.push(fact);
      context.experience.fact(contact, fact);
      context.transfers.fact(contact.id, fact);
      return;
    }
    case 'timer.set':
      return contact.timers.set(effect.name, effect.at);
    case 'timer.cleared':
      return contact.timers.clear(effect.name);
    case 'command.refused':
      return context.refused(contact.id, effect.reason);
    case 'touched':
      turn.touchedContacts.push(contact.id);
      return;
    case 'closed':
      contact.timers.clearAll();
      turn.closed.push(contact);
      return;
  }
}

/** How a leg was heard is known to the media plane only. */
function withQuality(fact: ContactFact, media: MediaPlane): ContactFact {
  if (fact.type !== 'leg.ended') return fact;
  const quality = media.takeQuality(fact.data.legId);
  return quality === undefined ? fact : { ...fact, data: { ...fact.data, quality } };
}

function applySound(context: ContactEffectContext, contact: OpenContact, effect: MediaEffect): void {
  const { experience, media } = context;
  applyMediaEffect(media, contact.id, effect, (legId) => experience.musicOf(contact, legId));
  if (effect.type === 'media.play' && effect.source === 'music') experience.musicBegan(contact, effect.legId);
}

function applyFlowEffect(
  { experience }: ContactEffectContext,
  contact: OpenContact,
  effect: EffectOf<'flow.'>,
): void {
  switch (effect.type) {
    case 'flow.returned':
      return experience.flows.returned(contact.id);
    case 'flow.unconnected':
      return experience.flows.unconnected(contact.id, effect.reason);
    case 'flow.began':
      return experience.flows.begin(contact.id, effect.legId);
    case 'flow.refused':
      return experience.flows.refused(contact.id, effect.reason);
    case 'flow.left':
      return experience.flows.left(contact.id, effect.reason);
  }
}
