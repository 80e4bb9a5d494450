import { z } from 'zod';
import { QueueAnnouncements, QueueCallback } from './announcements.ts';
import { BusinessHours } from './hours.ts';
import { AgentId, ContactId, QueueId, TeamId } from './ids.ts';
import { QueueEntry, QueueStats } from './live.ts';
import { NumberToCall } from './numbers.ts';
import { oneOrMore, pageOf, PageQuery, SearchText } from './pages.ts';
import { FieldError } from './problems.ts';
import { RecordingFormat } from './recordings.ts';
import { Requirement } from './skills.ts';

/** How a queue chooses among the ready agents of one membership priority (QUE-05). */
export const RoutingStrategy = z.enum([
  'longest-idle',
  'round-robin',
  'least-active-calls',
  'fewest-calls',
  'least-talk-time',
  'weighted-random',
  'linear',
  'ring-all',
  'best-skill-match',
]);
export type RoutingStrategy = z.infer<typeof RoutingStrategy>;

/** Strict classes: the higher number goes first, 0 is ordinary. */
export const QueuePriority = z.number().int().min(0).max(9);

/** Gives contacts their class on arrival; the first rule that fits decides. An empty list fits everybody. */
export const PriorityRule = z.strictObject({
  /** The caller's number begins with one of these. */
  callers: z.array(z.string().trim().min(1).max(32)).max(1000).default([]),
  /** The number that was dialled is one of these. */
  numbers: z.array(z.string().trim().min(1).max(64)).max(100).default([]),
  /** The caller is in one of these segments of customers. */
  segments: z.array(z.string().trim().min(1).max(100)).max(50).default([]),
  priority: QueuePriority,
});
export type PriorityRule = z.infer<typeof PriorityRule>;

/** Who may take a contact, and for how long nobody else (rule 10 of the queue semantics). */
export const RequirementStep = z
  .strictObject({
    requirement: Requirement.nullable().default(null),
    /** If there are any, only these agents. */
    agentIds: z.array(AgentId).max(50).default([]),
    seconds: z.number().int().min(1).max(86_400),
  })
  .refine(
    (step) => step.requirement !== null || step.agentIds.length > 0,
    'asks for nothing; give it a requirement or agents',
  );
export type RequirementStep = z.infer<typeof RequirementStep>;

/**
 * Which agents count when a queue asks whether anybody is there. `signed-in`: not offline. `working`: available, with a
 * device that can be reached and not Not Responding, whatever they are busy with. `ready`: able to take an offer now.
 */
export const PresenceLevel = z.enum(['signed-in', 'working', 'ready']);
export type PresenceLevel = z.infer<typeof PresenceLevel>;

/**
 * Where a contact goes that a queue gives up or does not take. `number` is one of the house's: routing answers it. `outside` is called
 * through a trunk. A flow that is not published, like a box that is not there, hangs up.
 */
export const OverflowTarget = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('queue'), queueId: QueueId }),
  z.strictObject({ kind: z.literal('number'), number: z.string().trim().min(1).max(64) }),
  z.strictObject({ kind: z.literal('outside'), number: NumberToCall }),
  /** A published flow, by its name. */
  z.strictObject({ kind: z.literal('flow'), flow: z.string().trim().min(1).max(100) }),
  /** The caller leaves a message in this box. */
  z.strictObject({ kind: z.literal('voicemail'), box: z.string().trim().min(1).max(100) }),
  /** A callback is promised in place of the wait, with the place kept; passed over for callers who withhold their number. */
  z.strictObject({ kind: z.literal('callback') }),
  z.strictObject({ kind: z.literal('hang-up') }),
]);
export type OverflowTarget = z.infer<typeof OverflowTarget>;

/** What a contact can have come to, for agents to choose from in wrap-up. */
export const Disposition = z.strictObject({
  code: z
    .string()
    .trim()
    .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'may hold only lower-case letters, digits and hyphens, at most 64'),
  label: z.string().trim().min(1).max(100),
});
export type Disposition = z.infer<typeof Disposition>;

/** What a screen-pop link may hold in braces; the desk puts the contact's own values there. */
export const SCREEN_POP_FIELDS = ['callerPhone', 'callerName', 'contactId', 'queue', 'agent'] as const;
const ScreenPopUrl = z
  .string()
  .trim()
  .max(2000)
  .regex(/^https?:\/\/[^\s/{}]+(\/|$|\?)/, 'is no web address that begins with http:// or https://')
  .refine(
    (url) =>
      [...url.matchAll(/\{([^{}]*)\}/g)].every(([, name]) =>
        SCREEN_POP_FIELDS.some((known) => known === name),
      ),
    `may hold in braces only ${SCREEN_POP_FIELDS.join(', ')}`,
  );

/** From when on something is wrong with a queue; null: never. */
export const QueueAlerts = z.strictObject({
  longestWaitSeconds: z.number().int().min(1).max(86_400).nullable().default(null),
  waitingCount: z.number().int().min(1).max(10_000).nullable().default(null),
  /** Of today, 0–1; judged from the tenth contact on. */
  serviceLevel: z.number().min(0).max(1).nullable().default(null),
  /** Nobody is available whose device can be reached, while the queue is open. */
  noAgents: z.boolean().default(false),
});
export type QueueAlerts = z.infer<typeof QueueAlerts>;

const afterSeconds = z.number().int().min(0).max(86_400).default(0);
/** When an overflow rule applies; the seconds count from the entry into this queue, never from the rule before it. */
export const OverflowCondition = z.discriminatedUnion('when', [
  z.strictObject({ when: z.literal('waited'), afterSeconds: z.number().int().min(1).max(86_400) }),
  z.strictObject({
    when: z.literal('waiting-above'),
    count: z.number().int().min(0).max(10_000),
    afterSeconds,
  }),
  z.strictObject({
    when: z.literal('estimated-wait-above'),
    seconds: z.number().int().min(1).max(86_400),
    afterSeconds,
  }),
  z.strictObject({
    when: z.literal('nobody-there'),
    counts: PresenceLevel.default('working'),
    afterSeconds,
  }),
  /** Outside the business hours; acts on arrival. */
  z.strictObject({ when: z.literal('closed') }),
  /** The queue is full; acts on arrival. */
  z.strictObject({ when: z.literal('full') }),
]);
export type OverflowCondition = z.infer<typeof OverflowCondition>;

export const OverflowRule = z.strictObject({ condition: OverflowCondition, target: OverflowTarget });
export type OverflowRule = z.infer<typeof OverflowRule>;

export const WrapUpMode = z.enum(['none', 'optional', 'mandatory', 'timed']);
export type WrapUpMode = z.infer<typeof WrapUpMode>;

/**
 * Predictive routing (RTE-08): of more than three ready agents, the one whose contacts of this kind came out best so far. The strategy
 * decides about the rest, and about a random share of contacts with which the others are compared.
 */
export const PredictiveRouting = z.strictObject({
  /** Of the contacts that could be routed by prediction, 0.1–0.5. */
  controlShare: z.number().min(0.1).max(0.5).default(0.2),
  /** Codes of dispositions by which a contact came to something; none: dispositions do not count. */
  goodDispositions: z.array(Disposition.shape.code).max(50).default([]),
});
export type PredictiveRouting = z.infer<typeof PredictiveRouting>;

/** Everything an operator sets on a queue; the configuration document and the API take the same fields. */
export const QueueSettings = z.strictObject({
  name: z.string().trim().min(1).max(100),
  /** Who answers for the queue; whoever hears of this team's alerts hears of the queue's. Who serves it is said by `agents`. */
  teamId: TeamId.nullable().default(null),
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
  /** Of the files of later recordings: PCM of 32 kB per second, or MP3 of 4 kB for more of the processor. */
  recordingFormat: RecordingFormat.default('wav'),
  /** What an unsuccessful offer costs the agent (rule 3 of the queue semantics). */
  rejectDelaySeconds: z.number().int().min(0).max(3600).default(10),
  busyDelaySeconds: z.number().int().min(0).max(3600).default(30),
  noAnswerDelaySeconds: z.number().int().min(0).max(3600).default(10),
  /** Offers timed out in a row before the agent is set Not Responding. */
  maxNonResponses: z.number().int().min(1).max(100).default(3),
  /** Agents rung together at most, by the strategy `ring-all`. */
  ringAllMax: z.number().int().min(2).max(50).default(10),
  priorityRules: z.array(PriorityRule).max(50).default([]),
  /** Each `everySeconds` of waiting moves a contact up one class, to `priorityMax`; 0 leaves classes as they are. */
  ageing: z
    .strictObject({
      everySeconds: z.number().int().min(0).max(86_400).default(0),
      priorityMax: QueuePriority.default(9),
    })
    .default({ everySeconds: 0, priorityMax: 9 }),
  /** Tried one after the other; then `afterLastStep` decides whether anybody may take the contact. */
  requirementSteps: z.array(RequirementStep).max(10).default([]),
  afterLastStep: z.enum(['anybody', 'keep-last']).default('anybody'),
  /** An agent who is asked alone first: the one the caller spoke with last, or the one that routing prefers. */
  sticky: z
    .strictObject({
      mode: z.enum(['none', 'last', 'preferred']).default('none'),
      /** How long the contact waits for an agent who is there but busy. */
      waitSeconds: z.number().int().min(0).max(3600).default(0),
    })
    .default({ mode: 'none', waitSeconds: 0 }),
  /** A caller who hangs up and calls again within this time has the old place; 0 starts anew. */
  resumeWindowSeconds: z.number().int().min(0).max(3600).default(0),
  /** Whom a new contact needs to find to be taken. */
  joinWhenEmpty: z.enum(['always', ...PresenceLevel.options]).default('always'),
  /** When the last of these is gone for `leaveWhenEmptySeconds`, everybody who waits overflows. */
  leaveWhenEmpty: z.enum(['never', 'signed-in', 'working']).default('never'),
  leaveWhenEmptySeconds: z.number().int().min(0).max(3600).default(30),
  /** In order; the first rule whose condition holds and whose target takes the contact decides. */
  overflow: z.array(OverflowRule).max(10).default([]),
  /** Null: open at all times. */
  hours: BusinessHours.nullable().default(null),
  /** Shared hours, by their name, which stand in the place of `hours`. */
  calendar: z.string().trim().min(1).max(100).nullable().default(null),
  /** What callers hear while they wait. */
  announcements: QueueAnnouncements.prefault({}),
  callback: QueueCallback.prefault({}),
  /** A published flow, by its name, that has the customer when the agent has hung up; its `survey` nodes are counted. */
  surveyFlow: z.string().trim().min(1).max(100).nullable().default(null),
  /** Agents choose one of them after each contact; none: they are not asked. */
  dispositions: z
    .array(Disposition)
    .max(50)
    .refine((list) => new Set(list.map(({ code }) => code)).size === list.length, 'has a code twice')
    .default([]),
  /** Opened from the desk: the customer's page elsewhere, such as `https://crm.example/find?phone={callerPhone}`. */
  screenPopUrl: ScreenPopUrl.nullable().default(null),
  alerts: QueueAlerts.prefault({}),
  /** Null: the strategy decides about every contact. */
  predictive: PredictiveRouting.nullable().default(null),
});
export type QueueSettings = z.infer<typeof QueueSettings>;
export type QueueSettingsInput = z.input<typeof QueueSettings>;

/** One agent's place in one queue (routing profile): lower priority number is tried first. */
export const QueueMembership = z.object({
  queueId: QueueId,
  priority: z.number().int().min(1).max(99).default(1),
  delaySeconds: z.number().int().min(0).max(3600).default(0),
  /** The agent's share of the draws of `weighted-random`. */
  weight: z.number().int().min(1).max(100).default(1),
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
        /** The same again, under the name by which it is written. */
        agentId: AgentId,
        username: z.string(),
        name: z.string(),
        priority: z.number().int(),
        delaySeconds: z.number().int(),
        weight: z.number().int(),
      }),
    ),
    /** Numbers that lead to this queue. */
    numbers: z.array(z.string()),
    /** What is allowed but hardly meant, such as a requirement that none of its agents satisfies. */
    warnings: z.array(FieldError),
    /** Null until the contact centre has taken the queue up. */
    stats: QueueStats.nullable(),
  })
  .meta({ id: 'Queue' });
export type Queue = z.infer<typeof Queue>;
export const QueuePage = pageOf(Queue);
export const QueueEntryPage = pageOf(QueueEntry);

export const QueueQuery = PageQuery.extend({
  search: SearchText.optional(),
  teamId: oneOrMore(TeamId).optional(),
  sort: z.enum(['name', '-name']).default('name'),
});

/** Of those who wait, in order. */
export const QueueEntryQuery = PageQuery.extend({
  /** In the caller's number or name. */
  search: SearchText.optional(),
  status: QueueEntry.shape.status.optional(),
  direction: QueueEntry.shape.direction.optional(),
  /** The class that holds now. */
  priority: z.coerce.number().pipe(QueuePriority).optional(),
  contactId: ContactId.optional(),
});

const QueueAgent = z.strictObject({ agentId: AgentId, ...QueueMembership.omit({ queueId: true }).shape });
/** For POST and PUT. Absent settings take their defaults; absent `agents` stay as they are. */
export const QueueInput = z.strictObject({
  ...QueueSettings.shape,
  agents: z.array(QueueAgent).max(10_000).optional(),
});
export type QueueInput = z.input<typeof QueueInput>;

/** What a supervisor does with a contact that waits; one of them at a time. */
export const QueueEntryAction = z.discriminatedUnion('action', [
  /** To another queue with its age, whatever that queue's limits and hours; to its own, to take the present rules. */
  z.strictObject({ action: z.literal('move'), queueId: QueueId }),
  z.strictObject({ action: z.literal('reprioritise'), priority: QueuePriority }),
  /** For so long nobody but this agent may take it; the agent need not serve the queue. */
  z.strictObject({
    action: z.literal('assign'),
    agentId: AgentId,
    seconds: z.number().int().min(5).max(3600).default(60),
  }),
  /** It is hung up and counts as overflowed. */
  z.strictObject({ action: z.literal('remove') }),
]);
export type QueueEntryAction = z.infer<typeof QueueEntryAction>;

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
