import { bestCandidate, firstWaiting, leastReadyDelayMs } from './demand.ts';
import { compareEntries } from './entry.ts';
import type { Agent, Candidate, Demand, Entry, Queue } from './model.ts';
import { makeOffer } from './offer.ts';
import { predictOver } from './prediction.ts';
import type { State } from './state.ts';

/**
 * The three moments at which a contact and an agent can meet. Between two inputs no ready agent stands beside a contact
 * that he could take, so that each moment only has to look at what has just changed.
 */

/** A contact has begun to wait: the best ready agent gets it, or with `ring-all` as many as may ring together. */
export function matchEntry(state: State, entry: Entry): void {
  while (entry.heapIndex >= 0) {
    const candidate = bestCandidate(entry.demand, state.now - entry.agedSince);
    if (candidate === undefined) return;
    makeOffer(state, entry, predictOver(state, entry, candidate));
  }
}

/** An agent has become ready: the best contact of all his queues is his, one for each free slot (rule 4). */
export function matchAgent(state: State, agent: Agent): void {
  while (agent.inReady) {
    const found = bestContactFor(state, agent);
    if (found === undefined) return;
    makeOffer(state, found.entry, { candidate: found.candidate, by: 'standard' });
  }
}

/** A delay has passed or the queue has changed: as many contacts as can meet an agent, in the queue's order. */
export function matchQueue(state: State, queue: Queue): void {
  for (;;) {
    let first: Entry | undefined;
    for (const demand of queue.demands.values()) {
      const entry = firstMatchable(state, demand);
      if (entry !== undefined && (first === undefined || compareEntries(entry, first) < 0)) first = entry;
    }
    if (first === undefined) return;
    const offers = first.offers.length;
    matchEntry(state, first);
    if (first.offers.length === offers) return;
  }
}

/** The first contact that waits beside an agent who may take it now. */
export function firstMatchable(state: State, demand: Demand): Entry | undefined {
  if (demand.stays === 0) return undefined;
  const delayMs = leastReadyDelayMs(demand);
  return delayMs === undefined ? undefined : firstWaiting(demand, delayMs, state.now);
}

/** Rule 9: the agent's priority of the queue, then the contact's class, then its age. What was given to him in person goes first. */
function bestContactFor(state: State, agent: Agent): { entry: Entry; candidate: Candidate } | undefined {
  let best: { entry: Entry; candidate: Candidate } | undefined;
  for (const candidate of agent.candidates) {
    const { demand, tier } = candidate;
    if (demand.stays === 0) continue;
    const entry = firstWaiting(demand, tier.delayMs, state.now);
    if (entry === undefined) continue;
    if (best === undefined || order(entry, candidate, best) < 0) best = { entry, candidate };
  }
  return best;
}

function order(entry: Entry, candidate: Candidate, best: { entry: Entry; candidate: Candidate }): number {
  const isPersonal =
    Number(best.candidate.demand.agentIds !== null) - Number(candidate.demand.agentIds !== null);
  return (
    isPersonal || candidate.tier.priority - best.candidate.tier.priority || compareEntries(entry, best.entry)
  );
}
