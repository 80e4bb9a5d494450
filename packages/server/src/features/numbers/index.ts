export { canonicalNumber, storedTarget } from './repo.ts';
export { numberRoutes } from './routes.ts';
