export { decodeAudio, writeToneFile, type DecodedAudio } from './files.ts';
export { speech } from './speech.ts';
export { secondsOf, soundings, toneShare, type Sounding } from './measure.ts';
