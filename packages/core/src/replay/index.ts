export { type JournaledInput, type ReplayedContact, replayContact } from './replay.ts';
