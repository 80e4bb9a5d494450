export { agentsInScope, membersByTeam, readScope, type TeamMembers, teamsWithin } from './scope.ts';
export { teamRoutes } from './routes.ts';
