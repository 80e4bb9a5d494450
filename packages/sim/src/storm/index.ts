export { runStorm, type StormOptions, type StormResult } from './storm.ts';
