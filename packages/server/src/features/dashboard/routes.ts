import { DashboardStats } from '@crosspoint/contracts';
import { agentWithin, type ApiContext, principalOf, queueWithin, type Routes } from '../../http/index.ts';
import { callsWithin } from '../contacts/index.ts';
import { queueNames } from '../queues/index.ts';
import { registerCentreMetrics } from './metrics.ts';
import { agentsByActivity, callsByState, totalsOf } from './totals.ts';

/** The board at one glance. */
export function dashboardRoutes({ database, centreOf, now }: ApiContext): Routes {
  return (api) => {
    registerCentreMetrics(api.metrics, centreOf);
    api.get(
      '/dashboard/stats',
      {
        config: { permission: 'dashboard.read' },
        schema: {
          summary: 'Queues, agents and calls at this moment, with sums',
          tags: ['dashboard'],
          response: { 200: DashboardStats },
        },
      },
      async (request): Promise<DashboardStats> => {
        const { tenantId, scope } = principalOf(request);
        const centre = centreOf(tenantId);
        const names = await database.inTenant(tenantId, queueNames);
        const stats = (centre?.allQueueStats() ?? []).filter(({ queueId }) => queueWithin(queueId, scope));
        const agents = (centre?.agentsAtWork() ?? []).filter(({ id }) => agentWithin(id, scope));
        const queues = stats
          .map((queue) => ({
            id: queue.queueId,
            name: names.get(queue.queueId) ?? '',
            stats: queue,
          }))
          .toSorted((a, b) => a.name.localeCompare(b.name));
        return {
          at: new Date(now()).toISOString(),
          queues,
          totals: totalsOf(stats),
          agents: agentsByActivity(agents),
          calls: callsByState(callsWithin(centre, scope)),
        };
      },
    );
  };
}
