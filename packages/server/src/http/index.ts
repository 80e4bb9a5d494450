/** The plumbing that every feature's routes share: problems, permissions, pages, entity tags, the server itself. */
export { type Authenticate, requireOwnOrigin } from './access.ts';
export {
  addressOf,
  type Api,
  type ApiContext,
  applyToCentre,
  IdParams,
  requireCentre,
  type Routes,
} from './context.ts';
export { csvOf } from './csv.ts';
export { onConstraint } from './constraints.ts';
export { etagOf, requireMatch, tagged } from './etag.ts';
export { checked, fieldErrors, type Path } from './field-errors.ts';
export { anyHolds, escapeLike, keysetPage, pageOfArray, type SortKey } from './pages.ts';
export { noSuchPeriod, pastPeriod } from './period.ts';
export {
  boundsOf,
  ownerFilter,
  type Principal,
  principalOf,
  reachOfPrincipal,
  requireBeyondTeams,
  requireEverything,
  requirePermission,
  requireWithinOwn,
} from './principal.ts';
export {
  agentWithin,
  type Bounds,
  contactIdWithin,
  contactWithin,
  isSameScope,
  namesWithin,
  oneOf,
  partsWithin,
  queueBounds,
  queueWithin,
  type Scope,
  type TeamScope,
  teamWithin,
} from './scope.ts';
export { unstorableTexts } from './unstorable-text.ts';
export { registerTextBody, registerYamlBody, yamlTypes } from './text-bodies.ts';
export { type Locate, placeInYaml } from './yaml-places.ts';
export { yamlValue } from './yaml-values.ts';
export { beyondTeams, HttpProblem, inThePast, nameTaken, notFound, unknownReference } from './problem.ts';
export { isTimeZone, requireTimeZone } from './time-zones.ts';
export { buildHttpServer, loadHttpServer } from './build.ts';
export type { HttpServerOptions } from './server.ts';
export type { ReadinessProbe } from './health.ts';
