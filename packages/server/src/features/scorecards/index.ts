export { findVersion, latestVersion } from './repo.ts';
export { scorecardRoutes } from './routes.ts';
