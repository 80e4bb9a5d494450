import type { AgentActivity } from '@crosspoint/contracts';

/** What is counted of an agent in one period; the whole of the agent's figures follows from these. Times are milliseconds. */
export interface AgentCounts {
  /** Conversations that a queue gave and that began. */
  answered: number;
  /** Conversations that are over, own calls aside. */
  handled: number;
  talkMs: number;
  holdMs: number;
  wrapUpMs: number;
  /** Offers that ran out without an answer. */
  missed: number;
  /** Offers that the agent turned down, by button or by a busy telephone. */
  rejected: number;
  /** Customers whom the agent sent on. */
  transfers: number;
  /** In each activity. */
  activityMs: Record<AgentActivity, number>;
}

export function emptyAgentCounts(): AgentCounts {
  return {
    answered: 0,
    handled: 0,
    talkMs: 0,
    holdMs: 0,
    wrapUpMs: 0,
    missed: 0,
    rejected: 0,
    transfers: 0,
    activityMs: {
      idle: 0,
      offered: 0,
      'on-contact': 0,
      hold: 0,
      'wrap-up': 0,
      'not-responding': 0,
      unreachable: 0,
      break: 0,
      offline: 0,
    },
  };
}

/** Adds up several agents or periods; the figures of the sum follow by the same formulas (MET-7). */
export function sumAgentCounts(all: Iterable<AgentCounts>): AgentCounts {
  const sum = emptyAgentCounts();
  for (const { activityMs, ...counts } of all) {
    for (const key of Object.keys(counts) as (keyof typeof counts)[]) sum[key] += counts[key];
    for (const key of Object.keys(activityMs) as AgentActivity[]) sum.activityMs[key] += activityMs[key];
  }
  return sum;
}
