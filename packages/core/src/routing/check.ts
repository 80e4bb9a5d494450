import {
  type RoutingCondition,
  type RoutingRule,
  type RoutingRuleId,
  routingRulesMax,
  type RoutingTarget,
} from '@crosspoint/contracts';
import type { FlowSurroundings } from '../ivr/index.ts';
import { dayFaults, dayFaultWords } from '../hours/index.ts';
import { parseExpression } from '../ivr/index.ts';
import { canHold, mayMeet, searched, type Searched, type Steps } from './coverage.ts';

export interface RuleFault {
  /** Dotted, from the list of rules: `3.targets.0.to.queue`. */
  path: string;
  message: string;
  remedy: string;
}

export interface RuleHint {
  ruleId: RoutingRuleId | null;
  code: 'never-reached' | 'never-fits' | 'never-counts' | 'nobody-left-over' | 'same-condition';
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
    } else {
      for (const { index, code } of dayFaults(hours)) {
        report(`${at}.hours.specialDays.${index}.day`, ...dayFaultWords[code]);
      }
    }
  }
}

/** So many tests are looked at for hints about one list, which takes some hundredths of a second. */
const stepsMax = 100_000;

/** A rule that is switched on, with its condition made ready. */
interface Known {
  readonly rule: RoutingRule;
  readonly when: Searched;
  readonly condition: string;
  /** Whether it takes every contact for which its condition holds. */
  readonly isTaker: boolean;
}

/** What can never happen, for whoever writes the rules. */
export function hintsOf(rules: readonly RoutingRule[], nowMs: number): RuleHint[] {
  const steps: Steps = { left: stepsMax };
  const known = rules.flatMap((rule): Known[] => {
    const isTaker = rule.share === 100 && rule.script === null;
    const condition = JSON.stringify(rule.when);
    return rule.enabled ? [{ rule, when: searched(rule.when), condition, isTaker }] : [];
  });
  const last = lastReached(known, steps);
  const takers: Known[] = [];
  const hints = known.flatMap((each, index): RuleHint[] => {
    const hint = index > last.index ? behind(last.name) : hintOf(each, takers, nowMs, steps);
    if (each.isTaker) takers.push(each);
    return hint === undefined ? [] : [{ ruleId: each.rule.id, ...hint }];
  });
  if (last.index < known.length) return hints;
  const message =
    'No rule takes every contact: one that fits none is refused. Add a last rule without condition.';
  return [...hints, { ruleId: null, code: 'nobody-left-over', message }];
}

/** The rule that leaves no contact over, because it takes all that those before it left; behind the list when there is none. */
function lastReached(known: readonly Known[], steps: Steps): { index: number; name: string | undefined } {
  const areAll = (some: readonly Known[]): boolean => {
    const takers = some.filter(({ rule, isTaker }) => isTaker && isOfAllTime(rule));
    return !canHold(
      [],
      takers.map(({ when }) => when),
      steps,
    );
  };
  if (!areAll(known)) return { index: known.length, name: undefined };
  let [few, enough] = [0, known.length];
  while (enough - few > 1) {
    const middle = Math.floor((few + enough) / 2);
    if (areAll(known.slice(0, middle))) enough = middle;
    else few = middle;
  }
  const rule = known[enough - 1];
  return { index: enough - 1, name: rule !== undefined && areAll([rule]) ? rule.rule.name : undefined };
}

type Hint = Pick<RuleHint, 'code' | 'message'>;

const takenBy = (name: string | undefined): string =>
  name === undefined ? 'taken by the rules before' : `taken by "${name}" before`;

const behind = (name: string | undefined): Hint => ({
  code: 'never-reached',
  message: `Every contact is ${takenBy(name)}.`,
});

function hintOf(
  { rule, when, condition }: Known,
  takers: readonly Known[],
  nowMs: number,
  steps: Steps,
): Hint | undefined {
  const { share, validUntil } = rule;
  if (share === 0) return { code: 'never-counts', message: 'It counts for 0 % of the callers.' };
  if (validUntil !== null && Date.parse(validUntil) <= nowMs)
    return { code: 'never-counts', message: `It was valid until ${validUntil}.` };
  if (!canHold([when], [], steps)) return { code: 'never-fits', message: 'Its condition can never hold.' };
  const before = takers.filter((taker) => lastsAsLong(taker.rule, rule) && mayMeet(when, taker.when));
  const same = before.findLast((taker) => taker.condition === condition);
  if (same !== undefined) {
    const message = `"${same.rule.name}" before it has the same condition and takes the contacts.`;
    return { code: 'same-condition', message };
  }
  if (
    before.length === 0 ||
    canHold(
      [when],
      before.map((taker) => taker.when),
      steps,
    )
  )
    return undefined;
  const alone = before.find((taker) => !canHold([when], [taker.when], steps));
  return { code: 'never-reached', message: `Every contact that fits is ${takenBy(alone?.rule.name)}.` };
}

const isOfAllTime = ({ validFrom, validUntil }: RoutingRule): boolean =>
  validFrom === null && validUntil === null;

/** Whether one is valid whenever the other is. */
function lastsAsLong(one: RoutingRule, other: RoutingRule): boolean {
  const beginsBefore =
    one.validFrom === null ||
    (other.validFrom !== null && Date.parse(one.validFrom) <= Date.parse(other.validFrom));
  const endsAfter =
    one.validUntil === null ||
    (other.validUntil !== null && Date.parse(one.validUntil) >= Date.parse(other.validUntil));
  return beginsBefore && endsAfter;
}
