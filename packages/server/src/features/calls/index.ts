export type {
  Actor,
  AgentAtWork,
  CallbackResult,
  CallControl,
  Centre,
  CommandResult,
  ConferenceControl,
  DialResult,
  LiveChange,
} from './door.ts';
export type { CallServiceOptions } from './assembly.ts';
export { CallService } from './service.ts';
export { lastActivities, replayFacts, storedFacts } from './history.ts';
export { findJournaledContact, journaledContacts } from './journal.ts';
