export { agentsInScope, membersByTeam, type TeamMembers } from './scope.ts';
export { teamRoutes } from './routes.ts';
