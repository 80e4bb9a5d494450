export { type KillsOptions, type KillsResult, runKills } from './kills.ts';
export { cutPower, type PowerOptions, type PowerResult } from './power.ts';
