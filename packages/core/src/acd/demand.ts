import type { AgentId, EpochMs, Requirement } from '@crosspoint/contracts';
import { IndexedHeap } from '../collections/index.ts';
import { entryBefore } from './entry.ts';
import type {
  Agent,
  Candidate,
  Demand,
  Entry,
  Membership,
  PriorityClass,
  Queue,
  Step,
  Tier,
} from './model.ts';
import { candidateBefore, rankCandidate } from './ranking.ts';
import { satisfies, scoreOf } from './requirement.ts';
import type { State } from './state.ts';

/**
 * Where contacts and agents meet. The distinct demands of a queue, and their classes and tiers, are few, so that each question
 * costs a walk over them and a logarithm, whatever the number of contacts and agents.
 */

/** Demands that nobody asks for any more and that are kept, so that the next contact does not have to find the agents anew. */
const idleDemandsMax = 16;

export function createDemand(
  queue: Queue,
  key: string,
  requirement: Requirement | null,
  agentIds: readonly AgentId[] | null,
): Demand {
  return {
    key,
    queue,
    requirement,
    agentIds,
    candidates: new Map(),
    classes: [],
    tiers: [],
    stays: 0,
    clock: 0,
  };
}

/** The demand of a step; a new one is joined by every agent who fits, which costs a walk over the members once. */
export function demandFor(state: State, queue: Queue, { key, requirement, agentIds }: Step): Demand {
  if (requirement === null && agentIds === null) return queue.anybody;
  const known = queue.demands.get(key);
  if (known !== undefined) return known;
  const demand = createDemand(queue, key, requirement, agentIds);
  queue.demands.set(key, demand);
  if (agentIds === null) {
    for (const membership of queue.members.values()) joinDemand(state, demand, membership.agent, membership);
  } else {
    for (const id of agentIds) {
      const agent = state.agents.get(id);
      if (agent !== undefined) joinDemand(state, demand, agent, queue.members.get(agent) ?? null);
    }
  }
  return demand;
}

export function mayTake(demand: Demand, agent: Agent): boolean {
  const { agentIds, requirement } = demand;
  if (agentIds !== null && !agentIds.includes(agent.id)) return false;
  return requirement === null || satisfies(requirement, agent);
}

/** Makes the agent a candidate if he fits; if he is ready he stands among the ready ones at once. */
export function joinDemand(state: State, demand: Demand, agent: Agent, membership: Membership | null): void {
  if (!mayTake(demand, agent) || demand.candidates.has(agent)) return;
  const tier = tierFor(demand, membership?.priority ?? 1, membership?.delayMs ?? 0);
  const score = scoreOf(demand.requirement, agent);
  const place = { agent, demand, tier, membership, score };
  const candidate: Candidate = { ...place, load: 0, rank: 0, tieRank: 0, heapIndex: -1 };
  tier.members += 1;
  demand.candidates.set(agent, candidate);
  agent.candidates.push(candidate);
  if (agent.inReady) addReady(state, candidate);
}

/** The agent no longer takes part; he must not stand among the ready ones of others on account of this. */
export function leaveDemand(candidate: Candidate): void {
  const { agent, demand, tier } = candidate;
  tier.ready.remove(candidate);
  demand.candidates.delete(agent);
  agent.candidates = agent.candidates.filter((each) => each !== candidate);
  tier.members -= 1;
  if (tier.members === 0) demand.tiers = demand.tiers.filter((each) => each !== tier);
}

export function addReady(state: State, candidate: Candidate): void {
  rankCandidate(state, candidate);
  candidate.tier.ready.insert(candidate);
}

/** The contact asks for this from now on. */
export function addToDemand(demand: Demand, entry: Entry): void {
  entry.demand = demand;
  demand.stays += 1;
  let own = classOf(demand, entry.priority);
  if (own === undefined) {
    own = { priority: entry.priority, stays: 0, waiting: new IndexedHeap<Entry>(entryBefore) };
    demand.classes.push(own);
    demand.classes.sort((a, b) => b.priority - a.priority);
  }
  own.stays += 1;
}

/** The contact has left, or asks for something else. */
export function removeFromDemand(entry: Entry): void {
  const { demand, priority } = entry;
  const own = classOf(demand, priority);
  if (own === undefined) return;
  removeWaiting(entry);
  own.stays -= 1;
  if (own.stays === 0) demand.classes = demand.classes.filter((each) => each !== own);
  demand.stays -= 1;
  if (demand.stays === 0 && demand !== demand.queue.anybody) retire(demand);
}

export function addWaiting(entry: Entry): void {
  if (entry.heapIndex >= 0) return;
  const { demand, priority } = entry;
  classOf(demand, priority)?.waiting.insert(entry);
  entry.queue.waiting += 1;
}

export function removeWaiting(entry: Entry): void {
  if (entry.heapIndex < 0) return;
  const { demand, priority } = entry;
  classOf(demand, priority)?.waiting.remove(entry);
  entry.queue.waiting -= 1;
}

function classOf({ classes }: Demand, priority: number): PriorityClass | undefined {
  for (const each of classes) if (each.priority === priority) return each;
  return undefined;
}

/** The first contact in the order of rule 8 whose routing age is at least `delayMs`. */
export function firstWaiting(demand: Demand, delayMs: number, now: EpochMs): Entry | undefined {
  for (const { waiting } of demand.classes) {
    const oldest = waiting.peek();
    if (oldest !== undefined && now - oldest.agedSince >= delayMs) return oldest;
  }
  return undefined;
}

/** The contact with the greatest routing age that waits for an agent, whatever its class. */
export function oldestWaiting(demand: Demand): Entry | undefined {
  let oldest: Entry | undefined;
  for (const { waiting } of demand.classes) {
    const head = waiting.peek();
    if (head !== undefined && (oldest === undefined || entryBefore(head, oldest))) oldest = head;
  }
  return oldest;
}

/** Rule 9: the ready candidate with the best priority whose delay has passed, among equals the one the strategy prefers. */
export function bestCandidate(demand: Demand, ageMs: number): Candidate | undefined {
  let best: Candidate | undefined;
  for (const tier of demand.tiers) {
    if (best !== undefined && tier.priority > best.tier.priority) break;
    if (tier.delayMs > ageMs) continue;
    const head = tier.ready.peek();
    if (head !== undefined && (best === undefined || candidateBefore(head, best))) best = head;
  }
  return best;
}

/** The least delay of any ready candidate; undefined when nobody is ready. */
export function leastReadyDelayMs(demand: Demand): number | undefined {
  let least: number | undefined;
  for (const { ready, delayMs } of demand.tiers) {
    if (ready.size > 0 && (least === undefined || delayMs < least)) least = delayMs;
  }
  return least;
}

function tierFor(demand: Demand, priority: number, delayMs: number): Tier {
  const known = demand.tiers.find((tier) => tier.priority === priority && tier.delayMs === delayMs);
  if (known !== undefined) return known;
  const tier = { priority, delayMs, members: 0, ready: new IndexedHeap<Candidate>(candidateBefore) };
  demand.tiers.push(tier);
  demand.tiers.sort((a, b) => a.priority - b.priority || a.delayMs - b.delayMs);
  return tier;
}

/** Nobody asks for this now. Named agents are asked for once; requirements come back. */
function retire(demand: Demand): void {
  const { demands } = demand.queue;
  if (demand.agentIds !== null) return dissolve(demand);
  demands.delete(demand.key);
  demands.set(demand.key, demand);
  let idle = 0;
  for (const each of demands.values()) if (each.stays === 0) idle += 1;
  if (idle <= idleDemandsMax) return;
  for (const each of demands.values()) {
    if (each.stays > 0) continue;
    dissolve(each);
    return;
  }
}

function dissolve(demand: Demand): void {
  demand.queue.demands.delete(demand.key);
  for (const candidate of [...demand.candidates.values()]) leaveDemand(candidate);
}
