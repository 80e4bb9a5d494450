export { CallerHistory } from './caller-history.ts';
export { routingContact } from './contact.ts';
export { PastCallers } from './past-callers.ts';
export {
  findVersion as readRulesOf,
  type PublishedRules,
  publishDraft as publishRules,
  readPublishedRules,
  readRules,
  replaceDraft as replaceRules,
} from './repo.ts';
export { routingRoutes } from './routes.ts';
export { decideWithScripts, patientLimits, scriptFault, ScriptRunner } from './scripts/index.ts';
