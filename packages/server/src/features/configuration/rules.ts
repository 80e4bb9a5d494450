import { isDeepStrictEqual } from 'node:util';
import type { ConfigurationChange, RoutingRule, RoutingRuleInput } from '@crosspoint/contracts';
import { checkRules, type FlowSurroundings, type RuleFault } from '@crosspoint/core';
import { type DatabaseTransaction, newId } from '../../platform/index.ts';
import { patientLimits, publishRules, replaceRules, scriptFault, ScriptRunner } from '../routing/index.ts';

export interface RulesStep {
  subject: 'rules';
  change: ConfigurationChange;
  /** In their order. */
  rules: RoutingRule[];
}

const withoutId = ({ id: _id, ...rule }: RoutingRule): RoutingRuleInput => rule;

/** As a document says them; a rule keeps its id under its name. Nothing without a publication. */
export function shownRules(published: readonly RoutingRule[] | undefined): RoutingRuleInput[] | undefined {
  return published?.map(withoutId);
}

/** What is wrong with the rules of a document, with paths that begin at the list. */
export function ruleFaults(rules: readonly RoutingRuleInput[], has: FlowSurroundings): RuleFault[] {
  return checkRules(withIds(rules, []), has);
}

/** Scripts that do not run, each tried once; paths begin at the list. */
export async function scriptFaults(rules: readonly RoutingRuleInput[]): Promise<RuleFault[]> {
  const runner = new ScriptRunner(patientLimits);
  try {
    const faults: RuleFault[] = [];
    for (const [index, rule] of rules.entries()) {
      const fault = await scriptFault(rule, runner);
      if (fault !== undefined) faults.push({ ...fault, path: `${index}.script` });
    }
    return faults;
  } finally {
    runner.close();
  }
}

/** The whole list in its order is one thing: rules have no meaning each by itself. */
export function planRules(
  wanted: readonly RoutingRuleInput[] | undefined,
  published: readonly RoutingRule[] | undefined,
): RulesStep[] {
  if (wanted === undefined) return [];
  const rules = withIds(wanted, published ?? []);
  const before = new Map(published?.map((rule) => [rule.name, withoutId(rule)]));
  const after = new Map(wanted.map((rule) => [rule.name, rule]));
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => !isDeepStrictEqual(before.get(name), after.get(name)),
  );
  const fields: ConfigurationChange['fields'] = changed.map((name) => ({
    ...{ path: name, before: before.get(name) ?? null, after: after.get(name) ?? null },
  }));
  const order = { path: 'order', before: [...before.keys()], after: [...after.keys()] };
  if (!isDeepStrictEqual(order.before, order.after)) fields.push(order);
  const action = published === undefined ? 'create' : 'update';
  return [{ subject: 'rules', rules, change: { action, subject: 'rules', name: 'rules', fields } }];
}

/** The rules of a document are published as they stand. */
export async function putRules(
  transaction: DatabaseTransaction,
  tenantId: string,
  rules: readonly RoutingRule[],
): Promise<void> {
  await replaceRules(transaction, tenantId, rules);
  await publishRules(transaction, tenantId, rules);
}

function withIds(rules: readonly RoutingRuleInput[], known: readonly RoutingRule[]): RoutingRule[] {
  const ids = new Map(known.map(({ name, id }) => [name, id]));
  return rules.map((rule) => ({ id: ids.get(rule.name) ?? (newId() as RoutingRule['id']), ...rule }));
}
