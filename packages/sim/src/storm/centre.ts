import { type AgentId, type QueueId, QueueSettings } from '@crosspoint/contracts';
import type { AgentConfig, QueueConfig } from '@crosspoint/core';
import type { Random } from '../world/index.ts';

/** What a storm blows on: queues of every strategy and wrap-up mode that overflow into each other, agents with several slots. */
const strategies = [
  'longest-idle',
  'ring-all',
  'round-robin',
  'best-skill-match',
  'weighted-random',
  'ring-all',
  'least-active-calls',
  'fewest-calls',
] as const;
const wrapUps = ['none', 'timed', 'optional', 'mandatory'] as const;

export const queueCount = 12;
export const agentCount = 150;

export const stormQueueId = (index: number) => `queue-${index % queueCount}` as QueueId;

/** The n-th queue as it is set up at first; another `turn` gives it another strategy and other limits. */
export function stormQueue(index: number, turn: number): QueueConfig {
  const settings = QueueSettings.parse({
    name: `queue-${index}`,
    strategy: strategies[(index + turn) % strategies.length],
    ringAllMax: 4,
    ringTimeoutSeconds: 5 + (index % 4) * 5,
    wrapUp: { mode: wrapUps[index % wrapUps.length], seconds: 5 },
    maxSize: turn % 2 === 0 ? 60 : 20,
    maxWaitSeconds: index % 3 === 0 ? 20 : 0,
    maxNonResponses: 3,
    noAnswerDelaySeconds: 2,
    busyDelaySeconds: 3,
    rejectDelaySeconds: index % 2,
    ageing: { everySeconds: index % 2 === 0 ? 20 : 0, priorityMax: 5 },
    resumeWindowSeconds: 60,
    requirementSteps: index % 4 === 1 ? [{ requirement: { skill: 'billing', level: 3 }, seconds: 10 }] : [],
    sticky: index % 5 === 0 ? { mode: 'last', waitSeconds: 5 } : { mode: 'none', waitSeconds: 0 },
  });
  const overflow: QueueSettings['overflow'] = [
    {
      condition: { when: 'waited', afterSeconds: 12 },
      target: { kind: 'queue', queueId: stormQueueId(index + 1) },
    },
  ];
  const rules = index % 4 === 2 ? overflow : [];
  return { id: stormQueueId(index), settings: { ...settings, overflow: rules }, version: turn };
}

export function stormAgent(index: number, random: Random): AgentConfig {
  const first = Math.floor(random.unit() * queueCount);
  const queues = [0, 1, 5].map((step, nth) => ({
    queueId: stormQueueId(first + step),
    priority: 1 + (nth % 2),
    delaySeconds: nth === 2 ? 5 : 0,
    weight: 1 + (index % 3),
  }));
  return {
    id: `agent-${index}` as AgentId,
    capacity: 1 + (index % 10 === 0 ? 2 : 0) + (index % 7 === 0 ? 1 : 0),
    queues,
    skills: { billing: 1 + (index % 5) },
  };
}
