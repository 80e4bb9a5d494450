import type { EpochMs, QueueId, QueueSettings } from '@crosspoint/contracts';
import { compareEntries, entryBefore } from './entry.ts';
import { IndexedHeap } from '../collections/index.ts';
import type { Entry, Membership, PriorityClass, Queue, StayNode, Tier } from './model.ts';

/**
 * One queue: who stays in it and which of its agents are ready. The distinct classes and tiers of a queue are few, so
 * that each question costs a walk over them and a logarithm, whatever the number of contacts and agents.
 */
export function createQueue(id: QueueId, settings: QueueSettings): Queue {
  return {
    id,
    settings,
    members: new Set(),
    staffed: 0,
    readyCount: 0,
    counts: { entered: 0, answered: 0, abandoned: 0, overflowed: 0 },
    classes: [],
    tiers: [],
    stays: new IndexedHeap<StayNode>((a, b) => entryBefore(a.entry, b.entry)),
    stayNodes: new Map(),
  };
}

/** Every stay in the order of rule 8; costs a sort and is meant for views. */
export function staysInOrder(queue: Queue): Entry[] {
  return [...queue.stayNodes.keys()].sort(compareEntries);
}

/** 1 for the contact that is served first. Offered contacts keep their place. */
export function positionOf(queue: Queue, entry: Entry): number {
  let ahead = 0;
  for (const other of queue.stayNodes.keys()) if (compareEntries(other, entry) < 0) ahead += 1;
  return ahead + 1;
}

/** The place of a contact that enters now, so that all of its class stand before it; no walk over the contacts. */
export function positionAtEnd(queue: Queue, entry: Entry): number {
  let places = 0;
  for (const { priority, stays } of queue.classes) if (priority >= entry.priority) places += stays;
  return places;
}

export function addStay(queue: Queue, entry: Entry): void {
  let own = classOf(queue, entry.priority);
  if (own === undefined) {
    own = { priority: entry.priority, stays: 0, waiting: new IndexedHeap<Entry>(entryBefore) };
    queue.classes.push(own);
    queue.classes.sort((a, b) => b.priority - a.priority);
  }
  own.stays += 1;
  const node = { entry, heapIndex: -1 };
  queue.stays.insert(node);
  queue.stayNodes.set(entry, node);
}

export function removeStay(queue: Queue, entry: Entry): void {
  removeWaiting(queue, entry);
  const node = queue.stayNodes.get(entry);
  const own = classOf(queue, entry.priority);
  if (node === undefined || own === undefined) return;
  queue.stays.remove(node);
  queue.stayNodes.delete(entry);
  own.stays -= 1;
  if (own.stays === 0) queue.classes = queue.classes.filter((each) => each !== own);
}

export function addWaiting(queue: Queue, entry: Entry): void {
  classOf(queue, entry.priority)?.waiting.insert(entry);
}

export function removeWaiting(queue: Queue, entry: Entry): void {
  classOf(queue, entry.priority)?.waiting.remove(entry);
}

/** The first contact in the order of rule 8 that has waited at least `delayMs`. */
export function firstWaiting(queue: Queue, delayMs: number, now: EpochMs): Entry | undefined {
  for (const { waiting } of queue.classes) {
    const oldest = waiting.peek();
    if (oldest !== undefined && now - oldest.enteredAt >= delayMs) return oldest;
  }
  return undefined;
}

/** The contact that has waited longest for an agent, whatever its class. */
export function oldestWaiting(queue: Queue): Entry | undefined {
  let oldest: Entry | undefined;
  for (const { waiting } of queue.classes) {
    const head = waiting.peek();
    if (head !== undefined && (oldest === undefined || entryBefore(head, oldest))) oldest = head;
  }
  return oldest;
}

/** Rule 9: the ready agent with the best priority whose delay has passed, among equals the longest idle. */
export function bestAgent(queue: Queue, waitMs: number): Membership | undefined {
  let best: Membership | undefined;
  for (const tier of queue.tiers) {
    if (best !== undefined && tier.priority > best.tier.priority) break;
    if (tier.delayMs > waitMs) continue;
    const head = tier.ready.peek();
    if (head !== undefined && (best === undefined || membershipBefore(head, best))) best = head;
  }
  return best;
}

/** The least delay of any ready agent; undefined when nobody is ready. */
export function leastReadyDelayMs(queue: Queue): number | undefined {
  let least: number | undefined;
  for (const { ready, delayMs } of queue.tiers) {
    if (ready.size > 0 && (least === undefined || delayMs < least)) least = delayMs;
  }
  return least;
}

export function tierFor(queue: Queue, priority: number, delayMs: number): Tier {
  const known = queue.tiers.find((tier) => tier.priority === priority && tier.delayMs === delayMs);
  if (known !== undefined) return known;
  const tier = { priority, delayMs, members: 0, ready: new IndexedHeap<Membership>(membershipBefore) };
  queue.tiers.push(tier);
  queue.tiers.sort((a, b) => a.priority - b.priority || a.delayMs - b.delayMs);
  return tier;
}

export function addMember(membership: Membership): void {
  const { queue, tier, agent } = membership;
  queue.members.add(membership);
  tier.members += 1;
  if (agent.status !== 'offline') queue.staffed += 1;
}

/** Takes an agent, who must not stand among the ready ones, out of the queue. */
export function removeMember(membership: Membership): void {
  const { queue, tier, agent } = membership;
  if (!queue.members.delete(membership)) return;
  tier.members -= 1;
  if (agent.status !== 'offline') queue.staffed -= 1;
  if (tier.members === 0) queue.tiers = queue.tiers.filter((each) => each !== tier);
}

export function addReady(membership: Membership): void {
  membership.tier.ready.insert(membership);
  membership.queue.readyCount += 1;
}

export function removeReady(membership: Membership): void {
  membership.tier.ready.remove(membership);
  membership.queue.readyCount -= 1;
}

function classOf(queue: Queue, priority: number): PriorityClass | undefined {
  return queue.classes.find((each) => each.priority === priority);
}

/** Rule 9 within one priority: fewer contacts in hand, then idle longest, then known longest. */
function membershipBefore(a: Membership, b: Membership): boolean {
  const one = a.agent.readyKey;
  const other = b.agent.readyKey;
  if (one.load !== other.load) return one.load < other.load;
  if (one.idleSince !== other.idleSince) return one.idleSince < other.idleSince;
  return a.agent.arrival < b.agent.arrival;
}
