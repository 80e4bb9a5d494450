export { numbersTo, storedTarget } from './repo.ts';
export { numberRoutes } from './routes.ts';
