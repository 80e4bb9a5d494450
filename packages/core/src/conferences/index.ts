export { createConference } from './conference.ts';
export type {
  ConferenceEffect,
  ConferenceEnd,
  ConferenceMachine,
  ConferenceParty as ConferenceMember,
  ConferenceRules,
  ConferenceView,
} from './door.ts';
export { type Occurrence, occurrenceAt, scheduleFault } from './occurrences.ts';
export { WrongTries } from './tries.ts';
