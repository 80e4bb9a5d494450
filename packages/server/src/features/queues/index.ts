export { findQueue, queueNames } from './repo.ts';
export { describeFinding, reviewedQueue } from './review.ts';
export { queueRoutes } from './routes.ts';
