export { agentsInScope } from './scope.ts';
export { teamRoutes } from './routes.ts';
