import type { AgentId, QueueId, QueueMembership, QueueSettings } from '@crosspoint/contracts';
import { createAgent } from './agent.ts';
import { joinDemand, leaveDemand } from './demand.ts';
import type { AgentConfig, QueueConfig } from './door.ts';
import { matchAgent, matchQueue } from './matching.ts';
import type { Agent, Membership, Queue } from './model.ts';
import { settleWaiting } from './offer.ts';
import { recallOffer } from './outcome.ts';
import { countMember, forgetPauseTimer, refreshAgent, takeFromReady } from './presence.ts';
import { addMember, createQueue, removeMember, staysInOrder } from './queue.ts';
import { relaxEntry, scheduleDue } from './relax.ts';
import type { State } from './state.ts';
import { overflow } from './stay.ts';
import { stepsOf } from './steps.ts';
import { announceWrapped, endWrapUp } from './wrap-up.ts';

/** A new queue is joined by the agents who name it; changed settings act at once on everybody who waits (rule 8). */
export function configureQueue(state: State, { id, settings, version = 0 }: QueueConfig): void {
  const known = state.queues.get(id);
  if (known !== undefined) {
    changeQueue(state, known, settings, version);
    return;
  }
  const queue = createQueue(id, settings, version);
  state.queues.set(id, queue);
  state.touchQueue(queue);
  for (const agent of state.agents.values()) {
    if (agent.configured.some((membership) => membership.queueId === id)) rejoinQueues(state, agent);
  }
}

/**
 * Limits, classes and overflow rules act at once on those who wait; the requirement steps are those of their entry (rule 10). Whose
 * instant has passed by the change is moved with the queue's next timer, which is due at once.
 */
function changeQueue(state: State, queue: Queue, settings: QueueSettings, version: number): void {
  const isReordered = queue.settings.strategy !== settings.strategy;
  const ready = isReordered ? [...queue.members.keys()].filter((agent) => agent.inReady) : [];
  for (const agent of ready) takeFromReady(state, agent);
  queue.settings = settings;
  queue.version = version;
  queue.steps = stepsOf(settings, null);
  queue.hours = { open: true, until: 0, changesAt: null };
  for (const agent of ready) refreshAgent(state, agent);
  for (const entry of queue.stays.values()) {
    settleWaiting(entry);
    // What one agent is asked about waits for the answer; several who ring together hold nothing up.
    if (entry.offers.some(({ isShared }) => !isShared)) continue;
    relaxEntry(state, entry);
    scheduleDue(state, entry, { isChanged: true });
  }
  state.touchQueue(queue);
  matchQueue(state, queue);
}

/** Everybody who waits there overflows; conversations that came from it go on with the wrap-up they began with. */
export function removeQueue(state: State, id: QueueId): void {
  const queue = state.queues.get(id);
  if (queue === undefined) return;
  const members = [...queue.members.keys()];
  state.queues.delete(id);
  queue.isRemoved = true;
  for (const agent of members) rejoinQueues(state, agent);
  for (const entry of staysInOrder(queue)) overflow(state, entry, 'queue-removed');
  for (const agent of members) matchAgent(state, agent);
}

/** An agent who is new is offline until a status is chosen and unreachable until a device is reported. */
export function configureAgent(state: State, config: AgentConfig): void {
  const { id, name = id, capacity, queues, skills = {}, languages = [] } = config;
  let agent = state.agents.get(id);
  if (agent === undefined) {
    state.agentArrivals += 1;
    agent = createAgent(id, state.agentArrivals, state.now);
    state.agents.set(id, agent);
  }
  takeFromReady(state, agent);
  for (const membership of agent.memberships) leaveQueue(state, membership);
  Object.assign(agent, { name, capacity, skills, languages, configured: queues, memberships: [] });
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
  takeFromReady(state, agent);
  for (const membership of agent.memberships) leaveQueue(state, membership);
  for (const candidate of agent.candidates) leaveDemand(candidate);
  Object.assign(agent, { configured: [], memberships: [] });
  // From here on nobody finds the agent any more, whatever the end of his offers and wrap-ups leads to.
  state.agents.delete(id);
  for (const offer of [...agent.offers]) recallOffer(state, offer, 'agent-removed');
  for (const wrapUp of agent.wrapUps.values()) endWrapUp(state, agent, wrapUp, 'system');
  for (const { contact } of agent.conversations.values()) {
    contact.conversations -= 1;
    announceWrapped(state, id, contact.id);
  }
  forgetPauseTimer(state, agent);
  state.touchAgent(agent);
}

/** Leaves all queues and joins those that are configured and exist. */
function rejoinQueues(state: State, agent: Agent): void {
  takeFromReady(state, agent);
  for (const membership of agent.memberships) leaveQueue(state, membership);
  // What was given to the agent in person stays his, with what he knows and may now.
  const personal = agent.candidates.map(({ demand }) => demand);
  for (const candidate of agent.candidates) leaveDemand(candidate);
  const places = new Map<Queue, QueueMembership>();
  for (const place of agent.configured) {
    const queue = state.queues.get(place.queueId);
    if (queue !== undefined && !places.has(queue)) places.set(queue, place);
  }
  agent.memberships = [...places].map(([queue, { priority, delaySeconds, weight }]) => ({
    agent,
    queue,
    priority,
    delayMs: delaySeconds * 1000,
    weight,
    round: 0,
  }));
  for (const membership of agent.memberships) {
    addMember(state, membership);
    countMember(membership, 1);
    state.touchQueue(membership.queue);
  }
  for (const demand of personal) joinDemand(state, demand, agent, null);
  refreshAgent(state, agent);
}

function leaveQueue(state: State, membership: Membership): void {
  countMember(membership, -1);
  removeMember(membership);
  state.touchQueue(membership.queue);
}
