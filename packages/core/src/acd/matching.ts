import { compareEntries } from './entry.ts';
import type { Agent, Entry, Membership, Queue } from './model.ts';
import { makeOffer } from './offer.ts';
import { bestAgent, firstWaiting, leastReadyDelayMs } from './queue.ts';
import type { State } from './state.ts';

/**
 * The three moments at which a contact and an agent can meet. Between two inputs no ready agent stands beside a contact
 * that he could take, so that each moment only has to look at what has just changed.
 */

/** A contact has begun to wait: the best ready agent gets it. */
export function matchEntry(state: State, entry: Entry): void {
  const membership = bestAgent(entry.queue, state.now - entry.enteredAt);
  if (membership !== undefined) makeOffer(state, entry, membership);
}

/** An agent has become ready: the best contact of all his queues is his, one for each free slot (rule 4). */
export function matchAgent(state: State, agent: Agent): void {
  while (agent.inReady) {
    const found = bestContactFor(state, agent);
    if (found === undefined) return;
    makeOffer(state, found.entry, found.membership);
  }
}

/** A delay has passed or the queue has changed: as many contacts as can meet an agent, in the queue's order. */
export function matchQueue(state: State, queue: Queue): void {
  for (;;) {
    const delayMs = leastReadyDelayMs(queue);
    const entry = delayMs === undefined ? undefined : firstWaiting(queue, delayMs, state.now);
    if (entry === undefined) return;
    matchEntry(state, entry);
    if (entry.offer === null) return;
  }
}

/** Rule 9: the agent's priority of the queue, then the contact's class, then its age. */
function bestContactFor(state: State, agent: Agent): { entry: Entry; membership: Membership } | undefined {
  let best: { entry: Entry; membership: Membership } | undefined;
  for (const membership of agent.memberships) {
    const { queue, tier } = membership;
    const entry = firstWaiting(queue, tier.delayMs, state.now);
    if (entry === undefined) continue;
    const order = best === undefined ? -1 : tier.priority - best.membership.tier.priority;
    if (best === undefined || (order || compareEntries(entry, best.entry)) < 0) best = { entry, membership };
  }
  return best;
}
