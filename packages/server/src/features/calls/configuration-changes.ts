import { isDeepStrictEqual } from 'node:util';
import type { CentreConfiguration } from './configuration.ts';
import type { Dispatcher } from './dispatcher.ts';

/**
 * Tells the distributor what differs between two configurations; without a former one, everything. Agents are told
 * after queues because their memberships name queues, and removed queues come last so that no member is left.
 */
export function applyConfiguration(
  dispatcher: Dispatcher,
  former: CentreConfiguration | undefined,
  next: CentreConfiguration,
): void {
  for (const queue of next.queues.values()) {
    if (!isDeepStrictEqual(former?.queues.get(queue.id), queue)) {
      dispatcher.toDistributor({ type: 'queue.configured', queue });
    }
  }
  for (const agent of next.agents.values()) {
    const before = former?.agents.get(agent.id);
    const { id, capacity, queues } = agent;
    if (before?.capacity !== capacity || !isDeepStrictEqual(before.queues, queues)) {
      dispatcher.toDistributor({ type: 'agent.configured', agent: { id, capacity, queues } });
    }
    if (before === undefined) {
      dispatcher.toDistributor({
        type: 'status.chosen',
        agentId: id,
        status: agent.status,
        reasonCode: agent.reasonCode,
        by: 'system',
        byUserId: null,
      });
    }
  }
  for (const agentId of former?.agents.keys() ?? []) {
    if (!next.agents.has(agentId)) dispatcher.toDistributor({ type: 'agent.removed', agentId });
  }
  for (const queueId of former?.queues.keys() ?? []) {
    if (!next.queues.has(queueId)) dispatcher.toDistributor({ type: 'queue.removed', queueId });
  }
}
