import type { AgentId } from '@crosspoint/contracts';
import { activityOf, loadOf } from './agent.ts';
import type { Agent } from './model.ts';
import { addReady, removeReady } from './queue.ts';
import { readinessOf } from './readiness.ts';
import type { State } from './state.ts';
import { applyDueStatus } from './status.ts';

const pauseTimer = (agentId: AgentId) => `pause:${agentId}`;

/**
 * Brings everything derived from an agent up to date after a change: a status that was waiting for the end of the contact,
 * the activity with its fact, the place among the ready agents of each queue, and the timer of a pause.
 */
export function refreshAgent(state: State, agent: Agent): void {
  applyDueStatus(state, agent);
  recordActivity(state, agent);
  const load = loadOf(agent);
  if (!readinessOf(agent, state.now).ready) {
    takeFromReady(state, agent);
  } else if (!agent.inReady || agent.readyKey.load !== load || agent.readyKey.idleSince !== agent.idleSince) {
    takeFromReady(state, agent);
    agent.readyKey = { load, idleSince: agent.idleSince };
    agent.inReady = true;
    for (const membership of agent.memberships) {
      addReady(membership);
      state.touchQueue(membership.queue);
    }
  }
  setPauseTimer(state, agent);
  state.touchAgent(agent);
}

/** Takes the agent out of the ready agents of every queue, until the next refresh. */
export function takeFromReady(state: State, agent: Agent): void {
  if (!agent.inReady) return;
  agent.inReady = false;
  for (const membership of agent.memberships) {
    removeReady(membership);
    state.touchQueue(membership.queue);
  }
}

export function forgetPauseTimer(state: State, agentId: AgentId): void {
  state.clearTimer(pauseTimer(agentId));
}

function setPauseTimer(state: State, agent: Agent): void {
  const until = Math.max(agent.pausedUntil, agent.deviceBackOffUntil);
  if (until > state.now) {
    state.setTimer(pauseTimer(agent.id), until, { kind: 'pause', agentId: agent.id });
  } else {
    state.clearTimer(pauseTimer(agent.id));
  }
}

function recordActivity(state: State, agent: Agent): void {
  const { activity, contactId } = activityOf(agent);
  if (activity === agent.activity) return;
  state.agentFact({
    agentId: agent.id,
    at: state.now,
    type: 'activity.changed',
    data: { activity, previous: agent.activity, previousMs: state.now - agent.activitySince, contactId },
  });
  agent.activity = activity;
  agent.activitySince = state.now;
}
