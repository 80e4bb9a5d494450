import { join } from 'node:path';
import type {
  ContactFact,
  ContactId,
  LegId,
  LegParty,
  PromptLanguage,
  RecordingFormat,
  RecordingId,
} from '@crosspoint/contracts';
import type { ContactEffect } from '@crosspoint/core';
import type { Carrier } from '../../carriers/door.ts';
import type { RecordingRow } from '../../platform/index.ts';
import type { CallerExperience } from './caller-experience.ts';
import type { DeviceTransfers } from './device-transfers.ts';
import type { Dispatcher } from './dispatcher.ts';
import { applyMediaEffect } from './media-effects.ts';
import type { MediaPlane } from './media-plane.ts';
import type { CentreState, OpenContact, TurnOutput } from './state.ts';

export interface ContactEffectContext {
  state: CentreState;
  dispatcher: Dispatcher;
  carrier: Carrier;
  media: MediaPlane;
  experience: CallerExperience;
  transfers: DeviceTransfers;
  recordingsDir: string;
  refused: (contactId: ContactId, reason: string) => void;
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

/** Acts on what a contact's machine decided. */
export function applyContactEffect(
  context: ContactEffectContext,
  contact: OpenContact,
  effect: ContactEffect,
  now: number,
  turn: TurnOutput,
): void {
  const { state, dispatcher, carrier, media } = context;
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
    case 'media.play':
      applyMediaEffect(media, contact.id, effect, (legId) => context.experience.musicOf(contact, legId));
      if (effect.source === 'music') context.experience.musicBegan(contact, effect.legId);
      return;
    case 'media.stop':
    case 'media.bridge':
    case 'media.unbridge':
    case 'media.mute':
    case 'room.open':
    case 'room.join':
    case 'room.enter':
    case 'room.set':
    case 'room.leave':
    case 'room.close':
      return applyMediaEffect(media, contact.id, effect, (legId) =>
        context.experience.musicOf(contact, legId),
      );
    case 'recording.attach':
      return media.recordings.hear(effect.recordingId, contact.id, effect.right);
    case 'recording.pause':
      return media.recordings.pause(effect.recordingId, effect.paused);
    case 'recording.start':
      return startRecording(context, contact, effect, now, turn);
    case 'recording.stop':
      return media.recordings.stop(effect.recordingId);
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
    case 'flow.returned':
      return context.experience.flows.returned(contact.id);
    case 'flow.unconnected':
      return context.experience.flows.unconnected(contact.id, effect.reason);
    case 'survey.began':
      return context.experience.survey(contact, effect.legId);
    case 'flow.began':
      return context.experience.flows.begin(contact.id, effect.legId);
    case 'flow.refused':
      return context.experience.flows.refused(contact.id, effect.reason);
    case 'flow.left':
      return context.experience.flows.left(contact.id, effect.reason);
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

/** As what the contact has just added this leg. */
function partyOf({ facts }: OpenContact, legId: LegId): LegParty {
  const added = facts.findLast((fact) => fact.type === 'leg.added' && fact.data.legId === legId);
  return added?.type === 'leg.added' ? added.data.party : 'customer';
}

function dial(
  context: ContactEffectContext,
  contact: OpenContact,
  effect: Extract<ContactEffect, { type: 'leg.dial' }>,
): void {
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

/**
 * `<year>/<month>/<day>/<id>.<format>`, by the UTC day of the start: no folder grows without end. Stored relative to the
 * folder of the recordings, so that a data directory can be moved or restored elsewhere.
 */
function recordingPath(recordingId: RecordingId, format: RecordingFormat, now: number): string {
  const [year = '', month = '', day = ''] = new Date(now).toISOString().slice(0, 10).split('-');
  return join(year, month, day, `${recordingId}.${format}`);
}

function startRecording(
  context: ContactEffectContext,
  contact: OpenContact,
  effect: Extract<ContactEffect, { type: 'recording.start' }>,
  now: number,
  turn: TurnOutput,
): void {
  const queue = effect.queueId === null ? undefined : context.state.configuration.queues.get(effect.queueId);
  const format = queue?.settings.recordingFormat ?? 'wav';
  const path = recordingPath(effect.recordingId, format, now);
  const row: RecordingRow = {
    id: effect.recordingId,
    contactId: contact.id,
    segmentId: String(effect.segment),
    queueId: effect.queueId,
    agentId: effect.agentId,
    path,
    format,
    channels: 2,
    sampleRate: 8000,
    durationSeconds: 0,
    sizeBytes: 0,
    status: 'recording',
    startedAt: now,
    endedAt: null,
    deletedAt: null,
  };
  contact.recordings.set(effect.recordingId, row);
  turn.recordings.push(row);
  const file = { path: join(context.recordingsDir, path), format };
  context.media.recordings.start(effect.recordingId, file, effect.customer, effect.agent);
}

/** How a leg was heard is known to the media plane only. */
function withQuality(fact: ContactFact, media: MediaPlane): ContactFact {
  if (fact.type !== 'leg.ended') return fact;
  const quality = media.takeQuality(fact.data.legId);
  return quality === undefined ? fact : { ...fact, data: { ...fact.data, quality } };
}
