export { scheduleRoutes } from './routes.ts';
export { scheduledAgents } from './repo.ts';
