export * as sippScenarios from './scenarios.ts';
export { Sipp, type SippOptions, type SippResult } from './sipp.ts';
export { SippSound } from './sound.ts';
