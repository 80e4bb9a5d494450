export { ADOPTING } from './people.ts';
export { issuerFault } from './provider.ts';
export { singleSignOnRoutes } from './routes.ts';
export { readSignOn, type StoredSignOn, writeSignOn } from './store.ts';
