export { createDistributor, type DistributorOptions } from './distributor.ts';
export type * from './door.ts';
export { type Attributes, satisfies } from './requirement.ts';
export { type Finding, type ReviewedMember, type ReviewedQueue, reviewQueues } from './review.ts';
