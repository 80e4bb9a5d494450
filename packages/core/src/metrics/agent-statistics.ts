import type {
  AgentActivity,
  AgentFact,
  AgentId,
  ContactFact,
  ContactId,
  EpochMs,
} from '@crosspoint/contracts';

/** The figures of an agent's day, as the board shows them; see `agentMetrics` for their formulas. */
export interface AgentDay {
  answered: number;
  /** Seconds; null before the first conversation is over. */
  handleSecondsMean: number | null;
  /** 0–1; null while the agent has neither worked nor been idle. */
  occupancy: number | null;
  /** Milliseconds in each activity, the present one included. */
  activityMs: Record<AgentActivity, number>;
}

export interface AgentStatistics {
  /** A new day of the agent begins; an activity that runs over midnight counts from here. */
  startPeriod(agentId: AgentId, since: EpochMs): void;
  remove(agentId: AgentId): void;
  applyContactFact(fact: ContactFact): void;
  applyAgentFact(fact: AgentFact): void;
  day(agentId: AgentId, now: EpochMs): AgentDay;
}

interface AgentTally {
  since: EpochMs;
  answered: number;
  handled: number;
  handleMs: number;
  activityMs: Record<AgentActivity, number>;
  activity: AgentActivity;
  activitySince: EpochMs | null;
}

export function createAgentStatistics(): AgentStatistics {
  const tallies = new Map<AgentId, AgentTally>();
  /** Conversations of open contacts that nobody's customer began: no queue gave them, and nobody handed them over. */
  const ownCalls = new Map<ContactId, Set<number>>();
  const tally = (agentId: AgentId): AgentTally => {
    const known = tallies.get(agentId);
    if (known !== undefined) return known;
    const created = { ...emptyDay(), since: 0, activity: 'offline' as const, activitySince: null };
    tallies.set(agentId, created);
    return created;
  };
  return {
    startPeriod(agentId, since) {
      const agent = tally(agentId);
      Object.assign(agent, emptyDay(), { since });
      if (agent.activitySince !== null) agent.activitySince = Math.max(agent.activitySince, since);
    },
    remove(agentId) {
      tallies.delete(agentId);
    },
    applyContactFact(fact) {
      if (fact.type === 'segment.started') {
        // A call that the agent made, or that came by extension, was not answered for a queue.
        const { agentId, queueId, via, segment } = fact.data;
        if (agentId === undefined) return;
        if (queueId !== undefined) tally(agentId).answered += 1;
        else if (via === undefined) {
          const own = ownCalls.get(fact.contactId) ?? new Set<number>();
          ownCalls.set(fact.contactId, own.add(segment));
        }
      } else if (fact.type === 'contact.closed') ownCalls.delete(fact.contactId);
      else if (fact.type === 'segment.ended') {
        const { agentId, segment } = fact.data;
        if (agentId === undefined || ownCalls.get(fact.contactId)?.has(segment) === true) return;
        const agent = tally(agentId);
        agent.handled += 1;
        agent.handleMs += fact.data.talkMs + fact.data.holdMs;
      } else if (fact.type === 'wrapup.ended') {
        tally(fact.data.agentId).handleMs += fact.data.durationMs;
      }
    },
    applyAgentFact(fact) {
      if (fact.type !== 'activity.changed') return;
      const agent = tally(fact.agentId);
      const { activity, previous, previousMs } = fact.data;
      const began = Math.max(agent.since, fact.at - previousMs);
      agent.activityMs[previous] += Math.max(0, fact.at - began);
      agent.activity = activity;
      agent.activitySince = fact.at;
    },
    day: (agentId, now) => dayOf(tally(agentId), now),
  };
}

function emptyDay(): Pick<AgentTally, 'answered' | 'handled' | 'handleMs' | 'activityMs'> {
  return {
    answered: 0,
    handled: 0,
    handleMs: 0,
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

function dayOf(agent: AgentTally, now: EpochMs): AgentDay {
  const activityMs = { ...agent.activityMs };
  if (agent.activitySince !== null) activityMs[agent.activity] += Math.max(0, now - agent.activitySince);
  const workedMs = activityMs['on-contact'] + activityMs.hold + activityMs['wrap-up'];
  const presentMs = workedMs + activityMs.idle;
  return {
    answered: agent.answered,
    handleSecondsMean: agent.handled > 0 ? agent.handleMs / agent.handled / 1000 : null,
    occupancy: presentMs > 0 ? workedMs / presentMs : null,
    activityMs,
  };
}
