import type { LiveConference } from '@crosspoint/contracts';
import { conferenceServices } from '@crosspoint/core';
import { LiveConferences } from '../conferences/index.ts';
import { agentNamed } from './configuration.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { MediaPlane } from './media-plane.ts';
import type { CentreLog, CentreState } from './state.ts';

export interface CentreConferencesContext {
  state: CentreState;
  dispatcher: Dispatcher;
  media: MediaPlane;
  conferenceChanged: (live: LiveConference) => void;
  now: () => number;
  newId: () => string;
  log: CentreLog;
}

const services = new Set<string>(conferenceServices);

export const isOfConferences = (service: string): boolean => services.has(service);

/** The scheduled conferences of a centre, joined to its machines and the media plane. */
export function createConferences(context: CentreConferencesContext): LiveConferences {
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
