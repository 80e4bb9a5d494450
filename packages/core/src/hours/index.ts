export { neverOpens, Openings, type OpenState, opensAt } from './opening.ts';
