import type { Agent, AgentLive } from '@crosspoint/contracts';
import { etagOf } from '../../http/index.ts';
import type { AgentProfile } from './repo.ts';

/** Joins what is stored of an agent with what is true of it now. */
export function agentOf(profile: AgentProfile, live: AgentLive | undefined): Agent {
  const { chosen, ...stored } = profile;
  if (live === undefined) {
    // The centre does not know the agent: disabled, or of a tenant that runs elsewhere.
    return {
      ...stored,
      status: chosen.status,
      reasonCode: chosen.reasonCode,
      nextStatus: null,
      activity: 'offline',
      activitySince: chosen.since.toISOString(),
      readiness: { ready: false, reason: 'status-offline', until: null },
    };
  }
  const { status, reasonCode, nextStatus, activity, activitySince, readiness } = live;
  return { ...stored, status, reasonCode, nextStatus, activity, activitySince, readiness };
}

/** Only what the editor edits: a status that moved must not make an editor's state outdated. */
export function etagOfAgent(profile: AgentProfile): string {
  const { chosen: _chosen, teams: _teams, queues, ...editable } = profile;
  return etagOf({
    ...editable,
    queues: queues.map(({ queueId, priority, delaySeconds, weight }) => [
      queueId,
      priority,
      delaySeconds,
      weight,
    ]),
  });
}
