import { z } from 'zod';
import { AgentId, QueueId, TeamId } from './ids.ts';
import { QueueEntry, QueueStats } from './live.ts';
import { pageOf, PageQuery, SearchText } from './pages.ts';

export const RoutingStrategy = z.enum(['longest-idle']);
export type RoutingStrategy = z.infer<typeof RoutingStrategy>;

export const WrapUpMode = z.enum(['none', 'optional', 'mandatory', 'timed']);
export type WrapUpMode = z.infer<typeof WrapUpMode>;

/** Everything an operator sets on a queue; the configuration document and the API take the same fields. */
export const QueueSettings = z.strictObject({
  name: z.string().trim().min(1).max(100),
  strategy: RoutingStrategy.default('longest-idle'),
  /** How long one agent's device rings before the next one is tried. */
  ringTimeoutSeconds: z.number().int().min(5).max(300).default(15),
  wrapUp: z
    .strictObject({
      mode: WrapUpMode.default('timed'),
      seconds: z.number().int().min(0).max(3600).default(0),
    })
    .default({ mode: 'timed', seconds: 0 }),
  serviceLevel: z
    .strictObject({
      seconds: z.number().int().min(1).max(3600).default(20),
      target: z.number().min(0).max(1).default(0.8),
    })
    .default({ seconds: 20, target: 0.8 }),
  /** Abandons below this age count as short abandons. */
  shortAbandonSeconds: z.number().int().min(0).max(60).default(5),
  /** New calls are refused above this number of waiting contacts. */
  maxSize: z.number().int().min(1).max(10_000).default(100),
  /** A contact that waited this long leaves the queue as overflowed; 0 waits without end. */
  maxWaitSeconds: z.number().int().min(0).max(86_400).default(0),
  recording: z.enum(['never', 'always']).default('always'),
  /** What an unsuccessful offer costs the agent (rule 3 of the queue semantics). */
  rejectDelaySeconds: z.number().int().min(0).max(3600).default(10),
  busyDelaySeconds: z.number().int().min(0).max(3600).default(30),
  noAnswerDelaySeconds: z.number().int().min(0).max(3600).default(10),
  /** Offers timed out in a row before the agent is set Not Responding. */
  maxNonResponses: z.number().int().min(1).max(100).default(3),
});
export type QueueSettings = z.infer<typeof QueueSettings>;
export type QueueSettingsInput = z.input<typeof QueueSettings>;

/** One agent's place in one queue (routing profile): lower priority number is tried first. */
export const QueueMembership = z.object({
  queueId: QueueId,
  priority: z.number().int().min(1).max(99).default(1),
  delaySeconds: z.number().int().min(0).max(3600).default(0),
});
export type QueueMembership = z.infer<typeof QueueMembership>;

/** A queue as the API shows it: what was set, who serves it, and how it stands now. */
export const Queue = z
  .object({
    id: QueueId,
    ...QueueSettings.shape,
    /** Counts up with every change; the ETag is made from it. */
    version: z.number().int(),
    agents: z.array(
      z.object({
        id: AgentId,
        username: z.string(),
        name: z.string(),
        priority: z.number().int(),
        delaySeconds: z.number().int(),
      }),
    ),
    /** Numbers that lead to this queue. */
    numbers: z.array(z.string()),
    /** Null until the contact centre has taken the queue up. */
    stats: QueueStats.nullable(),
  })
  .meta({ id: 'Queue' });
export type Queue = z.infer<typeof Queue>;
export const QueuePage = pageOf(Queue);
export const QueueEntryPage = pageOf(QueueEntry);

export const QueueQuery = PageQuery.extend({
  search: SearchText.optional(),
  sort: z.enum(['name', '-name']).default('name'),
});

const QueueAgent = z.strictObject({ agentId: AgentId, ...QueueMembership.omit({ queueId: true }).shape });
/** For POST and PUT. Absent settings take their defaults; absent `agents` stay as they are. */
export const QueueInput = z.strictObject({
  ...QueueSettings.shape,
  agents: z.array(QueueAgent).max(10_000).optional(),
});
export type QueueInput = z.input<typeof QueueInput>;

/** Adds agents (or moves them within the queue) and takes others out, in one step. */
export const QueueAssignInput = z
  .strictObject({
    add: z.array(QueueAgent).max(10_000).default([]),
    /** Every member of these teams who is an agent. */
    addTeamIds: z.array(TeamId).max(100).default([]),
    remove: z.array(AgentId).max(10_000).default([]),
  })
  .refine(
    (input) => input.add.length + input.addTeamIds.length + input.remove.length > 0,
    'names nobody to add or remove',
  );
export type QueueAssignInput = z.input<typeof QueueAssignInput>;
