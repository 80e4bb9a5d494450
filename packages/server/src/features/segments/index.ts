export { segmentRoutes } from './routes.ts';
export { readSegments, segmentNames } from './segments.ts';
