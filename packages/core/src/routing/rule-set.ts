import type { RoutingRule, RoutingTarget } from '@crosspoint/contracts';
import { branchOf } from '../ivr/index.ts';
import { Asked, compileCondition, decisivePart, type Holds } from './conditions.ts';
import type { Decision, RoutingContact, RoutingWorld, RuleResult, RuleSet, RuleTried } from './door.ts';
import { conditionWords, targetWords } from './words.ts';

interface CompiledRule {
  readonly rule: RoutingRule;
  readonly holds: Holds;
  readonly validFromMs: number;
  readonly validUntilMs: number;
  readonly weights: readonly number[];
  /** What is said when the rule takes a contact. */
  readonly words: string;
}

/** Makes rules ready to be asked; see `SPEC.md` for the numbered rules. They are tried in the given order. */
export function createRuleSet(rules: readonly RoutingRule[]): RuleSet {
  const compiled = rules.map(compile);
  const decide = (contact: RoutingContact, world: RoutingWorld, nowMs: number): Decision => {
    const asked = new Asked(contact);
    for (const each of compiled) {
      if (judge(each, asked, world, nowMs) === 'taken') return take(each, contact);
    }
    return { rule: undefined, target: undefined, reason: `None of ${rules.length} rules fits.` };
  };
  return {
    decide,
    explain(contact, world, nowMs) {
      const tried: RuleTried[] = [];
      const asked = new Asked(contact);
      for (const each of compiled) {
        const result = judge(each, asked, world, nowMs);
        tried.push(triedOf(each, result, asked, world, nowMs));
        if (result === 'taken') return { ...take(each, contact), tried };
      }
      return { ...decide(contact, world, nowMs), tried };
    },
  };
}

function compile(rule: RoutingRule): CompiledRule {
  return {
    rule,
    holds: compileCondition(rule.when),
    validFromMs: rule.validFrom === null ? Number.NEGATIVE_INFINITY : Date.parse(rule.validFrom),
    validUntilMs: rule.validUntil === null ? Number.POSITIVE_INFINITY : Date.parse(rule.validUntil),
    weights: rule.targets.map(({ weight }) => weight),
    words: conditionWords(rule.when),
  };
}

function judge(
  { rule, holds, validFromMs, validUntilMs }: CompiledRule,
  asked: Asked,
  world: RoutingWorld,
  nowMs: number,
): RuleResult {
  if (!rule.enabled) return 'disabled';
  if (nowMs < validFromMs || nowMs >= validUntilMs) return 'not-valid-now';
  if (rule.share < 100 && !isInShare(rule, asked.contact)) return 'outside-share';
  return holds(asked, world, nowMs) ? 'taken' : 'does-not-fit';
}

/** Whoever is in a share stays in it as the share grows. */
function isInShare({ id, share }: RoutingRule, { caller }: RoutingContact): boolean {
  return share > 0 && branchOf(`${id}/share/${caller}`, [share, 100 - share]) === 0;
}

function take({ rule, weights, words }: CompiledRule, { caller }: RoutingContact): Decision {
  const target = targetOf(rule, weights, caller);
  return { rule, target, reason: `Rule "${rule.name}" fits (${words}): to ${targetWords(target)}.` };
}

function targetOf(rule: RoutingRule, weights: readonly number[], caller: string): RoutingTarget | undefined {
  const index = weights.length === 1 ? 0 : branchOf(`${rule.id}/target/${caller}`, weights);
  return rule.targets[index]?.to;
}

function triedOf(
  { rule }: CompiledRule,
  result: RuleResult,
  asked: Asked,
  world: RoutingWorld,
  nowMs: number,
): RuleTried {
  return {
    ruleId: rule.id,
    name: rule.name,
    result,
    because: becauseOf(rule, result, asked, world, nowMs),
  };
}

function becauseOf(
  { when, share, validFrom, validUntil }: RoutingRule,
  result: RuleResult,
  asked: Asked,
  world: RoutingWorld,
  nowMs: number,
): string {
  switch (result) {
    case 'disabled':
      return 'it is switched off';
    case 'not-valid-now':
      return `valid ${validFrom === null ? '' : `from ${validFrom} `}${validUntil === null ? '' : `until ${validUntil}`}`.trim();
    case 'outside-share':
      return `it counts for ${share} % of the callers, and not for this one`;
    case 'taken':
    case 'does-not-fit': {
      const part = decisivePart(when, result === 'taken', (each) =>
        compileCondition(each)(asked, world, nowMs),
      );
      return conditionWords(part);
    }
  }
}
