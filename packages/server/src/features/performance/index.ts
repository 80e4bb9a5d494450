export { performanceRoutes } from './routes.ts';
export { AgentSums } from './sums.ts';
