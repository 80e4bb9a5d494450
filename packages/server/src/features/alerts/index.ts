export { alertColumns, alertOf, alertWithin } from './repo.ts';
export { alertRoutes } from './routes.ts';
export { AlertService } from './service.ts';
