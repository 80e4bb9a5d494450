export { CallerHistory } from './caller-history.ts';
export { routingContact } from './contact.ts';
export { PastCallers } from './past-callers.ts';
export { findVersion as readRulesOf, type PublishedRules, readPublishedRules, readRules } from './repo.ts';
export { routingRoutes } from './routes.ts';
