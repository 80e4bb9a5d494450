import type {
  AgentActivity,
  AgentFact,
  AgentId,
  ContactFact,
  ContactId,
  EpochMs,
  Schedule,
} from '@crosspoint/contracts';
import { AdherenceDay } from '../adherence/index.ts';
import { type AgentCounts, emptyAgentCounts, sumAgentCounts } from './agent-counts.ts';
import { agentFigure } from './catalogue.ts';

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

/** Figures of the agents who serve a queue, of their day so far (MET-11); null without data. */
export interface StaffFigures {
  occupancy: number | null;
  adherence: number | null;
}

export interface AgentStatistics {
  /** When the agent is to work; null: nothing is scheduled. */
  plan(agentId: AgentId, schedule: Schedule | null): void;
  /** A new day of the agent begins; an activity that runs over midnight counts from here. */
  startPeriod(agentId: AgentId, since: EpochMs): void;
  remove(agentId: AgentId): void;
  applyContactFact(fact: ContactFact): void;
  applyAgentFact(fact: AgentFact): void;
  day(agentId: AgentId, now: EpochMs): AgentDay;
  /** What the figures of the period follow from, the present activity included. */
  counts(agentId: AgentId, now: EpochMs): AgentCounts;
  staff(agentIds: readonly AgentId[], now: EpochMs): StaffFigures;
}

interface AgentTally {
  since: EpochMs;
  counts: AgentCounts;
  activity: AgentActivity;
  activitySince: EpochMs | null;
  adherence: AdherenceDay;
}

export function createAgentStatistics(): AgentStatistics {
  const tallies = new Map<AgentId, AgentTally>();
  /** Conversations of open contacts that nobody's customer began: no queue gave them, and nobody handed them over. */
  const ownCalls = new Map<ContactId, Set<number>>();
  const tally = (agentId: AgentId): AgentTally => {
    const known = tallies.get(agentId);
    if (known !== undefined) return known;
    const created = {
      ...{ counts: emptyAgentCounts(), since: 0 },
      ...{ activity: 'offline' as const, activitySince: null, adherence: new AdherenceDay() },
    };
    tallies.set(agentId, created);
    return created;
  };
  return {
    plan(agentId, schedule) {
      tally(agentId).adherence.plan(schedule);
    },
    startPeriod(agentId, since) {
      const agent = tally(agentId);
      Object.assign(agent, { counts: emptyAgentCounts(), since });
      if (agent.activitySince !== null) agent.activitySince = Math.max(agent.activitySince, since);
      agent.adherence.begin(since);
    },
    remove(agentId) {
      tallies.delete(agentId);
    },
    applyContactFact(fact) {
      switch (fact.type) {
        case 'segment.started': {
          // A call that the agent made, or that came by extension, was not answered for a queue.
          const { agentId, queueId, via, segment } = fact.data;
          if (agentId === undefined) return;
          if (queueId !== undefined) tally(agentId).counts.answered += 1;
          else if (via === undefined) {
            const own = ownCalls.get(fact.contactId) ?? new Set<number>();
            ownCalls.set(fact.contactId, own.add(segment));
          }
          return;
        }
        case 'contact.closed':
          ownCalls.delete(fact.contactId);
          return;
        case 'segment.ended': {
          const { agentId, segment } = fact.data;
          if (agentId === undefined || ownCalls.get(fact.contactId)?.has(segment) === true) return;
          const { counts } = tally(agentId);
          counts.handled += 1;
          counts.talkMs += fact.data.talkMs;
          counts.holdMs += fact.data.holdMs;
          return;
        }
        case 'wrapup.ended':
          tally(fact.data.agentId).counts.wrapUpMs += fact.data.durationMs;
          return;
        case 'offer.ended': {
          const { agentId, result } = fact.data;
          if (result === 'timed-out') tally(agentId).counts.missed += 1;
          else if (result === 'rejected' || result === 'busy') tally(agentId).counts.rejected += 1;
          return;
        }
        case 'transfer.started':
          if (fact.data.byAgentId !== undefined) tally(fact.data.byAgentId).counts.transfers += 1;
          return;
        default:
          return;
      }
    },
    applyAgentFact(fact) {
      if (fact.type !== 'activity.changed') return;
      const agent = tally(fact.agentId);
      const { activity, previous, previousMs } = fact.data;
      const began = Math.max(agent.since, fact.at - previousMs);
      agent.counts.activityMs[previous] += Math.max(0, fact.at - began);
      agent.adherence.did({ from: began, to: fact.at, activity: previous });
      agent.activity = activity;
      agent.activitySince = fact.at;
    },
    day: (agentId, now) => dayOf(countsUntil(tally(agentId), now)),
    counts: (agentId, now) => countsUntil(tally(agentId), now),
    staff: (agentIds, now) => staffOf(agentIds.map(tally), now),
  };
}

function countsUntil({ counts, activity, activitySince }: AgentTally, now: EpochMs): AgentCounts {
  const activityMs = { ...counts.activityMs };
  if (activitySince !== null) activityMs[activity] += Math.max(0, now - activitySince);
  return { ...counts, activityMs };
}

function staffOf(agents: readonly AgentTally[], now: EpochMs): StaffFigures {
  const times = agents.map(({ adherence, activity, activitySince }) =>
    adherence.until(now, activitySince === null ? null : activity),
  );
  const scheduledMs = times.reduce((sum, time) => sum + time.scheduledMs, 0);
  const adherentMs = times.reduce((sum, time) => sum + time.adherentMs, 0);
  return {
    occupancy: agentFigure('occupancy', sumAgentCounts(agents.map((agent) => countsUntil(agent, now)))),
    adherence: scheduledMs > 0 ? adherentMs / scheduledMs : null,
  };
}

function dayOf(counts: AgentCounts): AgentDay {
  return {
    answered: counts.answered,
    handleSecondsMean: agentFigure('handleSecondsMean', counts),
    occupancy: agentFigure('occupancy', counts),
    activityMs: counts.activityMs,
  };
}
