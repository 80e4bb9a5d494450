export { type PastCall, type PastCallOutcome, replayCall } from './past-call.ts';
export { type JournaledInput, type ReplayedContact, replayContact } from './replay.ts';
