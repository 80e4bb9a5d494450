export { SpeechError, type SpokenText } from './door.ts';
export { byTimer } from './owed.ts';
export { type SpeechOf, SpeechRoom } from './room.ts';
export type { ProviderDoor } from './provider.ts';
export { speechRoutes } from './routes.ts';
export { offlineSpeech, type Speech } from './speech.ts';
