export { recordingsOfContact } from './repo.ts';
export { recordingRoutes } from './routes.ts';
