import { z } from 'zod';
import { QueueId, UserId } from './ids.ts';
import { Instant } from './instants.ts';
import { oneOrMore, pageOf, PageQuery } from './pages.ts';

export const AlertId = z.uuid().brand<'AlertId'>();
export type AlertId = z.infer<typeof AlertId>;

/** Which threshold of `QueueAlerts` was reached. */
export const AlertKind = z.enum(['longest-wait', 'waiting', 'service-level', 'no-agents']);
export type AlertKind = z.infer<typeof AlertKind>;

/** Something that is or was wrong with a queue. */
export const Alert = z
  .object({
    id: AlertId,
    queueId: QueueId,
    queueName: z.string(),
    kind: AlertKind,
    /** At the beginning, and at its worst: seconds, contacts, a ratio of 0–1, or 0 agents. */
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
  kind: oneOrMore(AlertKind).optional(),
  sort: z.enum(['-raisedAt', 'raisedAt']).default('-raisedAt'),
});

export const AlertAcknowledgement = z.strictObject({ note: z.string().trim().max(500).default('') });
