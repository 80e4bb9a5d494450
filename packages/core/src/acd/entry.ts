import type { EntryId } from '@crosspoint/contracts';
import type { DistributorInput } from './door.ts';
import type { ContactRecord, Entry, Queue } from './model.ts';
import type { State } from './state.ts';

type ContactEntered = Extract<DistributorInput, { type: 'contact.entered' }>;

/** The n-th stay of the contact. An entry in the future counts from now. */
export function createEntry(
  state: State,
  contact: ContactRecord,
  queue: Queue,
  input: ContactEntered,
): Entry {
  contact.stays += 1;
  state.entryArrivals += 1;
  const entry: Entry = {
    id: `${contact.id}/q${contact.stays}` as EntryId,
    contact,
    queue,
    priority: input.priority,
    enteredAt: Math.min(input.enteredAt, state.now),
    arrival: state.entryArrivals,
    offer: null,
    routingAttempts: 0,
    heapIndex: -1,
  };
  contact.entry = entry;
  return entry;
}

/** Rule 8 within one class: routing age, then arrival. */
export function entryBefore(a: Entry, b: Entry): boolean {
  if (a.enteredAt !== b.enteredAt) return a.enteredAt < b.enteredAt;
  return a.arrival < b.arrival;
}

/** Rule 8: strict class, then routing age, then arrival. Negative when `a` goes first. */
export function compareEntries(a: Entry, b: Entry): number {
  return b.priority - a.priority || a.enteredAt - b.enteredAt || a.arrival - b.arrival;
}
