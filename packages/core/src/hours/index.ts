export { neverOpens, type OpenState, opensAt } from './opening.ts';
