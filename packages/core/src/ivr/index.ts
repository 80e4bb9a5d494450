export { defineFlow, FlowBuilder, type FlowDefinition, spoken } from './builder.ts';
export { canonicalFlow, flowJson } from './canonical.ts';
export {
  checkFlow,
  checkFlowNode,
  type FlowSurroundings,
  missingRecordings,
  subFlowsOf,
  textsOf,
} from './check.ts';
export type * from './door.ts';
export { recordedVariable } from './door.ts';
export { expressionOf } from './evaluate.ts';
export { type FlowValue, isTrue, parseExpression } from './expression.ts';
export { type FlowTestEvent, type FlowTestFailure, playFlowTest, testsIn } from './flow-test.ts';
export { type FlowTestOutcome, runFlowTest } from './flow-test-words.ts';
export { eachOnce, type NamedThing, namesInFlow, namesInPrompt } from './names.ts';
export { httpPauseMaxMs } from './requests.ts';
export { createFlowSession, type FlowLibrary } from './session.ts';
export { branchOf, fractionOf, hashOf } from './split.ts';
export { utteranceText } from './utterance-text.ts';
export { type Way, waysOf } from './ways.ts';
