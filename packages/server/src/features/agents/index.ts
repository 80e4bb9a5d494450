export { SIP_REALM, sipCredentials } from './accounts.ts';
export { insertReasonCode, listReasonCodes, updateReasonCode } from './reason-codes.ts';
export { agentIdsOfTeams, bumpQueueVersions } from './repo.ts';
export { agentRoutes } from './routes.ts';
export { placeKey } from './scope.ts';
export { centreActor } from './status-routes.ts';
