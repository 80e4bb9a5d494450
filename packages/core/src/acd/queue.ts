import type { QueueId, QueueSettings } from '@crosspoint/contracts';
import { Chain, IndexedHeap, RankedList } from '../collections/index.ts';
import { addToDemand, createDemand, joinDemand, leaveDemand, removeFromDemand } from './demand.ts';
import { compareEntries } from './entry.ts';
import type { Demand, DueNode, Entry, Membership, Queue } from './model.ts';
import { noReasons } from './readiness.ts';
import type { State } from './state.ts';
import { stepsOf } from './steps.ts';

/** One queue: its settings, its members, and every stay. Who meets whom is the business of its demands. */
export function createQueue(id: QueueId, settings: QueueSettings, version: number): Queue {
  const queue: Queue = {
    id,
    settings,
    version,
    steps: stepsOf(settings, null),
    members: new Map(),
    staffed: 0,
    readyCount: 0,
    reasons: noReasons(),
    workforce: 0,
    waiting: 0,
    counts: { entered: 0, answered: 0, abandoned: 0, overflowed: 0, callback: 0 },
    // The queue and its first demand name each other; it is set below before anybody sees the queue.
    anybody: undefined as unknown as Demand,
    demands: new Map(),
    classes: [],
    stays: new Chain<Entry>(),
    places: new RankedList<Entry>(compareEntries),
    due: new IndexedHeap<DueNode>((a, b) => a.at < b.at || (a.at === b.at && isEarlier(a.entry, b.entry))),
    timers: {
      due: { name: `due:${id}`, at: undefined },
      delay: { name: `delay:${id}`, at: undefined },
      empty: { name: `empty:${id}`, at: undefined },
    },
    turn: { round: 0, place: 0 },
    flow: { busySince: null, headwayMs: 0, headways: 0, handleMs: 0, handled: 0, abandons: 0, waitedMs: 0 },
    predictions: new Map(),
    emptySince: null,
    hours: { open: true, until: 0, changesAt: null },
    isTouched: false,
    isRemoved: false,
  };
  const anybody = createDemand(queue, '|', null, null);
  queue.demands.set(anybody.key, anybody);
  return Object.assign(queue, { anybody });
}

/** Every stay in the order of rule 8. */
export function staysInOrder(queue: Queue): Entry[] {
  return queue.places.values();
}

/** 1 for the contact that is served first. Offered contacts keep their place. */
export function positionOf(queue: Queue, entry: Entry): number {
  return queue.places.rankOf(entry) + 1;
}

/** How many would stand before a contact of this class that enters now; no walk over the contacts. */
export function aheadOfNewcomer(queue: Queue, priority: number): number {
  let places = 0;
  for (const each of queue.classes) if (each.priority >= priority) places += each.stays;
  return places;
}

export function addStay(queue: Queue, entry: Entry): void {
  countClass(queue, entry.priority, 1);
  queue.stays.insert(entry, enteredLater);
  queue.places.insert(entry);
  addToDemand(entry.demand, entry);
}

export function removeStay(entry: Entry): void {
  const { queue } = entry;
  countClass(queue, entry.priority, -1);
  queue.stays.remove(entry);
  queue.places.remove(entry);
  if (entry.due !== null) queue.due.remove(entry.due);
  removeFromDemand(entry);
}

/** Moves the contact to another class or demand; whether it waits or is offered stays as it was. */
export function placeAnew(entry: Entry, priority: number, demand: Demand): void {
  const { queue } = entry;
  // The demand may be the one that the contact leaves, and is given up without any stay.
  demand.stays += 1;
  removeFromDemand(entry);
  demand.stays -= 1;
  countClass(queue, entry.priority, -1);
  queue.places.remove(entry);
  entry.priority = priority;
  queue.places.insert(entry);
  countClass(queue, priority, 1);
  addToDemand(demand, entry);
}

export function addMember(state: State, membership: Membership): void {
  const { queue, agent } = membership;
  queue.members.set(agent, membership);
  if (agent.status !== 'offline') queue.staffed += 1;
  for (const demand of queue.demands.values()) joinDemand(state, demand, agent, membership);
}

/** Takes an agent, who must not stand among the ready ones, out of the queue. */
export function removeMember({ queue, agent }: Membership): void {
  if (!queue.members.delete(agent)) return;
  if (agent.status !== 'offline') queue.staffed -= 1;
  for (const candidate of agent.candidates) if (candidate.demand.queue === queue) leaveDemand(candidate);
}

function countClass(queue: Queue, priority: number, change: 1 | -1): void {
  const known = queue.classes.find((each) => each.priority === priority);
  if (known === undefined) {
    queue.classes.push({ priority, stays: change });
    queue.classes.sort((a, b) => b.priority - a.priority);
    return;
  }
  known.stays += change;
  if (known.stays === 0) queue.classes = queue.classes.filter((each) => each !== known);
}

function isEarlier(a: Entry, b: Entry): boolean {
  return a.enteredAt < b.enteredAt || (a.enteredAt === b.enteredAt && a.arrival < b.arrival);
}

/** Only what was taken over from before a restart does not come in the order of its entry. */
function enteredLater(other: Entry, entry: Entry): boolean {
  return other.enteredAt > entry.enteredAt;
}
