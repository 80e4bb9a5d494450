export { destinationOf } from './destination.ts';
export { Resolver } from './resolver.ts';
export type * from './types.ts';
