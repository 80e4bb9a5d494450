import {
  type RoutingCondition,
  type RoutingRule,
  type RoutingRuleId,
  routingRulesMax,
  type RoutingTarget,
} from '@crosspoint/contracts';
import type { FlowSurroundings } from '../ivr/index.ts';
import { parseExpression } from '../ivr/index.ts';

export interface RuleFault {
  /** Dotted, from the list of rules: `3.targets.0.to.queue`. */
  path: string;
  message: string;
  remedy: string;
}

export interface RuleHint {
  ruleId: RoutingRuleId | null;
  code: 'never-reached' | 'nobody-left-over' | 'same-condition';
  message: string;
}

/** What is wrong with rules whose form is right: what they name and what cannot be read. */
export function checkRules(rules: readonly RoutingRule[], has: FlowSurroundings): RuleFault[] {
  const faults: RuleFault[] = [];
  if (rules.length > routingRulesMax) {
    faults.push({
      path: '',
      message: `has more than ${routingRulesMax} rules`,
      remedy: 'Bring some together.',
    });
  }
  const names = new Set<string>();
  rules.forEach((rule, index) => {
    const report = (at: string, message: string, remedy: string) =>
      faults.push({ path: `${index}.${at}`, message, remedy });
    if (names.has(rule.name))
      report('name', `${rule.name} is the name of another rule`, 'Choose another name.');
    names.add(rule.name);
    rule.targets.forEach(({ to }, at) => checkTarget(to, `targets.${at}.to`, has, report));
    rule.fallbacks.forEach((to, at) => checkTarget(to, `fallbacks.${at}`, has, report));
    checkCondition(rule.when, 'when', has, report);
    const { validFrom, validUntil } = rule;
    if (validFrom !== null && validUntil !== null && Date.parse(validUntil) <= Date.parse(validFrom)) {
      report('validUntil', 'is not after validFrom', 'Give it a later time.');
    }
  });
  return faults;
}

type Report = (at: string, message: string, remedy: string) => void;

function checkTarget(target: RoutingTarget, at: string, has: FlowSurroundings, report: Report): void {
  const missing = (key: string, what: string, name: string) =>
    report(`${at}.${key}`, `names no ${what}: ${name}`, `Add that ${what} or correct the name.`);
  if ('queue' in target) {
    const { queue, preferredAgent } = target;
    if (!has.hasQueue(queue)) missing('queue', 'queue', queue);
    if (preferredAgent !== undefined && !has.hasAgent(preferredAgent)) {
      missing('preferredAgent', 'agent', preferredAgent);
    }
  }
  if ('agent' in target && !has.hasAgent(target.agent)) missing('agent', 'agent', target.agent);
  if ('flow' in target && has.flow(target.flow) === undefined) missing('flow', 'published flow', target.flow);
  if ('voicemail' in target && !has.hasVoicemailBox(target.voicemail)) {
    missing('voicemail', 'voicemail box', target.voicemail);
  }
}

function checkCondition(
  condition: RoutingCondition,
  at: string,
  has: FlowSurroundings,
  report: Report,
): void {
  if ('all' in condition) {
    condition.all.forEach((part, index) => checkCondition(part, `${at}.all.${index}`, has, report));
  } else if ('any' in condition) {
    condition.any.forEach((part, index) => checkCondition(part, `${at}.any.${index}`, has, report));
  } else if ('not' in condition) checkCondition(condition.not, `${at}.not`, has, report);
  else if (condition.field === 'queue' && !has.hasQueue(condition.queue)) {
    report(`${at}.queue`, `names no queue: ${condition.queue}`, 'Add that queue or correct the name.');
  } else if (condition.field === 'segment') {
    condition.values.forEach((name, index) => {
      if (has.hasSegment(name)) return;
      const remedy = 'Add that segment or correct the name.';
      report(`${at}.values.${index}`, `names no segment: ${name}`, remedy);
    });
  } else if (condition.field === 'expression') {
    const parsed = parseExpression(condition.when);
    if ('message' in parsed)
      report(`${at}.when`, `${parsed.message} (column ${parsed.column})`, 'Correct the expression.');
  } else if (condition.field === 'hours') {
    const { hours } = condition;
    if ('calendar' in hours) {
      if (has.hasCalendar(hours.calendar)) return;
      report(
        `${at}.hours.calendar`,
        `names no calendar: ${hours.calendar}`,
        'Add that calendar or correct the name.',
      );
    } else if (!has.isTimeZone(hours.timeZone)) {
      report(`${at}.hours.timeZone`, 'is not a known time zone', 'Use an IANA name such as Europe/Prague.');
    }
  }
}

/** What can never happen, for whoever writes the rules. */
export function hintsOf(rules: readonly RoutingRule[]): RuleHint[] {
  const hints: RuleHint[] = [];
  const seen = new Map<string, string>();
  let taker: RoutingRule | undefined;
  for (const rule of rules) {
    if (!rule.enabled) continue;
    if (taker !== undefined) {
      const message = `Every contact is taken by "${taker.name}" before.`;
      hints.push({ ruleId: rule.id, code: 'never-reached', message });
      continue;
    }
    const isWhole =
      rule.share === 100 && rule.validFrom === null && rule.validUntil === null && rule.script === null;
    const condition = JSON.stringify(rule.when);
    const former = seen.get(condition);
    if (former !== undefined) {
      const message = `"${former}" before it has the same condition and takes the contacts.`;
      hints.push({ ruleId: rule.id, code: 'same-condition', message });
    }
    if (!isWhole) continue;
    seen.set(condition, rule.name);
    if (isAlways(rule.when)) taker = rule;
  }
  if (taker === undefined) {
    const message =
      'No rule takes every contact: one that fits none is refused. Add a last rule without condition.';
    hints.push({ ruleId: null, code: 'nobody-left-over', message });
  }
  return hints;
}

function isAlways(condition: RoutingCondition): boolean {
  if ('all' in condition) return condition.all.every(isAlways);
  if ('any' in condition) return condition.any.some(isAlways);
  return 'not' in condition && isNever(condition.not);
}

function isNever(condition: RoutingCondition): boolean {
  if ('all' in condition) return condition.all.some(isNever);
  if ('any' in condition) return condition.any.every(isNever);
  return 'not' in condition && isAlways(condition.not);
}
