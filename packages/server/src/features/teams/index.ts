export { agentsInScope, membersByTeam, type TeamMembers, teamsWithin } from './scope.ts';
export { teamRoutes } from './routes.ts';
