import { activityOf, contactOf, loadOf } from './agent.ts';
import { addReady } from './demand.ts';
import type { ReadinessReason } from './door.ts';
import { shareOf } from './estimate.ts';
import type { Agent, Membership } from './model.ts';
import { addToReason, indexOfReason, isWorking, readinessReason } from './readiness.ts';
import type { State } from './state.ts';
import { applyDueStatus } from './status.ts';

/**
 * Brings everything derived from an agent up to date after a change: a status that was waiting for the end of the contact,
 * the activity with its fact, the place among the ready agents of each demand, and the timer of a pause.
 */
export function refreshAgent(state: State, agent: Agent): void {
  applyDueStatus(state, agent);
  recordActivity(state, agent);
  const load = loadOf(agent);
  const reason = readinessReason(agent, state.now);
  countReason(state, agent, reason);
  if (reason !== 'ready') {
    takeFromReady(state, agent);
  } else if (!agent.inReady || agent.readyKey.load !== load || agent.readyKey.idleSince !== agent.idleSince) {
    takeFromReady(state, agent);
    agent.readyKey.load = load;
    agent.readyKey.idleSince = agent.idleSince;
    agent.inReady = true;
    for (const candidate of agent.candidates) addReady(state, candidate);
    for (const { queue } of agent.memberships) {
      queue.readyCount += 1;
      state.touchQueue(queue);
    }
  }
  setPauseTimer(state, agent);
  state.touchAgent(agent);
}

/** Takes the agent out of the ready agents of every queue, until the next refresh. */
export function takeFromReady(state: State, agent: Agent): void {
  if (!agent.inReady) return;
  agent.inReady = false;
  for (const candidate of agent.candidates) candidate.tier.ready.remove(candidate);
  for (const { queue } of agent.memberships) {
    queue.readyCount -= 1;
    state.touchQueue(queue);
  }
}

/** Counts the agent in a queue, or out of it again with −1, by the reason that holds for him. */
export function countMember({ agent, queue }: Membership, change: 1 | -1): void {
  addToReason(queue.reasons, indexOfReason(agent.reason), change);
  if (isWorking(agent.reason)) queue.workforce += change * shareOf(agent);
}

function countReason(state: State, agent: Agent, reason: ReadinessReason): void {
  const { reason: before } = agent;
  if (reason === before) return;
  agent.reason = reason;
  const from = indexOfReason(before);
  const to = indexOfReason(reason);
  const change = Number(isWorking(reason)) - Number(isWorking(before));
  for (const { queue } of agent.memberships) {
    addToReason(queue.reasons, from, -1);
    addToReason(queue.reasons, to, 1);
    if (change === 0) continue;
    queue.workforce += change * shareOf(agent);
    state.touchQueue(queue);
  }
}

export function forgetPauseTimer(state: State, { pauseTimer }: Agent): void {
  state.clearTimer(pauseTimer);
}

function setPauseTimer(state: State, agent: Agent): void {
  const until = Math.max(agent.pausedUntil, agent.deviceBackOffUntil);
  if (until > state.now) {
    agent.isPaused = true;
    state.setTimer(agent.pauseTimer, until, { kind: 'pause', agentId: agent.id });
  } else if (agent.isPaused) {
    agent.isPaused = false;
    state.clearTimer(agent.pauseTimer);
  }
}

function recordActivity(state: State, agent: Agent): void {
  const activity = activityOf(agent);
  const { activity: previous } = agent;
  if (activity === previous) return;
  if (state.isWatched) {
    const previousMs = state.now - agent.activitySince;
    state.agentFact({
      agentId: agent.id,
      at: state.now,
      type: 'activity.changed',
      data: { activity, previous, previousMs, contactId: contactOf(agent, activity) },
    });
  }
  agent.activity = activity;
  agent.activitySince = state.now;
}
