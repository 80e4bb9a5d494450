import { QueueId, QueuePrediction } from '@crosspoint/contracts';
import { compareHandleTimes, compareRepeats, type KindScores, noOutcomes } from '@crosspoint/core';
import { z } from 'zod';
import {
  agentWithin,
  type ApiContext,
  boundsOf,
  notFound,
  principalOf,
  type Routes,
} from '../../http/index.ts';
import { findQueue } from '../queues/index.ts';
import { PREDICTION_DAYS } from './repo.ts';
import type { PredictionService } from './service.ts';

/** Standard deviations on either side that hold 95 of 100. */
const z95 = 1.959964;

/** What is predicted for a queue, and how well that went. */
export function predictionRoutes({ database }: ApiContext, service: PredictionService): Routes {
  return (api) => {
    api.addHook('preClose', async () => service.close());
    api.get(
      '/queues/:id/prediction',
      {
        config: { permission: 'performance.read' },
        schema: {
          summary: 'What predictive routing expects of each agent, and how it compares with the strategy',
          description:
            'Measured every hour over 28 days, and soon after predictive routing is switched on. A supervisor sees the agents of the own teams, an agent only oneself.',
          tags: ['queues'],
          params: z.strictObject({ id: QueueId }),
          response: { 200: QueuePrediction },
        },
      },
      async (request): Promise<QueuePrediction> => {
        const principal = principalOf(request);
        const { id } = request.params;
        const bounds = boundsOf(principal, 'performance.read');
        const { owner, scope } = bounds;
        const queue = await database.inTenant(principal.tenantId, (transaction) =>
          findQueue(transaction, id, { bounds }),
        );
        if (queue === undefined) throw notFound('queue', id);
        const seen = queue.agents.filter(
          (agent) => agentWithin(agent.id, scope) && (owner === undefined || agent.id === (owner as string)),
        );
        const names = new Map(seen.map((agent) => [agent.id, agent.name]));
        const measured = service.of(principal.tenantId, id);
        const { predicted, control } = measured ?? { predicted: noOutcomes(), control: noOutcomes() };
        return {
          measuredAt: measured === undefined ? null : new Date(measured.measuredAt).toISOString(),
          days: PREDICTION_DAYS,
          kinds: (measured?.kinds ?? []).map((kind) => shownKind(kind, names)),
          handleTime: compareHandleTimes(predicted, control),
          repeats: compareRepeats(predicted, control),
        };
      },
    );
  };
}

/** Who no longer serves the queue, or is none of the reader's agents, is left out. */
function shownKind(
  { agents, ...kind }: KindScores,
  names: ReadonlyMap<string, string>,
): QueuePrediction['kinds'][number] {
  return {
    ...kind,
    agents: agents.flatMap(({ costDeviation, ...score }) => {
      const agent = names.get(score.agentId);
      if (agent === undefined) return [];
      const margin = z95 * costDeviation;
      const { costSeconds } = score;
      return [{ ...score, agent, costFrom: Math.max(0, costSeconds - margin), costTo: costSeconds + margin }];
    }),
  };
}
