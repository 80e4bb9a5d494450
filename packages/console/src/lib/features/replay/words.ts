import type { Replay, ReplayDifference, ReplayOutcome } from '@crosspoint/contracts';
import { targetWords } from '#lib/features/routing/conditions.ts';
import { addressValue } from '#lib/navigation/address.ts';
import { m } from '#lib/paraglide/messages.js';

const endings: Record<Exclude<ReplayOutcome['ending'], 'target'>, () => string> = {
  nobody: m.replay_ending_nobody,
  ended: m.replay_ending_ended,
  left: m.replay_ending_left,
  open: m.replay_ending_open,
};

/** The move whose contacts are wanted, by its place in the list; empty for all. The places are settled when the replay is over. */
export function chosenMove({ state, moves }: Replay): string {
  const wanted = addressValue('move');
  return state !== 'running' && moves.some((_, index) => String(index) === wanted) ? wanted : '';
}

/** Where a contact comes out. */
export function outcomeWords({ ending, target }: Pick<ReplayOutcome, 'ending' | 'target'>): string {
  if (ending === 'target') return target === null ? m.replay_ending_nobody() : targetWords(target);
  return endings[ending]();
}

/** Where a contact comes out, and by what. */
export function decisionWords(outcome: ReplayOutcome): string {
  const by = outcome.rule ?? outcome.path.map((passed) => passed.split(':')[0]).join(' → ');
  return by === '' ? outcomeWords(outcome) : m.replay_by({ outcome: outcomeWords(outcome), by });
}

const doubts: Record<ReplayDifference['doubts'][number], () => string> = {
  'ready-agents-unknown': m.replay_doubt_ready,
  'not-as-it-was': m.replay_doubt_otherwise,
  'answers-unknown': m.replay_doubt_answers,
};

export const doubtWords = (all: ReplayDifference['doubts']): string =>
  all.map((doubt) => doubts[doubt]()).join(' ');

const states: Record<Replay['state'], () => string> = {
  running: m.replay_running,
  done: m.replay_done,
  cancelled: m.replay_cancelled,
  failed: m.replay_failed,
};

export const stateWords = ({ state }: Replay): string => states[state]();
