import { matchEntry } from './matching.ts';
import type { Entry, Queue } from './model.ts';
import { overflowByRule } from './overflow.ts';
import { limitAt, relaxEntry, scheduleDue } from './relax.ts';
import type { State } from './state.ts';
import { overflow } from './stay.ts';
import { presentStep } from './steps.ts';

/**
 * What the passing of time alone does to a waiting contact: its limit, overflow rules, ageing and the next requirement step. Each
 * queue has one heap of the next instants and one timer for its head.
 */

/** Every instant of this queue that has come is acted on. */
export function handleDue(state: State, queue: Queue): void {
  for (;;) {
    const next = queue.due.peek();
    if (next === undefined || next.at > state.now) return;
    queue.due.remove(next);
    const { entry } = next;
    // While one agent rings for it the contact is not moved; what is due is caught up with when the offer fails.
    if (entry.offers.some(({ isShared }) => !isShared)) continue;
    advanceEntry(state, entry);
  }
}

/** Brings a contact that waits up to this moment. It may leave the queue by this. */
export function advanceEntry(state: State, entry: Entry): void {
  if (limitAt(entry) <= state.now) {
    overflow(state, entry, 'max-wait');
    return;
  }
  if (overflowByRule(state, entry)) return;
  relaxEntry(state, entry);
  scheduleDue(state, entry);
  matchEntry(state, entry);
}

/** An offer has failed. Who should have had the contact first is not asked again before everybody else. */
export function advanceAfterOffer(state: State, entry: Entry): void {
  if (presentStep(entry).kind === 'sticky') entry.stepUntil = state.now;
  advanceEntry(state, entry);
}
