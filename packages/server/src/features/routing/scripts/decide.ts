import type { RoutingRuleId } from '@crosspoint/contracts';
import type { Decision, RuleSet, ScriptRun } from '@crosspoint/core';
import type { ScriptRunner } from './runner.ts';

/** Asks again after each script that has to run; each rule has one, so that this ends. */
export async function decideWithScripts<Decided extends Decision>(
  decide: (scripts: Parameters<RuleSet['decide']>[3]) => Decided,
  runner: ScriptRunner,
): Promise<Decided> {
  const runs = new Map<RoutingRuleId, ScriptRun>();
  let decided = decide(runs);
  for (let { asks } = decided; asks !== undefined; { asks } = decided) {
    runs.set(asks.ruleId, await runner.run(asks));
    decided = decide(runs);
  }
  return decided;
}
