export { addFirstNumbers } from './first-numbers.ts';
export { numbersTo, storedTarget } from './repo.ts';
export { numberRoutes } from './routes.ts';
