import type { Queue, QueueInput } from '@crosspoint/contracts';
import type { Versioned } from '#lib/api/client.ts';

/** A queue as it is edited: every setting is there, and the agents by id. */
export type QueueModel = { agents: NonNullable<QueueInput['agents']> } & Pick<
  Queue,
  | 'name'
  | 'strategy'
  | 'ringTimeoutSeconds'
  | 'wrapUp'
  | 'serviceLevel'
  | 'shortAbandonSeconds'
  | 'maxSize'
  | 'maxWaitSeconds'
  | 'recording'
  | 'recordingFormat'
  | 'rejectDelaySeconds'
  | 'busyDelaySeconds'
  | 'noAnswerDelaySeconds'
  | 'maxNonResponses'
>;

/** What the editor changes of a queue; figures and numbers are not part of it. */
export function queueModel(queue: Queue): QueueModel {
  const { id: _id, version: _version, numbers: _numbers, stats: _stats, agents, ...settings } = queue;
  return {
    ...settings,
    agents: agents.map(({ id, priority, delaySeconds }) => ({ agentId: id, priority, delaySeconds })),
  };
}

export function versionedModel({ data, etag }: Versioned<Queue>): Versioned<QueueModel> {
  return { data: queueModel(data), etag };
}
