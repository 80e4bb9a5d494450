export { type RunningParts, systemRoutes } from './routes.ts';
