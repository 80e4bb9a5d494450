import { AgentActivity, type DashboardStats, type LiveCall, type QueueStats } from '@crosspoint/contracts';
import { emptyCounts, figure, type QueueCounts, sumCounts } from '@crosspoint/core';
import type { AgentAtWork } from '../calls/index.ts';

/** The counts behind a queue's figures; means are multiplied back to what they divide. */
function countsOf(queue: QueueStats): QueueCounts {
  const { offered, answered, abandoned, overflowed, callbacks, waiting, deflected } = queue;
  const { shortAbandons, answeredWithin, abandonedWithin, handled } = queue;
  return {
    ...emptyCounts(),
    offered,
    answered,
    abandoned,
    overflowed,
    callbacks,
    waiting,
    deflected,
    shortAbandons,
    answeredWithin,
    abandonedWithin,
    answeredWaitMs: (queue.averageSpeedOfAnswerSeconds ?? 0) * answered * 1000,
    handled,
    // Talk, hold and wrap-up together: of the handle time only the mean is told.
    talkMs: (queue.averageHandleSeconds ?? 0) * handled * 1000,
  };
}

/** The figures of several queues together, by the formulas of the catalogue. */
export function totalsOf(queues: readonly QueueStats[]): DashboardStats['totals'] {
  const counts = sumCounts(queues.map(countsOf));
  const longest = queues.flatMap((queue) => queue.longestWaitSince ?? []).toSorted()[0];
  return {
    offered: counts.offered,
    answered: counts.answered,
    abandoned: counts.abandoned,
    overflowed: counts.overflowed,
    callbacks: counts.callbacks,
    waiting: counts.waiting,
    deflected: counts.deflected,
    serviceLevel: figure('serviceLevel', counts),
    abandonRate: figure('abandonRate', counts),
    averageSpeedOfAnswerSeconds: figure('averageSpeedOfAnswerSeconds', counts),
    averageHandleSeconds: figure('averageHandleSeconds', counts),
    longestWaitSince: longest ?? null,
  };
}

export function agentsByActivity(agents: readonly AgentAtWork[]): DashboardStats['agents'] {
  const none = AgentActivity.options.map((activity) => [activity, 0]);
  const byActivity = Object.fromEntries(none) as Record<AgentActivity, number>;
  for (const agent of agents) byActivity[agent.activity]++;
  const ready = agents.filter((agent) => agent.readiness.ready).length;
  return { total: agents.length, ready, byActivity };
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
