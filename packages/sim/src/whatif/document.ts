import { type ConfigurationDocument, type QueueId, QueueSettings, type AgentId } from '@crosspoint/contracts';
import type { RandomTime, WhatIfAgent, WhatIfCentre } from './model.ts';

/** What is assumed of the people, who are not part of a configuration. */
export interface Assumptions {
  /** Calls per hour to each queue, or by the name of the queue with one for `*`. */
  callsPerHour: number | Readonly<Record<string, number | number[]>>;
  patience: RandomTime;
  talk: RandomTime;
  wrapUp: RandomTime;
  answer: RandomTime;
  doesNotAnswer: number;
}

export const usualAssumptions: Assumptions = {
  callsPerHour: 60,
  patience: { meanSeconds: 120, spread: 'exponential' },
  talk: { meanSeconds: 180, spread: 'log-normal' },
  wrapUp: { meanSeconds: 20, spread: 'exponential' },
  answer: { meanSeconds: 3, spread: 'exponential' },
  doesNotAnswer: 0.02,
};

/** A configuration document as a centre to simulate: names stand for ids, and every agent is signed in all the time. */
export function centreOf(document: ConfigurationDocument, assumptions: Assumptions): WhatIfCentre {
  const { patience, talk, wrapUp } = assumptions;
  return {
    queues: document.queues.map(({ agents: _agents, ...settings }) => ({
      name: settings.name,
      settings: withNamesAsIds(settings),
      arrivalsPerHour: arrivalsOf(assumptions.callsPerHour, settings.name),
      patience,
      talk,
      wrapUp,
    })),
    agents: document.agents.map((agent) => agentOf(agent, document, assumptions)),
    numbers: new Map(
      document.numbers.flatMap(({ number, target }) => ('queue' in target ? [[number, target.queue]] : [])),
    ),
  };
}

type Queue = ConfigurationDocument['queues'][number];

function withNamesAsIds(settings: Omit<Queue, 'agents'>): QueueSettings {
  const defaults = QueueSettings.parse({ name: settings.name });
  return {
    ...defaults,
    ...settings,
    requirementSteps: settings.requirementSteps.map(({ agents, ...step }) => ({
      ...step,
      agentIds: agents.map((username) => keyOf(username) as AgentId),
    })),
    overflow: settings.overflow.map(({ condition, target }) => {
      if (typeof target === 'object' && 'number' in target) {
        return { condition, target: { kind: 'number' as const, ...target } };
      }
      if (typeof target === 'object' && 'queue' in target) {
        return { condition, target: { kind: 'queue' as const, queueId: target.queue as QueueId } };
      }
      // A flow, a message or a number outside: the contact is gone for the agents who are simulated.
      return { condition, target: { kind: 'hang-up' as const } };
    }),
  };
}

function arrivalsOf(callsPerHour: Assumptions['callsPerHour'], queue: string): number | number[] {
  if (typeof callsPerHour === 'number') return callsPerHour;
  return callsPerHour[queue] ?? callsPerHour['*'] ?? 0;
}

function agentOf(
  { username, capacity, skills, languages }: ConfigurationDocument['agents'][number],
  { queues }: ConfigurationDocument,
  { answer, doesNotAnswer }: Assumptions,
): WhatIfAgent {
  const name = keyOf(username);
  const places = queues.flatMap(({ name: queue, agents }) =>
    agents
      .map((agent) =>
        typeof agent === 'string' ? { username: agent, priority: 1, delaySeconds: 0, weight: 1 } : agent,
      )
      .filter((agent) => keyOf(agent.username) === name)
      .map(({ priority, delaySeconds, weight }) => ({ name: queue, priority, delaySeconds, weight })),
  );
  return { name, capacity, skills, languages, queues: places, answer, doesNotAnswer };
}

/** Usernames differ not only by case. */
const keyOf = (username: string): string => username.toLowerCase();
