export { findQueue, queueNames } from './repo.ts';
export { type NumberReach, numberReach } from './reach.ts';
export { describeFinding, reviewedQueue } from './review.ts';
export { queueRoutes } from './routes.ts';
