export { type RunningParts, type SystemSources, systemRoutes } from './routes.ts';
