import type { AgentId, QueueId } from '@crosspoint/contracts';
import { createAgent } from './agent.ts';
import type { AgentConfig, QueueConfig } from './door.ts';
import { matchAgent } from './matching.ts';
import type { Agent } from './model.ts';
import { recallOffer } from './outcome.ts';
import { forgetPauseTimer, refreshAgent, takeFromReady } from './presence.ts';
import { addMember, createQueue, removeMember, staysInOrder, tierFor } from './queue.ts';
import type { State } from './state.ts';
import { overflow } from './stay.ts';
import { announceWrapped, endWrapUp } from './wrap-up.ts';

/** A new queue is joined by the agents who name it; changed settings act at once on everybody who waits (rule 8). */
export function configureQueue(state: State, { id, settings }: QueueConfig): void {
  const known = state.queues.get(id);
  if (known !== undefined) {
    known.settings = settings;
    state.touchQueue(known);
    return;
  }
  const queue = createQueue(id, settings);
  state.queues.set(id, queue);
  state.touchQueue(queue);
  for (const agent of state.agents.values()) {
    if (agent.configured.some((membership) => membership.queueId === id)) rejoinQueues(state, agent);
  }
}

/** Everybody who waits there overflows; conversations that came from it go on with the wrap-up they began with. */
export function removeQueue(state: State, id: QueueId): void {
  const queue = state.queues.get(id);
  if (queue === undefined) return;
  const members = [...queue.members].map((membership) => membership.agent);
  state.queues.delete(id);
  for (const agent of members) rejoinQueues(state, agent);
  for (const entry of staysInOrder(queue)) overflow(state, entry, 'queue-removed');
  for (const agent of members) matchAgent(state, agent);
}

/** An agent who is new is offline until a status is chosen and unreachable until a device is reported. */
export function configureAgent(state: State, { id, capacity, queues }: AgentConfig): void {
  let agent = state.agents.get(id);
  if (agent === undefined) {
    state.agentArrivals += 1;
    agent = createAgent(id, state.agentArrivals, capacity, state.now);
    state.agents.set(id, agent);
  }
  agent.capacity = capacity;
  agent.configured = queues;
  rejoinQueues(state, agent);
  matchAgent(state, agent);
}

/**
 * Offers go back to their queues and wrap-ups end. A conversation goes on between its parties; nothing is known of it here any
 * more, and its end is answered at once.
 */
export function removeAgent(state: State, id: AgentId): void {
  const agent = state.agents.get(id);
  if (agent === undefined) return;
  agent.configured = [];
  rejoinQueues(state, agent);
  for (const offer of [...agent.offers.values()]) recallOffer(state, offer, 'agent-removed');
  for (const wrapUp of [...agent.wrapUps.values()]) endWrapUp(state, agent, wrapUp, 'system');
  for (const { contact } of agent.conversations.values()) {
    contact.conversations -= 1;
    announceWrapped(state, id, contact.id);
  }
  forgetPauseTimer(state, id);
  state.agents.delete(id);
  state.touchAgent(agent);
}

/** Leaves all queues and joins those that are configured and exist. */
function rejoinQueues(state: State, agent: Agent): void {
  takeFromReady(state, agent);
  for (const membership of agent.memberships) {
    removeMember(membership);
    state.touchQueue(membership.queue);
  }
  agent.memberships = [];
  const joined = new Set<QueueId>();
  for (const { queueId, priority, delaySeconds } of agent.configured) {
    const queue = state.queues.get(queueId);
    if (queue === undefined || joined.has(queueId)) continue;
    joined.add(queueId);
    const membership = { agent, queue, tier: tierFor(queue, priority, delaySeconds * 1000), heapIndex: -1 };
    agent.memberships.push(membership);
    addMember(membership);
    state.touchQueue(queue);
  }
  refreshAgent(state, agent);
}
