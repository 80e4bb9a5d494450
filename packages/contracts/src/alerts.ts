import { z } from 'zod';
import { AgentId, AlertRuleId, QueueId, TeamId, UserId } from './ids.ts';
import { Instant } from './instants.ts';
import { oneOrMore, pageOf, PageQuery, SearchText } from './pages.ts';

export const AlertId = z.uuid().brand<'AlertId'>();
export type AlertId = z.infer<typeof AlertId>;

/** Which threshold of `QueueAlerts` was reached. */
export const QueueAlertKind = z.enum(['longest-wait', 'waiting', 'service-level', 'no-agents']);
export type QueueAlertKind = z.infer<typeof QueueAlertKind>;

/** Which condition of an `AlertRule` an agent fulfils. */
export const AgentAlertKind = z.enum([
  'status-time',
  'talk-time',
  'wrap-up-time',
  'missed-offers',
  'not-adherent',
]);
export type AgentAlertKind = z.infer<typeof AgentAlertKind>;

export const AlertKind = z.enum([...QueueAlertKind.options, ...AgentAlertKind.options]);
export type AlertKind = z.infer<typeof AlertKind>;

/** Something that is or was wrong with a queue, or by a rule with an agent; what belongs to the other is null. */
export const Alert = z
  .object({
    id: AlertId,
    queueId: QueueId.nullable(),
    queueName: z.string().nullable(),
    agentId: AgentId.nullable(),
    agentName: z.string().nullable(),
    ruleId: AlertRuleId.nullable(),
    ruleName: z.string().nullable(),
    kind: AlertKind,
    /** At the beginning, and at its worst: seconds, contacts, offers, a ratio of 0–1, or 0 agents. */
    value: z.number(),
    worst: z.number(),
    /** What was allowed then. */
    threshold: z.number(),
    raisedAt: Instant,
    /** When it was over; null while it lasts. */
    clearedAt: Instant.nullable(),
    acknowledgedAt: Instant.nullable(),
    acknowledgedBy: z.object({ id: UserId, name: z.string() }).nullable(),
    /** What was said with the acknowledgement. */
    note: z.string(),
  })
  .meta({ id: 'Alert' });
export type Alert = z.infer<typeof Alert>;
export const AlertPage = pageOf(Alert);

export const AlertQuery = PageQuery.extend({
  /** `open`: it lasts, or nobody has acknowledged it; `ended`: the others. */
  state: z.enum(['open', 'ended', 'all']).default('open'),
  queueId: oneOrMore(QueueId).optional(),
  agentId: oneOrMore(AgentId).optional(),
  kind: oneOrMore(AlertKind).optional(),
  /** In the names of the queue, the agent and the rule, the note and who acknowledged it. */
  search: SearchText.optional(),
  sort: z.enum(['-raisedAt', 'raisedAt']).default('-raisedAt'),
});

export const AlertAcknowledgement = z.strictObject({ note: z.string().trim().max(500).default('') });

/** In what one can be for too long without talking to anybody. */
export const WatchedActivity = z.enum(['idle', 'break', 'not-responding', 'unreachable']);
export type WatchedActivity = z.infer<typeof WatchedActivity>;

const seconds = z.number().int().min(1).max(86_400);
/** From when on something is wrong with an agent; reaching the limit counts. */
export const AlertCondition = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('status-time'),
    activity: WatchedActivity,
    /** Only a break for this reason; null: any. */
    reasonCode: z.string().min(1).max(64).nullable().default(null),
    seconds,
  }),
  /** One conversation, its holds included. */
  z.strictObject({ kind: z.literal('talk-time'), seconds }),
  z.strictObject({ kind: z.literal('wrap-up-time'), seconds }),
  /** Offers that ran out one after the other. */
  z.strictObject({ kind: z.literal('missed-offers'), count: z.number().int().min(1).max(100) }),
  /** Doing something else than the schedule says. */
  z.strictObject({ kind: z.literal('not-adherent'), seconds }),
]);
export type AlertCondition = z.infer<typeof AlertCondition>;

const rule = {
  name: z.string().trim().min(1).max(100),
  enabled: z.boolean().default(true),
  condition: AlertCondition,
  /** Agents of these teams and of teams within them; empty: everybody. */
  teamIds: z.array(TeamId).max(200).default([]),
};

/** When something is wrong with an agent. */
export const AlertRuleInput = z.strictObject(rule);
export type AlertRuleInput = z.input<typeof AlertRuleInput>;
export const AlertRule = z.object({ id: AlertRuleId, ...rule }).meta({ id: 'AlertRule' });
export type AlertRule = z.infer<typeof AlertRule>;
export const AlertRulePage = pageOf(AlertRule);
