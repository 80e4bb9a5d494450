export { Registrar } from './registrar.ts';
export type * from './types.ts';
