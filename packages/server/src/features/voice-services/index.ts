export { LastFaults, serviceRefusal, serviceRemedies } from './faults.ts';
export { changeService, keyForTrial, type ServiceRoutes, serviceIncomplete, keyMissing } from './settings.ts';
export { ServiceStore } from './store.ts';
