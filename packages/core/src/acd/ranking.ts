import type { ChosenBy, RoutingStrategy } from '@crosspoint/contracts';
import { loadOf } from './agent.ts';
import type { Candidate, Membership, Queue } from './model.ts';
import type { State } from './state.ts';

/**
 * The order among ready candidates of one tier (QUE-05). Whatever the strategy, who has fewer contacts in hand goes first and
 * who became known first wins the last tie; between them stands what is set here when the agent becomes ready.
 */
export function rankCandidate(state: State, candidate: Candidate): void {
  const { agent, demand, membership } = candidate;
  const { strategy } = demand.queue.settings;
  candidate.load = strategy === 'least-active-calls' ? loadOf(agent) / agent.capacity : loadOf(agent);
  candidate.tieRank = agent.idleSince;
  switch (strategy) {
    case 'longest-idle':
    case 'least-active-calls':
    case 'ring-all':
      candidate.rank = agent.idleSince;
      return;
    case 'fewest-calls':
      candidate.rank = agent.answered;
      return;
    case 'least-talk-time':
      candidate.rank = agent.talkMs;
      return;
    case 'best-skill-match':
      candidate.rank = -candidate.score;
      return;
    case 'linear':
      candidate.rank = 0;
      candidate.tieRank = 0;
      return;
    case 'round-robin':
      candidate.rank = membership === null ? 0 : nextRound(demand.queue, membership);
      candidate.tieRank = agent.arrival;
      return;
    case 'weighted-random':
      candidate.rank = demand.clock - Math.log(1 - state.draw()) / (membership?.weight ?? 1);
  }
}

/** Within one tier; see `rankCandidate`. */
export function candidateBefore(a: Candidate, b: Candidate): boolean {
  if (a.load !== b.load) return a.load < b.load;
  if (a.rank !== b.rank) return a.rank < b.rank;
  if (a.tieRank !== b.tieRank) return a.tieRank < b.tieRank;
  if (a.demand.queue.settings.strategy === 'linear' && a.agent.name !== b.agent.name) {
    return a.agent.name < b.agent.name;
  }
  return a.agent.arrival < b.agent.arrival;
}

/** The strategies with a memory move on with each offer that is theirs; whom prediction took has had his turn. */
export function rememberChoice({ demand, agent, membership, rank }: Candidate, by: ChosenBy): void {
  const { queue } = demand;
  if (by === 'predicted') {
    if (queue.settings.strategy === 'round-robin' && membership !== null) membership.round = rank + 1;
  } else if (queue.settings.strategy === 'round-robin' && membership !== null) {
    queue.turn.round = rank;
    queue.turn.place = agent.arrival;
    membership.round = rank + 1;
  } else if (queue.settings.strategy === 'weighted-random') {
    demand.clock = Math.max(demand.clock, rank);
  }
}

/**
 * The ring goes on behind whoever was asked last. Who was away when his turn came waits for the next round; who stood by and
 * could not take what was offered goes first.
 */
function nextRound({ turn }: Queue, membership: Membership): number {
  const isBehind = membership.agent.arrival > turn.place;
  membership.round = Math.max(membership.round, isBehind ? turn.round : turn.round + 1);
  return membership.round;
}

/** Why the others of the tier stood behind, by the strategy. */
export const behindBy: Readonly<Record<RoutingStrategy, string>> = {
  'longest-idle': 'idle-less-long',
  'round-robin': 'later-turn',
  'least-active-calls': 'more-in-hand',
  'fewest-calls': 'more-calls',
  'least-talk-time': 'more-talk-time',
  'weighted-random': 'not-drawn',
  linear: 'lower-in-line',
  'ring-all': 'idle-less-long',
  'best-skill-match': 'lower-skill',
};
