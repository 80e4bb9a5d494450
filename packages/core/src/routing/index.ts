export { checkRules, hintsOf, type RuleFault, type RuleHint } from './check.ts';
export { decisionFlow } from './decision-flow.ts';
export type * from './door.ts';
export { canonicalNumber, findEntryPoint } from './entry-point.ts';
export { namesInRule } from './names.ts';
export { createRuleSet } from './rule-set.ts';
export { conditionWords, targetWords } from './words.ts';
