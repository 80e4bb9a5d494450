export { SpeechError, type SpokenText } from './door.ts';
export { Speech } from './speech.ts';
