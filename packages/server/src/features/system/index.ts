export { centreRoutes } from './centre-routes.ts';
export { readCentre, writeCentre } from './centre-store.ts';
export { systemRoutes } from './routes.ts';
export type { RunningParts, SystemSources } from './sources.ts';
