export { notificationRoutes } from './routes.ts';
export { NotificationService } from './service.ts';
