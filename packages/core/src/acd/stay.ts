import type { AgentId } from '@crosspoint/contracts';
import type { DistributorInput } from './door.ts';
import { createEntry } from './entry.ts';
import { matchAgent, matchEntry } from './matching.ts';
import type { ContactRecord, Entry, Queue } from './model.ts';
import { removeOffer, withdrawOffer } from './offer.ts';
import { refreshAgent } from './presence.ts';
import { addStay, addWaiting, positionAtEnd, positionOf, removeStay } from './queue.ts';
import type { State } from './state.ts';

type ContactEntered = Extract<DistributorInput, { type: 'contact.entered' }>;

/** A contact asks for a place: it is refused, or it enters and is matched at once. */
export function enterQueue(state: State, input: ContactEntered): void {
  const { contactId, queueId } = input;
  const queue = state.queues.get(queueId);
  const known = state.contacts.get(contactId);
  const refusal = refusalFor(queue, known);
  if (queue === undefined || refusal !== null) {
    state.emit({ type: 'entry.refused', contactId, queueId, reason: refusal ?? 'unknown-queue' });
    return;
  }
  const entry = createEntry(state, state.contact(contactId), queue, input);
  addStay(queue, entry);
  addWaiting(queue, entry);
  queue.counts.entered += 1;
  state.touchQueue(queue);
  const isYoungest = entry.enteredAt === state.now;
  const position = isYoungest ? positionAtEnd(queue, entry) : positionOf(queue, entry);
  const { priority } = entry;
  state.fact(contactId, {
    type: 'queue.entered',
    data: { entryId: entry.id, queueId, priority, position },
  });
  state.emit({ type: 'entry.accepted', contactId, queueId, entryId: entry.id, position });
  matchEntry(state, entry);
}

/** Ends a stay with its one result; an offer must have been ended before. */
export function leaveQueue(
  state: State,
  entry: Entry,
  result: 'answered' | 'abandoned' | 'overflowed',
  reason: string,
  agentId?: AgentId,
): void {
  const { contact, queue } = entry;
  removeStay(queue, entry);
  queue.counts[result] += 1;
  contact.entry = null;
  state.touchQueue(queue);
  state.fact(contact.id, {
    type: 'queue.left',
    data: {
      entryId: entry.id,
      queueId: queue.id,
      result,
      reason,
      waitMs: state.now - entry.enteredAt,
      ...(agentId === undefined ? {} : { agentId }),
    },
  });
  state.release(contact);
}

/** Ends a stay from outside the offer, such as a caller who hangs up: an agent who rang for it is free again. */
export function endStay(
  state: State,
  entry: Entry,
  result: 'answered' | 'abandoned' | 'overflowed',
  reason: string,
  agentId?: AgentId,
): void {
  const { offer } = entry;
  if (offer !== null) {
    removeOffer(state, offer, 'cancelled', reason);
    withdrawOffer(state, offer, 'cancelled');
  }
  leaveQueue(state, entry, result, reason, agentId);
  if (offer === null) return;
  refreshAgent(state, offer.agent);
  matchAgent(state, offer.agent);
}

/** The queue gives the contact up. */
export function overflow(state: State, entry: Entry, reason: 'max-wait' | 'queue-removed'): void {
  endStay(state, entry, 'overflowed', reason);
  const contactId = entry.contact.id;
  state.emit({ type: 'contact.overflowed', contactId, queueId: entry.queue.id, reason });
}

/** True when the contact has waited to the queue's limit and was given up. */
export function overflowIfDue(state: State, entry: Entry): boolean {
  const { maxWaitSeconds } = entry.queue.settings;
  if (maxWaitSeconds === 0 || state.now - entry.enteredAt < maxWaitSeconds * 1000) return false;
  overflow(state, entry, 'max-wait');
  return true;
}

function refusalFor(queue: Queue | undefined, contact: ContactRecord | undefined): string | null {
  if (queue === undefined) return 'unknown-queue';
  if (contact !== undefined && (contact.entry !== null || contact.conversations > 0)) return 'duplicate';
  return queue.stays.size >= queue.settings.maxSize ? 'queue-full' : null;
}
