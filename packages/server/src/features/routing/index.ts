export { CallerHistory } from './caller-history.ts';
export { routingContact } from './contact.ts';
export { type PublishedRules, readPublishedRules } from './repo.ts';
export { routingRoutes } from './routes.ts';
