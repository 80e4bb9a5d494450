export { storedTarget } from './repo.ts';
export { numberRoutes } from './routes.ts';
