export { timelineFact } from './model.ts';
export { contactRoutes } from './routes.ts';
