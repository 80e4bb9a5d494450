export { type ControlKillsOptions, type ControlKillsResult, runControlKills } from './control-kills.ts';
