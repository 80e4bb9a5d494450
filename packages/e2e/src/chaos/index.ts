export { type KillsOptions, type KillsResult, runKills } from './kills.ts';
