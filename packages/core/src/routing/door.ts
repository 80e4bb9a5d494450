import type {
  BusinessHours,
  RoutingQueueFigure,
  RoutingRule,
  RoutingRuleId,
  RoutingTarget,
} from '@crosspoint/contracts';
import type { FlowValue } from '../ivr/index.ts';

/** The caller's contacts within 30 days before this one. */
export interface RoutingHistory {
  readonly contacts: number;
  readonly daysSinceLast: number;
  /** By name; empty when no queue had it. */
  readonly lastQueue: string;
  readonly lastOutcome: string;
}

/** What a contact knows. What is dear to find out is asked for only by rules that look at it. */
export interface RoutingContact {
  readonly caller: string;
  readonly callerName: string;
  readonly dialled: string;
  readonly trunk: string;
  /** Two letters; empty when the number does not tell. */
  readonly country: () => string;
  readonly language: () => string;
  /** Undefined: none. */
  readonly history: () => RoutingHistory | undefined;
  readonly variables: ReadonlyMap<string, FlowValue>;
}

/** What rules ask about the centre. */
export interface RoutingWorld {
  /** Undefined: there is no such queue, or no figure yet. */
  queue: (name: string, figure: RoutingQueueFigure) => number | undefined;
  hours: (calendar: string) => BusinessHours | undefined;
}

export type RuleResult = 'taken' | 'disabled' | 'not-valid-now' | 'outside-share' | 'does-not-fit';

export interface RuleTried {
  readonly ruleId: RoutingRuleId;
  readonly name: string;
  readonly result: RuleResult;
  /** The part of the condition that decided, in words. */
  readonly because: string;
}

export interface Decision {
  /** Undefined: no rule takes the contact. */
  readonly rule: RoutingRule | undefined;
  readonly target: RoutingTarget | undefined;
  /** In words, for the log. */
  readonly reason: string;
}

/** Rules made ready to be asked for each call. */
export interface RuleSet {
  /** Deterministic; looks at nothing behind the rule that takes the contact. */
  decide(contact: RoutingContact, world: RoutingWorld, nowMs: number): Decision;
  /** The same, with every rule that was tried and why it was passed over. */
  explain(contact: RoutingContact, world: RoutingWorld, nowMs: number): Decision & { tried: RuleTried[] };
}
