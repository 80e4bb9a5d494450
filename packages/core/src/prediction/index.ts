export { compareHandleTimes, compareRepeats } from './comparison.ts';
export { addOutcomes, noOutcomes, type Outcomes } from './outcomes.ts';
export { type AgentOutcomes, type KindScores, scoreAgents } from './scores.ts';
