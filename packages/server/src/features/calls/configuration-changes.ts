import { isDeepStrictEqual } from 'node:util';
import type { AgentConfig } from '@crosspoint/core';
import type { CentreConfiguration, ConfiguredAgent } from './configuration.ts';
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
    const profile = profileOf(agent);
    const { id } = agent;
    if (before === undefined || !isDeepStrictEqual(profileOf(before), profile)) {
      dispatcher.toDistributor({ type: 'agent.configured', agent: profile });
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

/** What the distributor has to know of an agent; a chosen status is told by itself. */
function profileOf({ id, name, capacity, queues, skills, languages }: ConfiguredAgent): AgentConfig {
  return { id, name, capacity, queues, skills, languages };
}
