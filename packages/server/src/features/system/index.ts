export { systemRoutes } from './routes.ts';
export type { RunningParts, SystemSources } from './sources.ts';
