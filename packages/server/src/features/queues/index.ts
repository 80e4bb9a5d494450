export { findQueue, queueNames } from './repo.ts';
export { describeFinding, type QueueOfNumber, reviewedQueue } from './review.ts';
export { queueRoutes } from './routes.ts';
