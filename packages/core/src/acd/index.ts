export { createDistributor, type DistributorOptions } from './distributor.ts';
export type * from './door.ts';
