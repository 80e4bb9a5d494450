import type { AgentId, ContactFactOf, EntryId, EpochMs, OverflowTarget } from '@crosspoint/contracts';
import type { EntryVia } from './door.ts';
import { addWaiting, bestCandidate, demandFor } from './demand.ts';
import { estimateForMs, noteDeparture, noteWaiting } from './estimate.ts';
import { matchAgent, matchEntry } from './matching.ts';
import type { ContactRecord, Entry, Queue, Wishes } from './model.ts';
import { noOffers, takeBackOffers } from './offer.ts';
import { noTargets } from './placement.ts';
import { refreshAgent } from './presence.ts';
import { agedPriority, givenPriority } from './priority.ts';
import { addStay, aheadOfNewcomer, positionOf, removeStay } from './queue.ts';
import { relaxEntry, scheduleDue } from './relax.ts';
import type { State } from './state.ts';
import { stepsFor } from './steps.ts';

export interface Arrival {
  contact: ContactRecord;
  wishes: Wishes;
  via: EntryVia;
  priority: number;
  agedSince: EpochMs;
  /** Now, unless the contact has waited here before a restart. */
  enteredAt?: EpochMs;
}

/** The contact has a place in the queue: it is matched at once. */
export function beginStay(state: State, queue: Queue, arrival: Arrival): void {
  const entry = createEntry(state, queue, arrival);
  const { contact, id, priority } = entry;
  const ahead = aheadOfNewcomer(queue, priority);
  addStay(queue, entry);
  addWaiting(entry);
  queue.counts.entered += 1;
  state.touchQueue(queue);
  const position = entry.agedSince === state.now ? ahead + 1 : positionOf(queue, entry);
  const agedMs = state.now - entry.agedSince;
  const isServedNow = bestCandidate(entry.demand, agedMs) !== undefined;
  entry.estimatedWaitMs = isServedNow ? 0 : estimateForMs(entry, position - 1);
  const { estimatedWaitMs } = entry;
  const { language } = entry.wishes;
  const data: ContactFactOf<'queue.entered'>['data'] = {
    ...{ entryId: id, queueId: queue.id, priority, position, estimatedWaitMs },
  };
  if (language !== null) data.language = language;
  if (agedMs > 0) data.agedMs = agedMs;
  if (entry.wishes.isCallback) data.isCallback = true;
  state.fact(contact.id, { type: 'queue.entered', data });
  state.emit({ type: 'entry.accepted', contactId: contact.id, queueId: queue.id, entryId: id, position });
  matchEntry(state, entry);
  if (entry.offers.length === 0 && entry.stepUntil <= state.now) {
    // A step of no length was for this one look.
    relaxEntry(state, entry);
    matchEntry(state, entry);
  }
  if (entry.offers.length === 0) noteWaiting(queue, state.now);
  scheduleDue(state, entry);
}

/** How a stay ends. */
export type QueueResult = 'answered' | 'abandoned' | 'overflowed' | 'callback';

/** Ends a stay with its one result; offers must have been ended before. */
export function leaveQueue(
  state: State,
  entry: Entry,
  result: QueueResult,
  reason: string,
  agentId?: AgentId,
): void {
  const { contact, queue } = entry;
  removeStay(entry);
  queue.counts[result] += 1;
  contact.entry = null;
  noteDeparture(entry, result, state.now);
  if (result === 'abandoned') {
    const { agedSince, wishes } = entry;
    rememberPlace(state, queue, { caller: wishes.caller, agedSince, leftAt: state.now });
  }
  state.touchQueue(queue);
  const waitMs = state.now - entry.enteredAt;
  const { id: entryId } = entry;
  const { id: queueId } = queue;
  const data: ContactFactOf<'queue.left'>['data'] = { entryId, queueId, result, reason, waitMs };
  if (agentId !== undefined) data.agentId = agentId;
  if (entry.wishes.isCallback) data.isCallback = true;
  state.fact(contact.id, { type: 'queue.left', data });
  state.release(contact);
}

/** Ends a stay from outside the offers, such as a caller who hangs up: agents who rang for it are free again. */
export function endStay(
  state: State,
  entry: Entry,
  result: QueueResult,
  reason: string,
  agentId?: AgentId,
): void {
  const offers = takeBackOffers(state, entry, 'cancelled', reason);
  leaveQueue(state, entry, result, reason, agentId);
  for (const { agent } of offers) refreshAgent(state, agent);
  for (const { agent } of offers) matchAgent(state, agent);
}

/** The queue gives the contact up; routing resolves the target. */
export function overflow(
  state: State,
  entry: Entry,
  reason: string,
  target: OverflowTarget | null = null,
  otherwise: readonly OverflowTarget[] = noTargets,
): void {
  const { agedSince, contact, queue } = entry;
  endStay(state, entry, 'overflowed', reason);
  const ids = { contactId: contact.id, queueId: queue.id };
  state.emit({ type: 'contact.overflowed', ...ids, reason, target, otherwise, agedSince });
}

/** Rule 12: by queue and caller. */
export function placeKey(queue: Queue, caller: string): string {
  return `${queue.id} ${caller}`;
}

export function rememberPlace(
  state: State,
  queue: Queue,
  { caller, agedSince, leftAt }: { caller: string; agedSince: EpochMs; leftAt: EpochMs },
): void {
  if (queue.settings.resumeWindowSeconds === 0 || caller === '') return;
  state.places.set(placeKey(queue, caller), { agedSince, leftAt });
}

/** The n-th stay of the contact. An age from the future counts from now. */
export function createEntry(state: State, queue: Queue, arrival: Arrival): Entry {
  const { contact, wishes, via } = arrival;
  const enteredAt = Math.min(arrival.enteredAt ?? state.now, state.now);
  contact.stays += 1;
  state.entryArrivals += 1;
  const agedSince = Math.min(arrival.agedSince, state.now);
  const given = givenPriority(queue, wishes, arrival.priority);
  const steps = stepsFor(state, queue, wishes);
  const [first] = steps;
  const entry: Entry = {
    id: `${contact.id}/q${contact.stays}` as EntryId,
    contact,
    queue,
    wishes,
    via,
    enteredAt,
    agedSince,
    arrival: state.entryArrivals,
    givenPriority: given,
    priority: agedPriority(queue.settings, given, state.now - agedSince),
    steps,
    rulesVersion: queue.version,
    step: 0,
    stepUntil: enteredAt + (first?.lengthMs ?? Infinity),
    demand: first === undefined ? queue.anybody : demandFor(state, queue, first),
    offers: noOffers,
    routingAttempts: 0,
    arm: null,
    before: null,
    after: null,
    due: null,
    estimatedWaitMs: null,
    heapIndex: -1,
  };
  contact.entry = entry;
  return entry;
}
