export { checkFlow, type FlowSurroundings, subFlowsOf, textsOf } from './check.ts';
export type * from './door.ts';
export type { FlowValue } from './expression.ts';
export { httpPauseMaxMs } from './requests.ts';
export { createFlowSession, type FlowLibrary } from './session.ts';
export { utteranceText } from './utterance-text.ts';
export { type Way, waysOf } from './ways.ts';
