export { EntryPoints } from './entry-points.ts';
export { addFirstNumbers } from './first-numbers.ts';
export { numbersTo, storedTarget } from './repo.ts';
export { numberRoutes } from './routes.ts';
