export { decodeAudio, writeToneFile, type DecodedAudio } from './files.ts';
export { secondsOf, soundings, toneShare, type Sounding } from './measure.ts';
