import { z } from 'zod';
import { ContactFactData, type ContactFactType, ContactOutcome } from './facts.ts';
import { AgentId, ContactId, EntryId, QueueId, RecordingId } from './ids.ts';
import { Instant } from './instants.ts';
import { LiveCall } from './live.ts';
import { oneOrMore, pageOf, PageQuery, QueryBoolean, SearchText } from './pages.ts';
import { Disposition, RoutingStrategy } from './queues.ts';
import { Recording } from './recordings.ts';
import { Requirement } from './skills.ts';

export const ContactState = z.enum([
  'arriving',
  /** An agent calls, and the far end has not answered. */
  'dialling',
  'waiting',
  'offered',
  'connected',
  'wrap-up',
  'ended',
  'closed',
]);
export type ContactState = z.infer<typeof ContactState>;

/** One stretch of a contact: a stay in a queue, or a conversation with one agent. */
export const ContactSegment = z
  .object({
    /** Counts from 1 over both kinds, in the order in which they began. */
    number: z.number().int(),
    kind: z.enum(['queue', 'conversation']),
    queueId: QueueId.nullable(),
    queue: z.string().nullable(),
    agentId: AgentId.nullable(),
    agent: z.string().nullable(),
    startedAt: Instant,
    endedAt: Instant.nullable(),
    /** Of a queue stay: answered, abandoned, overflowed or callback. Of a conversation: why it ended. */
    result: z.string().nullable(),
    /** Null where the kind has none: a queue stay waits, a conversation talks, holds and is wrapped up. */
    waitSeconds: z.number().nullable(),
    talkSeconds: z.number().nullable(),
    holdSeconds: z.number().nullable(),
    wrapUpSeconds: z.number().nullable(),
    /** In the order in which they began. */
    recordingIds: z.array(RecordingId),
    /** The last of them. */
    recordingId: RecordingId.nullable(),
  })
  .meta({ id: 'ContactSegment' });
export type ContactSegment = z.infer<typeof ContactSegment>;

export const ContactSummary = z
  .object({
    id: ContactId,
    direction: z.enum(['inbound', 'outbound']),
    /** The number that was dialled. */
    number: z.string(),
    callerPhone: z.string(),
    callerName: z.string(),
    /** Name of the last queue. */
    queue: z.string().nullable(),
    queueId: QueueId.nullable(),
    /** Name of the last agent who talked. */
    agent: z.string().nullable(),
    agentId: AgentId.nullable(),
    state: ContactState,
    /** Null while the customer is there. */
    outcome: ContactOutcome.nullable(),
    reason: z.string().nullable(),
    startedAt: Instant,
    queuedAt: Instant.nullable(),
    answeredAt: Instant.nullable(),
    /** When the customer was gone. */
    endedAt: Instant.nullable(),
    /** When the last wrap-up was over. */
    closedAt: Instant.nullable(),
    waitSeconds: z.number().nullable(),
    talkSeconds: z.number().nullable(),
    hasRecording: z.boolean(),
    /** What came of it, as an agent chose last. */
    disposition: Disposition.nullable(),
    segments: z.array(ContactSegment),
  })
  .meta({ id: 'ContactSummary' });
export type ContactSummary = z.infer<typeof ContactSummary>;
export const ContactPage = pageOf(ContactSummary);

export const ContactQuery = PageQuery.extend({
  /** Part of the dialled number, the caller's number or name, or a note; or a contact's id. */
  search: SearchText.optional(),
  number: SearchText.optional(),
  callerPhone: SearchText.optional(),
  queueId: oneOrMore(QueueId).optional(),
  agentId: oneOrMore(AgentId).optional(),
  outcome: oneOrMore(ContactOutcome).optional(),
  direction: z.enum(['inbound', 'outbound']).optional(),
  /** True: contacts that are not closed yet. */
  live: QueryBoolean.optional(),
  hasRecording: QueryBoolean.optional(),
  /** Code of the disposition chosen last. */
  disposition: oneOrMore(z.string().min(1).max(64)).optional(),
  /** Started at or after. */
  from: Instant.optional(),
  /** Started before. */
  to: Instant.optional(),
  sort: z
    .enum(['-startedAt', 'startedAt', '-waitSeconds', 'waitSeconds', '-durationSeconds', 'durationSeconds'])
    .default('-startedAt'),
});
export type ContactQuery = z.input<typeof ContactQuery>;

/** `code`: one of the dispositions of the contact's queue. */
export const DispositionInput = z.strictObject({ code: z.string().min(1).max(64) });
export const NOTE_LENGTH_MAX = 2000;
export const NoteInput = z.strictObject({ text: z.string().trim().min(1).max(NOTE_LENGTH_MAX) });

const factTypes = Object.keys(ContactFactData) as [ContactFactType, ...ContactFactType[]];

/** A fact as it travels; `data` is that of `ContactFactData[type]`, with its instants as milliseconds since 1970. */
export const TimelineFact = z
  .object({
    seq: z.number().int(),
    at: Instant,
    type: z.enum(factTypes),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'TimelineFact' });
/** The same with each type's own data. */
export type TimelineFact = {
  [Type in ContactFactType]: {
    seq: number;
    at: string;
    type: Type;
    data: z.infer<(typeof ContactFactData)[Type]>;
  };
}[ContactFactType];

export const Contact = ContactSummary.extend({
  timeline: z.array(TimelineFact),
  recordings: z.array(Recording),
  /** The legs that are up now; empty when the contact is over. */
  calls: z.array(LiveCall),
  /** Names of the queues and agents that the timeline mentions, by id. */
  names: z.record(z.string(), z.string()),
}).meta({ id: 'Contact' });
export type Contact = Omit<z.infer<typeof Contact>, 'timeline'> & { timeline: TimelineFact[] };

/** Why a contact still waits (QUE-14). */
export const ContactExplanation = z
  .object({
    contactId: ContactId,
    entryId: EntryId,
    queueId: QueueId,
    queue: z.string(),
    /** The whole in a sentence or two, in English. */
    summary: z.string(),
    position: z.number().int(),
    /** The class that holds now; ageing has made it of the one given on entry. */
    priority: z.number().int(),
    givenPriority: z.number().int(),
    ahead: z.number().int(),
    /** The true wait counts from here; the routing age from `agedSince`. */
    enteredAt: Instant,
    agedSince: Instant,
    estimatedWaitSeconds: z.number().nullable(),
    offeredTo: AgentId.nullable(),
    routingAttempts: z.number().int(),
    strategy: RoutingStrategy,
    /** The version of the queue's settings under which the contact entered. */
    rulesVersion: z.number().int(),
    /** The requirement step in force: which of how many, whom it is for and until when. */
    step: z.object({
      number: z.number().int(),
      count: z.number().int(),
      kind: z.enum(['anybody', 'required', 'sticky', 'assigned']),
      requirement: Requirement.nullable(),
      agents: z.array(z.object({ id: AgentId, name: z.string() })),
      until: Instant.nullable(),
    }),
    /** Each agent of the queue with the first reason that speaks against an offer, see `Readiness.reason`; besides
     * those `not-named` (the step is for others), `lacks-requirement`, `delay` (the membership's delay has not passed),
     * `ringing`, `another-is-asked` and `serves-another-first`. */
    agents: z.array(
      z.object({
        id: AgentId,
        name: z.string(),
        reason: z.string(),
        /** The same in words, in English. */
        text: z.string(),
        until: Instant.nullable(),
        /** With `lacks-requirement`: the part that is lacking. */
        lacks: Requirement.nullable(),
      }),
    ),
    at: Instant,
  })
  .meta({ id: 'ContactExplanation' });
export type ContactExplanation = z.infer<typeof ContactExplanation>;
