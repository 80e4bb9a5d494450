import type { AgentId, ChosenBy, QueueId } from '@crosspoint/contracts';
import type { Prediction } from './door.ts';
import type { Candidate, Entry } from './model.ts';
import { candidateBefore } from './ranking.ts';
import type { State } from './state.ts';

/** Predictive routing (RTE-08): measured outcomes choose among the agents between whom otherwise the strategy would. */

/** With so many or fewer agents to choose from the strategy decides: a better one is hardly among them, and the best would never rest. */
const standardAgentsMax = 3;

/** Whom a contact is offered to, and what chose. */
export interface Chosen {
  candidate: Candidate;
  by: ChosenBy;
}

export function notePredictions(state: State, queueId: QueueId, predictions: readonly Prediction[]): void {
  const queue = state.queues.get(queueId);
  if (queue === undefined) return;
  queue.predictions = new Map(predictions.map((each) => [each.language, each]));
}

/**
 * The agent for whom the least cost is expected, in the place of the one whom the strategy would take, or that one. Priority, delay and
 * the contacts in hand decide before, as always. Costs a walk over the ready agents, in queues with predictive routing only.
 */
export function predictOver(state: State, entry: Entry, standard: Candidate): Chosen {
  const { settings, predictions } = entry.queue;
  const { predictive, strategy } = settings;
  if (predictive === null || strategy === 'ring-all') return { candidate: standard, by: 'standard' };
  const prediction = predictions.get(entry.wishes.language) ?? predictions.get(null);
  if (prediction === undefined) return { candidate: standard, by: 'standard' };
  const { best, count } = leastCost(state, entry, standard, prediction);
  if (count <= standardAgentsMax) return { candidate: standard, by: 'standard' };
  entry.arm ??= state.draw() < predictive.controlShare ? 'control' : 'predicted';
  return { candidate: entry.arm === 'control' ? standard : best, by: entry.arm };
}

/** Among those whom nothing but the strategy distinguishes, of whom the strategy's choice is one. */
function leastCost(
  state: State,
  entry: Entry,
  standard: Candidate,
  { costs, usualCost }: Prediction,
): { best: Candidate; count: number } {
  const ageMs = state.now - entry.agedSince;
  const costOf = ({ agent }: { agent: { id: AgentId } }) => costs.get(agent.id) ?? usualCost;
  let best = standard;
  let bestCost = costOf(standard);
  let count = 0;
  for (const { priority, delayMs, ready } of entry.demand.tiers) {
    if (priority !== standard.tier.priority || delayMs > ageMs) continue;
    for (const candidate of ready.values()) {
      if (candidate.load !== standard.load) continue;
      count += 1;
      const cost = costOf(candidate);
      if (cost > bestCost || (cost === bestCost && !candidateBefore(candidate, best))) continue;
      best = candidate;
      bestCost = cost;
    }
  }
  return { best, count };
}
