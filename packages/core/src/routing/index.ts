export { canonicalNumber, findEntryPoint } from './entry-point.ts';
