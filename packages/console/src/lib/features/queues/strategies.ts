import { RoutingStrategy } from '@crosspoint/contracts';
import { m } from '#lib/paraglide/messages.js';

const labels: Record<RoutingStrategy, () => string> = {
  'longest-idle': m.queue_strategy_longest_idle,
  'round-robin': m.queue_strategy_round_robin,
  'least-active-calls': m.queue_strategy_least_active_calls,
  'fewest-calls': m.queue_strategy_fewest_calls,
  'least-talk-time': m.queue_strategy_least_talk_time,
  'weighted-random': m.queue_strategy_weighted_random,
  linear: m.queue_strategy_linear,
  'ring-all': m.queue_strategy_ring_all,
  'best-skill-match': m.queue_strategy_best_skill_match,
};

export const strategyNames: readonly RoutingStrategy[] = RoutingStrategy.options;
export const strategyLabel = (strategy: RoutingStrategy): string => labels[strategy]();
