import type { ContactFact, PromptLanguage } from '@crosspoint/contracts';
import type { ContactEffectContext, EffectOf } from './effect-context.ts';
import type { OpenContact } from './state.ts';

/** A contact waits for an agent, or does so no more. */
export function applyQueueEffect(
  context: ContactEffectContext,
  contact: OpenContact,
  effect: EffectOf<'contact.'>,
): void {
  const { dispatcher } = context;
  switch (effect.type) {
    case 'contact.entered':
      contact.queueId = effect.queueId;
      return dispatcher.toDistributor({
        ...effect,
        contactId: contact.id,
        ...formerStays(contact),
        language: languageOf(context, contact),
        ...segmentsFor(context, effect.caller ?? ''),
        ...callableFor(context, effect.caller ?? ''),
      });
    case 'contact.left':
      return dispatcher.toDistributor({ ...effect, contactId: contact.id });
    case 'contact.recalled':
      return dispatcher.toDistributor({
        type: 'entry.removed',
        ...{ contactId: contact.id, by: 'system', byUserId: null },
      });
  }
}

/** The language of the flow that the caller comes from, or the one in which he entered a queue before. */
function languageOf({ experience }: ContactEffectContext, { id, facts }: OpenContact): PromptLanguage | null {
  const spoken = experience.flows.languageOf(id);
  if (spoken !== undefined) return spoken;
  const last = facts.findLast(({ type }) => type === 'queue.entered');
  return last?.type === 'queue.entered' ? (last.data.language ?? null) : null;
}

/** Said only of who was in a queue before. */
function formerStays({ facts }: OpenContact): { soFar?: { stays: number; offers: number } } {
  const countOf = (type: ContactFact['type']) => facts.filter((fact) => fact.type === type).length;
  const stays = countOf('queue.entered');
  return stays === 0 ? {} : { soFar: { stays, offers: countOf('offer.made') } };
}

/** Only where a priority rule of a queue asks for them: what is told to the distributor is kept in the journal. */
function segmentsFor({ state }: ContactEffectContext, caller: string): { segments?: readonly string[] } {
  const queues = [...state.configuration.queues.values()];
  if (!queues.some(({ settings }) => settings.priorityRules.some((rule) => rule.segments.length > 0)))
    return {};
  const segments = state.segmentsOf(caller);
  return segments.length === 0 ? {} : { segments };
}

/** Said only of who cannot be called back, where an overflow rule would promise it. */
function callableFor({ state, experience }: ContactEffectContext, caller: string): { isCallable?: false } {
  const queues = [...state.configuration.queues.values()];
  const isAsked = queues.some(({ settings }) =>
    settings.overflow.some(({ target }) => target.kind === 'callback'),
  );
  return isAsked && caller !== '' && !experience.mayCall(caller) ? { isCallable: false } : {};
}
