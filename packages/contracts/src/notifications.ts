import { z } from 'zod';
import { AlertId, AlertKind } from './alerts.ts';
import { AlertTargetId, QueueId, TeamId } from './ids.ts';
import { Instant, Language, TimeZone } from './instants.ts';
import { oneOrMore, pageOf, PageQuery } from './pages.ts';

const Email = z.email().max(254);

const mailServer = {
  host: z
    .string()
    .trim()
    .min(1)
    .max(253)
    .regex(/^[A-Za-z0-9.:_-]+$/, 'is neither a host name nor an address'),
  port: z.number().int().min(1).max(65_535).default(587),
  /** `tls` from the first byte, `starttls` before anything is said, `none` for a relay inside the house. */
  encryption: z.enum(['tls', 'starttls', 'none']).default('starttls'),
  username: z.string().trim().min(1).max(256).nullable().default(null),
  fromAddress: Email,
  fromName: z.string().trim().max(100).default('Crosspoint'),
};

/** The server that mail is handed to. */
export const MailServer = z.object({ ...mailServer, hasPassword: z.boolean() }).meta({ id: 'MailServer' });
export type MailServer = z.infer<typeof MailServer>;

/** An absent password stays as it is; null takes it away. */
export const MailServerInput = z.strictObject({
  ...mailServer,
  password: z.string().min(1).max(256).nullable().optional(),
});
export type MailServerInput = z.input<typeof MailServerInput>;

export const MailTestInput = z.strictObject({ to: Email, language: Language.default('en') });

/** Whether a message was taken, or why not. */
export const DeliveryOutcome = z
  .object({ delivered: z.boolean(), error: z.string().nullable() })
  .meta({ id: 'DeliveryOutcome' });
export type DeliveryOutcome = z.infer<typeof DeliveryOutcome>;

/** What happened to an alert that is told. */
export const AlertEvent = z.enum(['raised', 'cleared']);
export type AlertEvent = z.infer<typeof AlertEvent>;

const targetSettings = {
  name: z.string().trim().min(1).max(100),
  enabled: z.boolean().default(true),
  to: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('mail'),
      addresses: z.array(Email).min(1).max(20),
      language: Language.default('en'),
      timeZone: TimeZone.default('UTC'),
    }),
    /** Requests are signed as the Standard Webhooks specification says. */
    z.strictObject({
      kind: z.literal('webhook'),
      url: z
        .url({ protocol: /^https?$/ })
        .max(2000)
        .refine((url) => !/^[a-z]+:\/\/[^/?#]*@/i.test(url), 'must not carry a password'),
    }),
  ]),
  events: z
    .array(AlertEvent)
    .min(1)
    .max(2)
    .default([...AlertEvent.options]),
  /** Only these kinds; empty for all. */
  kinds: z.array(AlertKind).max(AlertKind.options.length).default([]),
  /** Only alerts of these queues, and of queues and agents of these teams and of teams within them; both empty: all. */
  queueIds: z.array(QueueId).max(1000).default([]),
  teamIds: z.array(TeamId).max(200).default([]),
};

/** Where alerts are sent to. */
export const AlertTargetInput = z.strictObject(targetSettings);
export type AlertTargetInput = z.input<typeof AlertTargetInput>;
export const AlertTarget = z.object({ id: AlertTargetId, ...targetSettings }).meta({ id: 'AlertTarget' });
export type AlertTarget = z.infer<typeof AlertTarget>;
export const AlertTargetPage = pageOf(AlertTarget);

/** The secret that webhooks are signed with from now on; shown once. */
export const WebhookSecret = z.object({ secret: z.string() }).meta({ id: 'WebhookSecret' });

export const DeliveryState = z.enum(['waiting', 'delivered', 'failed']);
export type DeliveryState = z.infer<typeof DeliveryState>;

/** One alert on its way to one target. */
export const AlertDelivery = z
  .object({
    id: z.uuid(),
    target: z.object({ id: AlertTargetId, name: z.string() }),
    /** Whom it is about: a queue or an agent. */
    alert: z.object({
      id: AlertId,
      queueName: z.string().nullable(),
      agentName: z.string().nullable(),
      kind: AlertKind,
    }),
    event: AlertEvent,
    state: DeliveryState,
    attempts: z.number().int(),
    createdAt: Instant,
    /** Of one that waits. */
    nextAttemptAt: Instant.nullable(),
    deliveredAt: Instant.nullable(),
    lastError: z.string().nullable(),
  })
  .meta({ id: 'AlertDelivery' });
export type AlertDelivery = z.infer<typeof AlertDelivery>;
export const AlertDeliveryPage = pageOf(AlertDelivery);

export const AlertDeliveryQuery = PageQuery.extend({
  state: oneOrMore(DeliveryState).optional(),
  targetId: oneOrMore(AlertTargetId).optional(),
});
