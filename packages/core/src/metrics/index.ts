export { type AgentCounts, emptyAgentCounts, sumAgentCounts } from './agent-counts.ts';
export {
  type AgentDay,
  type AgentStatistics,
  createAgentStatistics,
  type StaffFigures,
} from './agent-statistics.ts';
export {
  type AgentFigure,
  agentFigure,
  agentMetrics,
  figure,
  queueFigures,
  type Metric,
  type NamedFigure,
  queueMetrics,
} from './catalogue.ts';
export { countedFacts } from './counted-facts.ts';
export { addsUp, emptyCounts, type QueueCounts, sumCounts } from './counts.ts';
export { createQueueIntervals, type Interval, type IntervalCounts, totalOf } from './queue-history.ts';
export {
  createQueueStatistics,
  type QueueStatistics,
  type QueueNow,
  type Thresholds,
} from './queue-statistics.ts';
