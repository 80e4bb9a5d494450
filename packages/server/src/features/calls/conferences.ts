import { conferenceServices } from '@crosspoint/core';
import { LiveConferences } from '../conferences/index.ts';
import type { CallerExperienceContext } from './caller-experience.ts';
import { agentNamed } from './configuration.ts';

const services = new Set<string>(conferenceServices);

export const isOfConferences = (service: string): boolean => services.has(service);

/** The scheduled conferences of a centre, joined to its machines and the media plane. */
export function createConferences(context: CallerExperienceContext): LiveConferences {
  const { state, dispatcher, media, now, newId, log, conferenceChanged } = context;
  return new LiveConferences({
    ...{ now, newId },
    conferences: () => state.configuration.conferences,
    pins: () => state.configuration.pins,
    contact: (contactId) => state.contacts.get(contactId)?.machine.view(),
    agentName: (agentId) => state.configuration.agents.get(agentId)?.name,
    agentNamed: (username) => agentNamed(state.configuration, username),
    tell: (contactId, input) => dispatcher.toContact(contactId, input),
    reaches: (legId) => media.shared.reaches(legId),
    play: (roomId, source) => media.shared.play(roomId, source),
    changed: conferenceChanged,
    warn: (fields, message) => log.warn(fields, message),
  });
}
