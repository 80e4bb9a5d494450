import type {
  RoutingCondition,
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
  /** Empty when it is withheld. */
  readonly caller: string;
  /** Of this call. It shares out callers whose number is withheld, who would all go one way otherwise. */
  readonly callId?: string | undefined;
  readonly callerName: string;
  readonly dialled: string;
  readonly trunk: string;
  /** Two letters; empty when the number does not tell. */
  readonly country: () => string;
  readonly language: () => string;
  /** Undefined: none. */
  readonly history: () => RoutingHistory | undefined;
  /** Those of customers in which the caller is. */
  readonly segments: () => readonly string[];
  readonly variables: ReadonlyMap<string, FlowValue>;
}

/** What rules ask about the centre. */
export interface RoutingWorld {
  /** Undefined: there is no such queue, or no figure yet. */
  queue: (name: string, figure: RoutingQueueFigure) => number | undefined;
  hours: (calendar: string) => BusinessHours | undefined;
  /** What scripts may see and name. */
  names: () => RoutingNames;
}

export interface RoutingNames {
  readonly queues: ReadonlySet<string>;
  readonly calendars: ReadonlySet<string>;
  /** Whether one is published. */
  readonly hasFlow: (name: string) => boolean;
  readonly hasVoicemailBox: (name: string) => boolean;
  readonly hasAgent: (username: string) => boolean;
}

/** What a script sees as `contact`: plain data, nothing else of the world. */
export interface ScriptContact {
  readonly caller: string;
  readonly callerName: string;
  readonly dialled: string;
  readonly trunk: string;
  readonly country: string;
  readonly language: string;
  /** Null: no contact within 30 days. */
  readonly history: RoutingHistory | null;
  readonly segments: readonly string[];
  readonly variables: Readonly<Record<string, FlowValue>>;
  /** Milliseconds since 1970; the only time that there is. */
  readonly now: number;
  /** Of the queues that the script names: figures by name, null where nothing is known. */
  readonly queues: Readonly<Record<string, Record<string, number | null>>>;
  /** Of the calendars that the script names: whether they are open. */
  readonly open: Readonly<Record<string, boolean>>;
}

/** A script that has to be run before the rules can decide. */
export interface ScriptRequest {
  readonly ruleId: RoutingRuleId;
  readonly source: string;
  readonly contact: ScriptContact;
}

/** What came of running a script: its value as plain data, or why there is none. */
export type ScriptRun =
  | { readonly ok: true; readonly value: unknown; readonly log: readonly string[] }
  | { readonly ok: false; readonly message: string; readonly log: readonly string[] };

export type RuleResult =
  | 'taken'
  | 'disabled'
  | 'not-valid-now'
  | 'outside-share'
  | 'does-not-fit'
  | 'script-passed'
  | 'script-failed';

export interface RuleTried {
  readonly ruleId: RoutingRuleId;
  readonly name: string;
  readonly result: RuleResult;
  /** The part of the condition that decided, in words. */
  readonly because: string;
  /** The same as it is written, to be told in any language; undefined when something else decided. */
  readonly part: RoutingCondition | undefined;
  readonly log: readonly string[];
}

export interface ScriptFailure {
  readonly rule: string;
  readonly message: string;
}

export interface Decision {
  /** Undefined: no rule takes the contact. */
  readonly rule: RoutingRule | undefined;
  readonly target: RoutingTarget | undefined;
  /** In this order, when the target does not take the contact. */
  readonly fallbacks: readonly RoutingTarget[];
  /** In words, for the log. */
  readonly reason: string;
  /** Rules whose scripts were asked before and failed. */
  readonly failures: readonly ScriptFailure[];
  /** Nothing is decided before this script has run; ask again with what came of it. */
  readonly asks?: ScriptRequest;
}

/** What came of the scripts that were asked for, by rule. */
export type ScriptRuns = ReadonlyMap<RoutingRuleId, ScriptRun>;

/** Rules made ready to be asked for each call. */
export interface RuleSet {
  /** Deterministic; looks at nothing behind the rule that takes the contact. */
  decide(contact: RoutingContact, world: RoutingWorld, nowMs: number, scripts?: ScriptRuns): Decision;
  /** The same, with every rule that was tried and why it was passed over. */
  explain(
    contact: RoutingContact,
    world: RoutingWorld,
    nowMs: number,
    scripts?: ScriptRuns,
  ): Decision & { tried: RuleTried[] };
  readonly hasScripts: boolean;
}
