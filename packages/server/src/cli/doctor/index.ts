export { runChecks } from './checks.ts';
export type { CheckResult } from './result.ts';
