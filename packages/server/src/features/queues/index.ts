export { queueNames } from './repo.ts';
export { queueRoutes } from './routes.ts';
