export { createConference } from './conference.ts';
export type {
  ConferenceEffect,
  ConferenceInput as ConferenceMachineInput,
  ConferenceMachine,
  ConferenceRules,
  ConferenceView,
} from './door.ts';
export { type Occurrence, occurrenceAt, scheduleFault } from './occurrences.ts';
export { conferenceReception, conferenceServices, conferenceTexts } from './reception.ts';
export { WrongTries } from './tries.ts';
