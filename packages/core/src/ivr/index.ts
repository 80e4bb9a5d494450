export { checkFlow, type FlowSurroundings, subFlowsOf, textsOf } from './check.ts';
export type * from './door.ts';
export { evaluate } from './evaluate.ts';
export { type FlowValue, isTrue, parseExpression } from './expression.ts';
export { httpPauseMaxMs } from './requests.ts';
export { createFlowSession, type FlowLibrary } from './session.ts';
export { branchOf } from './split.ts';
export { utteranceText } from './utterance-text.ts';
export { type Way, waysOf } from './ways.ts';
