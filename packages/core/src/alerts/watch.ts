import type { AgentId, EpochMs, QueueId } from '@crosspoint/contracts';
import { AgentCourses, type WatchedAgent } from './agent-causes.ts';
import { type AlertEffect, alertKey, AlertLedger, type Cause, type OpenAlert } from './ledger.ts';
import { queueCauses, queueKindsWanted, type WatchedQueue } from './queue-causes.ts';

export interface AlertWatch {
  /** Looks at all queues that have thresholds and all agents whom a rule concerns; call it every second. */
  look(
    seen: { queues: readonly WatchedQueue[]; agents: readonly WatchedAgent[] },
    now: EpochMs,
  ): AlertEffect[];
}

/** @param open alerts that lasted when the former watch ended. */
export function createAlertWatch(open: readonly OpenAlert[]): AlertWatch {
  const ledger = new AlertLedger(open);
  /** Since when nobody is there, of each queue. */
  const emptySince = new Map<QueueId, EpochMs>();
  const courses = new AgentCourses();
  return {
    look({ queues, agents }, now) {
      const causes: Cause[] = [];
      const wanted = new Set<string>();
      const unknown = new Set<string>();
      for (const queue of queues) {
        const { queueId } = queue.stats;
        for (const kind of queueKindsWanted(queue.thresholds)) wanted.add(alertKey({ queueId, kind }));
        causes.push(...queueCauses(queue, now, emptySince));
      }
      for (const agent of agents) {
        for (const { id: ruleId, condition } of agent.rules) {
          const key = alertKey({ agentId: agent.id, ruleId, kind: condition.kind });
          wanted.add(key);
          if (condition.kind === 'not-adherent' && agent.scheduled === undefined) unknown.add(key);
        }
        causes.push(...courses.causes(agent, now));
      }
      const watchedQueues = new Set(queues.map(({ stats }) => stats.queueId));
      for (const id of emptySince.keys()) if (!watchedQueues.has(id)) emptySince.delete(id);
      courses.keep(new Set<AgentId>(agents.map(({ id }) => id)));
      return ledger.take(causes, wanted, unknown, now);
    },
  };
}
