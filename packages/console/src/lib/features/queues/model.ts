import type { Queue, QueueInput } from '@crosspoint/contracts';
import type { Versioned } from '#lib/api/client.ts';

/** A queue as it is edited: every setting is there, and the agents by id. */
export type QueueModel = { agents: NonNullable<QueueInput['agents']> } & Omit<
  Queue,
  'id' | 'version' | 'numbers' | 'warnings' | 'stats' | 'agents'
>;

/** What the editor changes of a queue; figures and numbers are not part of it. */
export function queueModel(queue: Queue): QueueModel {
  const {
    id: _id,
    version: _version,
    numbers: _numbers,
    warnings: _warnings,
    stats: _stats,
    ...rest
  } = queue;
  const { agents, ...settings } = rest;
  return {
    ...settings,
    agents: agents.map(({ id, priority, delaySeconds, weight }) => ({
      agentId: id,
      priority,
      delaySeconds,
      weight,
    })),
  };
}

export function versionedModel({ data, etag }: Versioned<Queue>): Versioned<QueueModel> {
  return { data: queueModel(data), etag };
}
