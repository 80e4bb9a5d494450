import type { RoutingCondition, RoutingRule, RoutingTarget } from '@crosspoint/contracts';
import { Openings } from '../hours/index.ts';
import { branchOf, fractionOf, hashOf } from '../ivr/index.ts';
import { Candidates } from './candidates.ts';
import { Asked, compileCondition, decisivePart, type Holds } from './conditions.ts';
import type {
  Decision,
  RoutingContact,
  RuleResult,
  RuleSet,
  RuleTried,
  ScriptFailure,
  ScriptRequest,
  ScriptRuns,
} from './door.ts';
import { scriptRequest, scriptVerdict } from './script.ts';
import { conditionWords, targetWords } from './words.ts';

interface CompiledRule {
  readonly rule: RoutingRule;
  readonly holds: Holds;
  readonly validFromMs: number;
  readonly validUntilMs: number;
  readonly weights: readonly number[];
  /** Of all that is shared out by, except the caller: hundreds of rules with a share are asked for each call, and make no garbage. */
  readonly shareHash: number;
  /** What is said when the rule takes a contact. */
  readonly words: string;
}

const noScripts: ScriptRuns = new Map();

/** Makes rules ready to be asked; see `SPEC.md` for the numbered rules. They are tried in the given order. */
export function createRuleSet(rules: readonly RoutingRule[]): RuleSet {
  const compiled = rules.map(compile);
  const candidates = new Candidates(rules.map(({ when }) => when));
  const openings = new Openings();
  const none = `None of ${rules.length} rules fits.`;
  const decide: RuleSet['decide'] = (contact, world, nowMs, scripts = noScripts) => {
    const asked = new Asked(contact, world, nowMs, openings);
    const failures: ScriptFailure[] = [];
    const found = candidates.of(asked);
    for (let index = 0; index < found.length; index++) {
      if (found[index] === 0) continue;
      const each = compiled[index] as CompiledRule;
      const judged = judge(each, asked, scripts);
      if (judged === doesNotFit) continue;
      if (judged.result === 'asks') return asks(judged.request);
      if (judged.result === 'taken') return take(each, contact, judged.targets, failures);
      if (judged.result === 'script-failed') failures.push({ rule: each.rule.name, message: judged.message });
    }
    return { rule: undefined, target: undefined, fallbacks: [], reason: reasonOf(failures, none), failures };
  };
  return {
    decide,
    hasScripts: rules.some(({ enabled, script }) => enabled && script !== null),
    explain(contact, world, nowMs, scripts = noScripts) {
      const tried: RuleTried[] = [];
      const asked = new Asked(contact, world, nowMs, openings);
      for (const each of compiled) {
        const judged = judge(each, asked, scripts);
        if (judged.result === 'asks') return { ...asks(judged.request), tried };
        const { rule } = each;
        const { result } = judged;
        const part = partOf(rule, result, asked);
        const because = result === 'script-failed' ? judged.message : becauseOf(rule, result, part);
        const log = scripts.get(rule.id)?.log ?? [];
        tried.push({ ruleId: rule.id, name: rule.name, result, because, part, log });
        if (judged.result === 'taken') break;
      }
      return { ...decide(contact, world, nowMs, scripts), tried };
    },
  };
}

const reasonOf = (failures: readonly ScriptFailure[], words: string): string =>
  [...failures.map(({ rule, message }) => `The script of "${rule}" failed: ${message}.`), words].join(' ');

function asks(request: ScriptRequest): Decision {
  return {
    rule: undefined,
    target: undefined,
    fallbacks: [],
    reason: 'A script has to run.',
    failures: [],
    asks: request,
  };
}

function compile(rule: RoutingRule): CompiledRule {
  return {
    rule,
    holds: compileCondition(rule.when),
    validFromMs: rule.validFrom === null ? Number.NEGATIVE_INFINITY : Date.parse(rule.validFrom),
    validUntilMs: rule.validUntil === null ? Number.POSITIVE_INFINITY : Date.parse(rule.validUntil),
    weights: rule.targets.map(({ weight }) => weight),
    shareHash: hashOf(`${rule.id}/share/`),
    words: conditionWords(rule.when),
  };
}

type Judged =
  | { result: 'taken'; targets: readonly RoutingTarget[] }
  | { result: 'script-failed'; message: string }
  | { result: 'asks'; request: ScriptRequest }
  | { result: Exclude<RuleResult, 'taken' | 'script-failed'> };

/** Made once: of hundreds of rules that are asked for each call, nearly all are judged so. */
const doesNotFit: Judged = { result: 'does-not-fit' };
const outsideShare: Judged = { result: 'outside-share' };
const disabled: Judged = { result: 'disabled' };
const notValidNow: Judged = { result: 'not-valid-now' };

function judge(
  { rule, holds, validFromMs, validUntilMs, shareHash }: CompiledRule,
  asked: Asked,
  scripts: ScriptRuns,
): Judged {
  const { contact, world, nowMs } = asked;
  if (!rule.enabled) return disabled;
  if (nowMs < validFromMs || nowMs >= validUntilMs) return notValidNow;
  if (rule.share < 100 && !isInShare(rule.share, shareHash, contact)) return outsideShare;
  if (!holds(asked)) return doesNotFit;
  if (rule.script === null) return { result: 'taken', targets: [] };
  const run = scripts.get(rule.id);
  if (run === undefined) {
    return { result: 'asks', request: scriptRequest(rule.id, rule.script, contact, world, nowMs) };
  }
  const verdict = scriptVerdict(run, world.names());
  if (verdict.kind === 'passes') return { result: 'script-passed' };
  if (verdict.kind === 'failed') return { result: 'script-failed', message: verdict.message };
  return { result: 'taken', targets: verdict.targets };
}

/** The same caller is always shared out alike; of callers without a number, each call by itself. */
const shareKey = ({ caller, callId = '' }: RoutingContact): string => caller || callId;

/** Whoever is in a share stays in it as the share grows. */
function isInShare(share: number, shareHash: number, contact: RoutingContact): boolean {
  return fractionOf(hashOf(shareKey(contact), shareHash)) * 100 < share;
}

/** @param targets what its script gave; its own ones otherwise. */
function take(
  { rule, weights, words }: CompiledRule,
  contact: RoutingContact,
  targets: readonly RoutingTarget[],
  failures: readonly ScriptFailure[],
): Decision {
  const [chosen, ...more] = targets;
  const target = chosen ?? targetOf(rule, weights, shareKey(contact));
  const fallbacks = chosen === undefined ? rule.fallbacks : more;
  const why = rule.script === null ? words : `${words}; its script`;
  const reason = `Rule "${rule.name}" fits (${why}): to ${targetWords(target)}.`;
  return { rule, target, fallbacks, reason: reasonOf(failures, reason), failures };
}

function targetOf(rule: RoutingRule, weights: readonly number[], key: string): RoutingTarget | undefined {
  const index = weights.length === 1 ? 0 : branchOf(`${rule.id}/target/${key}`, weights);
  return rule.targets[index]?.to;
}

/** The part of the condition that decided, where it did. */
function partOf({ when }: RoutingRule, result: RuleResult, asked: Asked): RoutingCondition | undefined {
  return result === 'taken' || result === 'does-not-fit'
    ? decisivePart(when, result === 'taken', (each) => compileCondition(each)(asked))
    : undefined;
}

function becauseOf(
  { when, share, validFrom, validUntil }: RoutingRule,
  result: Exclude<RuleResult, 'script-failed'>,
  part: RoutingCondition = when,
): string {
  switch (result) {
    case 'disabled':
      return 'it is switched off';
    case 'not-valid-now':
      return `valid ${validFrom === null ? '' : `from ${validFrom} `}${validUntil === null ? '' : `until ${validUntil}`}`.trim();
    case 'outside-share':
      return `it counts for ${share} % of the callers, and not for this one`;
    case 'script-passed':
      return 'its script leaves the contact to the next rule';
    case 'taken':
    case 'does-not-fit':
      return conditionWords(part);
  }
}
