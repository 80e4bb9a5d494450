import { z } from 'zod';
import { PromptLanguage } from './announcements.ts';
import { FlowHours, FlowVariableName } from './flow-nodes.ts';
import { FlowExpression } from './flow-prompts.ts';
import { ContactId } from './ids.ts';
import { Instant } from './instants.ts';
import { NumberToCall } from './numbers.ts';
import { pageOf, PageQuery } from './pages.ts';
import { FieldError } from './problems.ts';
import { QueuePriority } from './queues.ts';
import { Username } from './users.ts';

/** Rules of routing: what a contact knows decides where it goes. `core/src/routing` checks and evaluates them. */
const Name = z.string().trim().min(1).max(100);
const Values = z.array(z.string().trim().min(1).max(100)).min(1).max(1_000);

/**
 * `caller`: the number, empty when withheld · `dialled`: the number called · `trunk`: its name, empty for calls that came by none ·
 * `country`: two letters (ISO 3166) from the caller's number · `language`: the caller's, else that of the country ·
 * `last-queue`, `last-outcome`: of the caller's contact before, within 30 days.
 */
export const RoutingTextField = z.enum([
  'caller',
  'caller-name',
  'dialled',
  'trunk',
  'country',
  'language',
  'last-queue',
  'last-outcome',
]);
export type RoutingTextField = z.infer<typeof RoutingTextField>;

export const RoutingTextOperator = z.enum(['one-of', 'none-of', 'starting-with', 'containing']);
export type RoutingTextOperator = z.infer<typeof RoutingTextOperator>;
export const RoutingNumberOperator = z.enum(['at-least', 'at-most']);

/** Of one queue, now. `ready`: agents who could take an offer; the wait is that of whoever waits longest. */
export const RoutingQueueFigure = z.enum([
  'waiting',
  'ready',
  'longest-wait-seconds',
  'estimated-wait-seconds',
]);
export type RoutingQueueFigure = z.infer<typeof RoutingQueueFigure>;
/** Of the caller's contacts within 30 days. Days since the last one: nothing holds when there is none. */
export const RoutingHistoryFigure = z.enum(['contacts', 'days-since-last']);
export type RoutingHistoryFigure = z.infer<typeof RoutingHistoryFigure>;

const figure = z.number().min(0).max(1_000_000);

export const RoutingTest = z.union([
  z.strictObject({ field: RoutingTextField, is: RoutingTextOperator, values: Values }),
  /** What a flow has set. */
  z.strictObject({
    field: z.literal('variable'),
    name: FlowVariableName,
    is: RoutingTextOperator,
    values: Values,
  }),
  z.strictObject({
    field: z.literal('queue'),
    queue: Name,
    figure: RoutingQueueFigure,
    is: RoutingNumberOperator,
    value: figure,
  }),
  z.strictObject({
    field: z.literal('history'),
    figure: RoutingHistoryFigure,
    is: RoutingNumberOperator,
    value: figure,
  }),
  /** In which of the segments of customers the caller is; `none-of`: in none of these. */
  z.strictObject({ field: z.literal('segment'), is: z.enum(['one-of', 'none-of']), values: Values }),
  z.strictObject({ field: z.literal('hours'), hours: FlowHours, is: z.enum(['open', 'closed']) }),
  /** A calculation over `caller`, `callerName`, `dialled`, `trunk`, `country`, `language`, `segments` and the variables of the flow. */
  z.strictObject({ field: z.literal('expression'), when: FlowExpression }),
]);
export type RoutingTest = z.infer<typeof RoutingTest>;

/** Tests joined by all (AND), any (OR) and not (NOT). `{ all: [] }` holds always. */
export type RoutingCondition =
  | RoutingTest
  | { all: RoutingCondition[] }
  | { any: RoutingCondition[] }
  | { not: RoutingCondition };

export const routingConditionDepthMax = 6;
export const routingConditionPartsMax = 100;

const ConditionTree: z.ZodType<RoutingCondition, RoutingCondition> = z
  .lazy(() =>
    z.union([
      RoutingTest,
      z.strictObject({ all: z.array(ConditionTree).max(50) }),
      z.strictObject({ any: z.array(ConditionTree).min(1).max(50) }),
      z.strictObject({ not: ConditionTree }),
    ]),
  )
  .meta({ id: 'RoutingConditionPart' }) as z.ZodType<RoutingCondition, RoutingCondition>;

export const RoutingCondition = ConditionTree.refine(
  (tree) => depthOf(tree) <= routingConditionDepthMax,
  `may be nested ${routingConditionDepthMax} deep at most`,
)
  .refine(
    (tree) => partsOf(tree) <= routingConditionPartsMax,
    `may have ${routingConditionPartsMax} parts at most`,
  )
  .meta({ id: 'RoutingCondition' });

function branchesOf(tree: RoutingCondition): readonly RoutingCondition[] {
  if ('all' in tree) return tree.all;
  if ('any' in tree) return tree.any;
  return 'not' in tree ? [tree.not] : [];
}
function depthOf(tree: RoutingCondition): number {
  return 1 + Math.max(0, ...branchesOf(tree).map(depthOf));
}
function partsOf(tree: RoutingCondition): number {
  return branchesOf(tree).reduce((sum, branch) => sum + partsOf(branch), 1);
}

/** Where a contact goes, by name. */
export const RoutingTarget = z.union([
  z.strictObject({
    queue: Name,
    priority: QueuePriority.default(0),
    /** Is asked alone first where the queue's `sticky.mode` is `preferred`. */
    preferredAgent: Username.optional(),
  }),
  z.strictObject({ flow: Name }),
  z.strictObject({ agent: Username }),
  z.strictObject({ number: NumberToCall }),
  z.strictObject({ voicemail: Name }),
  z.strictObject({ end: z.literal(true) }),
]);
export type RoutingTarget = z.infer<typeof RoutingTarget>;

export const RoutingRuleInput = z.strictObject({
  name: Name,
  description: z.string().trim().max(1_000).default(''),
  enabled: z.boolean().default(true),
  when: RoutingCondition.default({ all: [] }),
  /**
   * The body of a JavaScript function of `contact`, asked when the condition holds. `true` takes the contact to the targets below, a target
   * or a list of them takes it there, and nothing, `null` or `false` leaves it to the next rule, as does a script that fails.
   */
  script: z.string().trim().min(1).max(20_000).nullable().default(null),
  /** Shared out by weight; the same number always goes the same way. */
  targets: z
    .array(z.strictObject({ to: RoutingTarget, weight: z.number().int().min(1).max(1_000).default(1) }))
    .min(1)
    .max(10),
  /** In this order, when the target does not take the contact. */
  fallbacks: z.array(RoutingTarget).max(5).default([]),
  /** Percent of the callers for whom the rule counts; the same callers as the share grows. */
  share: z.number().int().min(0).max(100).default(100),
  /** Outside this time the rule does not count. */
  validFrom: Instant.nullable().default(null),
  validUntil: Instant.nullable().default(null),
});
export type RoutingRuleInput = z.infer<typeof RoutingRuleInput>;

export const RoutingRuleId = z.uuid().brand<'RoutingRuleId'>();
export type RoutingRuleId = z.infer<typeof RoutingRuleId>;

/** One rule of the draft. Contacts meet the rules that were published last. */
export const RoutingRule = z
  .object({ id: RoutingRuleId, ...RoutingRuleInput.shape })
  .meta({ id: 'RoutingRule' });
export type RoutingRule = z.infer<typeof RoutingRule>;

export const routingRulesMax = 1_000;

/** The whole draft in its order, and what it stands against. */
export const RoutingDraft = pageOf(RoutingRule)
  .extend({
    /** Of the published rules; null before the first publication. */
    version: z.number().int().nullable(),
    hasChanges: z.boolean(),
    /** What keeps the draft from being published. */
    faults: z.array(FieldError),
    /** What can never happen: a rule that no contact reaches, contacts that no rule takes. */
    hints: z.array(z.object({ ruleId: RoutingRuleId.nullable(), code: z.string(), message: z.string() })),
  })
  .meta({ id: 'RoutingDraft' });
export type RoutingDraft = z.infer<typeof RoutingDraft>;

/** Every rule of the draft once, in the order in which they are to be tried. */
export const RoutingOrderInput = z.strictObject({ ids: z.array(RoutingRuleId).max(routingRulesMax) });

export const RoutingVersion = z
  .object({ version: z.number().int(), publishedAt: Instant, rules: z.array(RoutingRule) })
  .meta({ id: 'RoutingVersion' });
export type RoutingVersion = z.infer<typeof RoutingVersion>;
export const RoutingVersionList = pageOf(RoutingVersion);

export const RoutingDiffQuery = z.object({
  /** A version, or `draft`. */
  from: z.union([z.literal('draft'), z.coerce.number().int().min(1)]),
  to: z.union([z.literal('draft'), z.coerce.number().int().min(1)]).default('draft'),
});
export const RoutingDiff = z.object({
  items: z.array(
    z.object({
      ruleId: RoutingRuleId,
      name: z.string(),
      change: z.enum(['added', 'removed', 'changed', 'moved']),
      /** Of a changed rule, the names of its fields. */
      fields: z.array(z.string()),
    }),
  ),
});
export type RoutingDiff = z.infer<typeof RoutingDiff>;

/** A contact of paper. What is left out is what a call would bring now. */
export const RoutingSample = z.strictObject({
  caller: z.string().trim().max(64).default('+420555000111'),
  callerName: z.string().trim().max(100).default(''),
  dialled: z.string().trim().max(64).default(''),
  trunk: z.string().trim().max(100).default(''),
  language: PromptLanguage.optional(),
  at: Instant.optional(),
  variables: z.record(FlowVariableName, z.string().max(1_000)).default({}),
});
export type RoutingSample = z.infer<typeof RoutingSample>;
export const RoutingTestInput = z.strictObject({
  sample: RoutingSample,
  rules: z.enum(['draft', 'published']).default('draft'),
});

export const RoutingScriptFailure = z.object({ rule: z.string(), message: z.string() });
export type RoutingScriptFailure = z.infer<typeof RoutingScriptFailure>;

/** What was decided and why, rule by rule as they were tried. */
export const RoutingDecision = z
  .object({
    /** Null: no rule takes the contact. */
    ruleId: RoutingRuleId.nullable(),
    ruleName: z.string().nullable(),
    target: RoutingTarget.nullable(),
    fallbacks: z.array(RoutingTarget),
    /** A sentence in English, for logs. */
    reason: z.string(),
    tried: z.array(
      z.object({
        ruleId: RoutingRuleId,
        name: z.string(),
        result: z.enum([
          'taken',
          'disabled',
          'not-valid-now',
          'outside-share',
          'does-not-fit',
          'script-passed',
          'script-failed',
        ]),
        /** The part of the condition that decided, or why the script failed. */
        because: z.string(),
        /** The part of the condition that decided; null when something else did. */
        part: RoutingCondition.nullable(),
        /** What its script wrote by `console.log`. */
        log: z.array(z.string()),
      }),
    ),
  })
  .meta({ id: 'RoutingDecision' });
export type RoutingDecision = z.infer<typeof RoutingDecision>;

export const RoutingLogQuery = PageQuery.extend({
  from: Instant.optional(),
  to: Instant.optional(),
  ruleId: RoutingRuleId.optional(),
});
export const RoutingLogPage = pageOf(
  z
    .object({
      contactId: ContactId,
      at: Instant,
      caller: z.string(),
      dialled: z.string(),
      ruleId: RoutingRuleId.nullable(),
      ruleName: z.string().nullable(),
      version: z.number().int(),
      target: z.string(),
      /** A sentence in English. */
      reason: z.string(),
      /** Where it led, and the condition that held; null in what was decided by former versions. */
      to: RoutingTarget.nullable(),
      when: RoutingCondition.nullable(),
      /** Rules before it whose scripts failed. */
      failures: z.array(RoutingScriptFailure),
    })
    .meta({ id: 'RoutingLogEntry' }),
);
export type RoutingLogEntry = z.infer<typeof RoutingLogPage>['items'][number];

export const AnalyticsQuery = z.object({ from: Instant.optional(), to: Instant.optional() });

export const RoutingAnalytics = z
  .object({
    from: Instant,
    to: Instant,
    decisions: z.number().int(),
    rules: z.array(
      z.object({
        /** Null: contacts that no rule took. */
        ruleId: RoutingRuleId.nullable(),
        ruleName: z.string().nullable(),
        hits: z.number().int(),
        /** Of all decisions, 0 to 1. */
        share: z.number(),
        answered: z.number().int(),
      }),
    ),
  })
  .meta({ id: 'RoutingAnalytics' });
export type RoutingAnalytics = z.infer<typeof RoutingAnalytics>;
