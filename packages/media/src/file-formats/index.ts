/** Headers and frames of recordings, for those who need nothing else of the library. */
export * from './mp3.ts';
export * from './wav.ts';
