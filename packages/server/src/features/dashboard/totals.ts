import {
  AgentActivity,
  type AgentLive,
  type DashboardStats,
  type LiveCall,
  type QueueStats,
} from '@crosspoint/contracts';

/** Mean of the queues' means, each weighted with what it counts; null while nothing counts. */
function weightedMean(
  queues: readonly QueueStats[],
  value: (queue: QueueStats) => number | null,
  weight: (queue: QueueStats) => number,
): number | null {
  let sum = 0;
  let weights = 0;
  for (const queue of queues) {
    const mean = value(queue);
    if (mean === null) continue;
    sum += mean * weight(queue);
    weights += weight(queue);
  }
  return weights === 0 ? null : sum / weights;
}

const ratio = (part: number, whole: number): number | null => (whole <= 0 ? null : part / whole);

/** The figures of several queues together, by the formulas of rule 15 to 17. */
export function totalsOf(queues: readonly QueueStats[]): DashboardStats['totals'] {
  const sum = (value: (queue: QueueStats) => number) =>
    queues.reduce((total, queue) => total + value(queue), 0);
  const answered = sum((queue) => queue.answered);
  const abandoned = sum((queue) => queue.abandoned);
  const offered = sum((queue) => queue.offered);
  const counted = answered + abandoned - sum((queue) => queue.shortAbandons);
  const longest = queues.flatMap((queue) => queue.longestWaitSince ?? []).toSorted()[0];
  return {
    offered,
    answered,
    abandoned,
    overflowed: sum((queue) => queue.overflowed),
    callbacks: sum((queue) => queue.callbacks),
    waiting: sum((queue) => queue.waiting),
    deflected: sum((queue) => queue.deflected),
    serviceLevel: ratio(
      sum((queue) => queue.answeredWithin),
      counted,
    ),
    abandonRate: ratio(abandoned, offered),
    averageSpeedOfAnswerSeconds: weightedMean(
      queues,
      (queue) => queue.averageSpeedOfAnswerSeconds,
      (queue) => queue.answered,
    ),
    averageHandleSeconds: weightedMean(
      queues,
      (queue) => queue.averageHandleSeconds,
      (queue) => queue.answered,
    ),
    longestWaitSince: longest ?? null,
  };
}

export function agentsByActivity(agents: readonly AgentLive[]): DashboardStats['agents'] {
  const byActivity = Object.fromEntries(AgentActivity.options.map((activity) => [activity, 0])) as Record<
    AgentActivity,
    number
  >;
  for (const agent of agents) byActivity[agent.activity]++;
  return { total: agents.length, ready: agents.filter((agent) => agent.readiness.ready).length, byActivity };
}

/** Counted by the customer's leg; an agent's leg that rings is counted as ringing. */
export function callsByState(calls: readonly LiveCall[]): DashboardStats['calls'] {
  const customers = calls.filter((call) => call.party === 'customer');
  const inState = (state: LiveCall['state']) => customers.filter((call) => call.state === state).length;
  return {
    contacts: customers.length,
    waiting: inState('waiting'),
    ringing: calls.filter((call) => call.party === 'agent' && call.state === 'ringing').length,
    talking: inState('talking'),
    onHold: inState('hold'),
  };
}
