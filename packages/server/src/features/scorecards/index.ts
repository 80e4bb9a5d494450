export { findVersion, keepVersion, latestVersion } from './repo.ts';
export { scorecardRoutes } from './routes.ts';
