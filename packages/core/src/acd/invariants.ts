import type { Agent, Queue } from './model.ts';
import { firstWaiting, leastReadyDelayMs } from './queue.ts';
import { readinessOf } from './readiness.ts';
import type { State, TimerTask } from './state.ts';

/** Throws an error that names the broken rule of `SPEC.md` and where it is broken. Costs a walk over everything. */
export function checkInvariants(state: State): void {
  for (const queue of state.queues.values()) checkQueue(state, queue);
  for (const agent of state.agents.values()) checkAgent(state, agent);
  checkContacts(state);
  checkOffers(state);
  for (const [name, { task }] of state.timers)
    expect(isNeeded(state, task), 'ACD-7', `timer ${name} is left over`);
}

function expect(holds: boolean, rule: string, where: string): void {
  if (!holds) throw new Error(`Broken rule ${rule}: ${where}`);
}

function checkQueue(state: State, queue: Queue): void {
  const { id, counts, stays } = queue;
  const settled = counts.answered + counts.abandoned + counts.overflowed;
  expect(counts.entered === settled + stays.size, 'ACD-20', `queue ${id} does not add up`);
  expect(stays.size === queue.stayNodes.size, 'ACD-1', `queue ${id} stays`);
  let inClasses = 0;
  for (const each of queue.classes) {
    inClasses += each.stays;
    for (const entry of each.waiting.values()) {
      expect(entry.offer === null && entry.queue === queue, 'ACD-3', `${entry.id} waits and is offered`);
      expect(queue.stayNodes.has(entry), 'ACD-1', `${entry.id} waits but left`);
    }
  }
  expect(inClasses === stays.size, 'ACD-1', `queue ${id} classes`);
  for (const entry of queue.stayNodes.keys()) {
    expect(entry.contact.entry === entry, 'ACD-1', `${entry.id} is not its contact's stay`);
    expect(
      entry.heapIndex >= 0 === (entry.offer === null),
      'ACD-3',
      `${entry.id} neither waits nor is offered`,
    );
  }
  const readyMembers = [...queue.members].filter((membership) => membership.heapIndex >= 0);
  expect(readyMembers.length === queue.readyCount, 'ACD-8', `queue ${id} ready count`);
  const staffed = [...queue.members].filter(({ agent }) => agent.status !== 'offline').length;
  expect(staffed === queue.staffed, 'ACD-8', `queue ${id} staffed count`);
  checkUnmatched(state, queue);
}

/** Nobody waits beside an agent who could take him, unless a timer is due at this very moment. */
function checkUnmatched(state: State, queue: Queue): void {
  const delayMs = leastReadyDelayMs(queue);
  const entry = delayMs === undefined ? undefined : firstWaiting(queue, delayMs, state.now);
  if (entry !== undefined) {
    const timer = state.timers.get(`delay:${queue.id}`);
    expect(timer !== undefined && timer.at <= state.now, 'ACD-9', `${entry.id} waits beside a ready agent`);
  }
  if (queue.settings.maxWaitSeconds > 0 && queue.classes.some(({ waiting }) => waiting.size > 0)) {
    expect(state.timers.has(`max-wait:${queue.id}`), 'ACD-7', `queue ${queue.id} has no timer for its limit`);
  }
}

function checkAgent(state: State, agent: Agent): void {
  const { id } = agent;
  const { ready, reason, until } = readinessOf(agent, state.now);
  if (agent.inReady) expect(ready, 'ACD-8', `agent ${id} stands among the ready ones although ${reason}`);
  for (const membership of agent.memberships) {
    expect(membership.heapIndex >= 0 === agent.inReady, 'ACD-8', `agent ${id} is ready in some queues only`);
    expect(membership.queue.members.has(membership), 'ACD-8', `agent ${id} is no member`);
  }
  if (ready && !agent.inReady) {
    const timer = state.timers.get(`pause:${id}`);
    expect(timer !== undefined && timer.at <= state.now, 'ACD-9', `agent ${id} is ready but forgotten`);
  }
  if (reason === 'backing-off' && until !== null) {
    expect(state.timers.has(`pause:${id}`), 'ACD-7', `agent ${id} is paused without a timer`);
  }
  for (const [contactId, wrapUp] of agent.wrapUps) {
    const timed = state.timers.has(`wrap-up:${id}:${contactId}`);
    expect(timed === (wrapUp.until !== null), 'ACD-7', `wrap-up of ${contactId} by ${id}`);
    if (wrapUp.blocking) expect(!agent.inReady, 'ACD-16', `agent ${id} is ready during wrap-up`);
  }
}

function checkContacts(state: State): void {
  const conversations = new Map<string, number>();
  const wrapUps = new Map<string, number>();
  const add = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const agent of state.agents.values()) {
    for (const contactId of agent.conversations.keys()) add(conversations, contactId);
    for (const contactId of agent.wrapUps.keys()) add(wrapUps, contactId);
  }
  for (const [id, contact] of state.contacts) {
    expect(contact.conversations === (conversations.get(id) ?? 0), 'ACD-2', `conversations of ${id}`);
    expect(contact.wrapUps === (wrapUps.get(id) ?? 0), 'ACD-2', `wrap-ups of ${id}`);
    expect(contact.conversations <= 1, 'ACD-2', `${id} talks with two agents`);
    expect(contact.entry === null || contact.conversations === 0, 'ACD-1', `${id} waits and talks`);
    const used = contact.entry !== null || contact.conversations > 0 || contact.wrapUps > 0;
    expect(used, 'ACD-7', `${id} is remembered for nothing`);
  }
  for (const id of [...conversations.keys(), ...wrapUps.keys()]) {
    expect(state.contacts.has(id as never), 'ACD-7', `${id} is forgotten`);
  }
}

function checkOffers(state: State): void {
  for (const [id, offer] of state.offers) {
    expect(offer.entry.offer === offer, 'ACD-3', `${id} is not its contact's offer`);
    expect(offer.agent.offers.get(id) === offer, 'ACD-3', `${id} is not its agent's offer`);
    expect(state.agents.get(offer.agent.id) === offer.agent, 'ACD-3', `${id} rings a removed agent`);
    expect(offer.slot <= offer.slots, 'ACD-3', `${id} took slot ${offer.slot} of ${offer.slots}`);
    expect(state.timers.has(`ring:${id}`), 'ACD-7', `${id} has no ring timer`);
  }
  let held = 0;
  for (const agent of state.agents.values()) held += agent.offers.size;
  expect(held === state.offers.size, 'ACD-3', 'offers of agents and of contacts differ');
}

function isNeeded(state: State, task: TimerTask): boolean {
  switch (task.kind) {
    case 'ring':
      return state.offers.has(task.offerId);
    case 'wrap-up':
      return state.agents.get(task.agentId)?.wrapUps.has(task.contactId) ?? false;
    case 'pause':
      return state.agents.has(task.agentId);
    case 'delay':
    case 'max-wait':
      return (state.queues.get(task.queueId)?.stays.size ?? 0) > 0;
  }
}
