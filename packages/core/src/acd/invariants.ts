import { mayTake } from './demand.ts';
import { compareEntries } from './entry.ts';
import { firstMatchable } from './matching.ts';
import type { Agent, Demand, Entry, Queue } from './model.ts';
import { countOf, readinessOf, readinessReasons } from './readiness.ts';
import type { State, TimerTask } from './state.ts';
import { limitAt } from './relax.ts';
import { presentStep } from './steps.ts';

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
  const settled = counts.answered + counts.abandoned + counts.overflowed + counts.callback;
  expect(counts.entered === settled + stays.size, 'ACD-20', `queue ${id} does not add up`);
  let inDemands = 0;
  let waiting = 0;
  for (const demand of queue.demands.values()) {
    inDemands += demand.stays;
    waiting += checkDemand(demand);
  }
  expect(inDemands === stays.size, 'ACD-1', `queue ${id} demands`);
  expect(waiting === queue.waiting, 'ACD-1', `queue ${id} waiting count`);
  const inClasses = queue.classes.reduce((sum, each) => sum + each.stays, 0);
  expect(inClasses === stays.size, 'ACD-1', `queue ${id} classes`);
  for (const entry of stays.values()) checkEntry(state, entry);
  const inOrder = stays.values().sort(compareEntries);
  const places = queue.places.values();
  expect(places.length === inOrder.length, 'ACD-1', `queue ${id} places`);
  expect(
    places.every((entry, index) => entry === inOrder[index]),
    'ACD-1',
    `queue ${id} order`,
  );
  checkMembers(queue);
  checkUnmatched(state, queue);
}

/** How many wait there. */
function checkDemand(demand: Demand): number {
  let stays = 0;
  let waiting = 0;
  for (const each of demand.classes) {
    stays += each.stays;
    waiting += each.waiting.size;
    for (const entry of each.waiting.values()) {
      const { offers, id } = entry;
      const shared = offers.every(({ isShared }) => isShared);
      expect(shared && entry.demand === demand, 'ACD-3', `${id} waits and is offered`);
      expect(entry.priority === each.priority, 'ACD-5', `${id} stands in another class`);
    }
  }
  expect(stays === demand.stays, 'ACD-1', `demand ${demand.key} counts`);
  for (const candidate of demand.candidates.values()) {
    const { agent } = candidate;
    expect(candidate.heapIndex >= 0 === agent.inReady, 'ACD-8', `agent ${agent.id} is ready in part`);
    expect(
      agent.candidates.includes(candidate),
      'ACD-26',
      `agent ${agent.id} does not know of ${demand.key}`,
    );
    expect(mayTake(demand, agent), 'ACD-26', `agent ${agent.id} cannot take ${demand.key}`);
  }
  return waiting;
}

function checkEntry(state: State, entry: Entry): void {
  const { id, offers, queue, demand } = entry;
  expect(entry.contact.entry === entry, 'ACD-1', `${id} is not its contact's stay`);
  expect(queue.demands.get(demand.key) === demand, 'ACD-26', `${id} asks for what is given up`);
  const { agentIds } = presentStep(entry);
  expect(String(demand.agentIds) === String(agentIds), 'ACD-26', `${id} asks for another step`);
  const single = offers.length === 1 && offers[0]?.isShared === false;
  expect(offers.length <= 1 || offers.every(({ isShared }) => isShared), 'ACD-3', `${id} has two offers`);
  if (offers.length === 0) expect(entry.heapIndex >= 0, 'ACD-3', `${id} neither waits nor is offered`);
  if (single) expect(entry.heapIndex < 0, 'ACD-3', `${id} waits and is offered`);
  if (entry.stepUntil <= state.now && offers.length === 0 && entry.step < entry.steps.length - 1) {
    const timer = state.timers.get(`due:${queue.id}`);
    expect(timer !== undefined && timer.at <= state.now, 'ACD-27', `${id} stays in a step that is over`);
  }
}

function checkMembers(queue: Queue): void {
  const { id } = queue;
  const members = [...queue.members.keys()];
  const readyMembers = members.filter((agent) => agent.inReady);
  expect(readyMembers.length === queue.readyCount, 'ACD-8', `queue ${id} ready count`);
  const staffed = members.filter((agent) => agent.status !== 'offline').length;
  expect(staffed === queue.staffed, 'ACD-8', `queue ${id} staffed count`);
  for (const reason of readinessReasons) {
    const count = members.filter((agent) => agent.reason === reason).length;
    expect(countOf(queue.reasons, reason) === count, 'ACD-8', `queue ${id} counts ${reason}`);
  }
}

/** Nobody waits beside an agent who could take him, unless a timer is due at this very moment. */
function checkUnmatched(state: State, queue: Queue): void {
  for (const demand of queue.demands.values()) {
    const entry = firstMatchable(state, demand);
    if (entry === undefined) continue;
    const timer = state.timers.get(`delay:${queue.id}`);
    expect(timer !== undefined && timer.at <= state.now, 'ACD-9', `${entry.id} waits beside a ready agent`);
  }
  if (queue.stays.values().some((entry) => entry.offers.length === 0 && limitAt(entry) < Infinity)) {
    expect(state.timers.has(`due:${queue.id}`), 'ACD-7', `queue ${queue.id} has no timer for its limit`);
  }
}

function checkAgent(state: State, agent: Agent): void {
  const { id } = agent;
  const { ready, reason, until } = readinessOf(agent, state.now);
  if (agent.inReady) expect(ready, 'ACD-8', `agent ${id} stands among the ready ones although ${reason}`);
  for (const { queue } of agent.memberships) {
    expect(queue.members.has(agent), 'ACD-8', `agent ${id} is no member`);
    for (const demand of queue.demands.values()) {
      expect(demand.candidates.has(agent) === mayTake(demand, agent), 'ACD-26', `agent ${id}, ${demand.key}`);
    }
  }
  if (ready && !agent.inReady) {
    const timer = state.timers.get(`pause:${id}`);
    expect(timer !== undefined && timer.at <= state.now, 'ACD-9', `agent ${id} is ready but forgotten`);
  }
  if ((reason === 'backing-off' || reason === 'device-failing') && until !== null) {
    expect(state.timers.has(`pause:${id}`), 'ACD-7', `agent ${id} is paused without a timer`);
  }
  for (const wrapUp of agent.wrapUps.values()) {
    const contactId = wrapUp.contact.id;
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
    expect(offer.entry.offers.includes(offer), 'ACD-3', `${id} is not its contact's offer`);
    expect(offer.agent.offers.includes(offer), 'ACD-3', `${id} is not its agent's offer`);
    expect(state.agents.get(offer.agent.id) === offer.agent, 'ACD-3', `${id} rings a removed agent`);
    expect(offer.slot <= offer.slots, 'ACD-3', `${id} took slot ${offer.slot} of ${offer.slots}`);
    expect(state.timers.has(`ring:${id}`), 'ACD-7', `${id} has no ring timer`);
  }
  let held = 0;
  for (const agent of state.agents.values()) held += agent.offers.length;
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
    case 'due':
    case 'empty':
      return (state.queues.get(task.queueId)?.stays.size ?? 0) > 0;
  }
}
