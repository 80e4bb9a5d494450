export { timelineFact } from './model.ts';
export { contactRoutes } from './routes.ts';
export { callsWithin, livePartsOf, partsIn } from './parts.ts';
