export { countOpenCallbacks, loadOpenCallbacks, saveCallback } from './repo.ts';
export { callbackRoutes } from './routes.ts';
export { CallbackService, newCallback } from './service.ts';
