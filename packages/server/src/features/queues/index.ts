export { findQueue, queueNames } from './repo.ts';
export { queueRoutes } from './routes.ts';
