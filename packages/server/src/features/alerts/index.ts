export { alertRoutes } from './routes.ts';
export { AlertService } from './service.ts';
