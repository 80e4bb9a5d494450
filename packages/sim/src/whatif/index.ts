export { type Assumptions, centreOf, usualAssumptions } from './document.ts';
export type {
  IntervalResult,
  QueueResult,
  RandomTime,
  RecordedArrival,
  RunOptions,
  RunResult,
  WhatIfAgent,
  WhatIfCentre,
  WhatIfQueue,
} from './model.ts';
export { runWhatIf } from './run.ts';
export { compare, type Estimate, estimate, type QueueSummary, summarise, type Summary } from './summary.ts';
