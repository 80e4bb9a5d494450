export { SpeechError } from './door.ts';
export { Speech } from './speech.ts';
