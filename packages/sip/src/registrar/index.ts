export type { Binding } from './types.ts';
