export { alertColumns, alertOf } from './repo.ts';
export { alertRoutes } from './routes.ts';
export { AlertService } from './service.ts';
