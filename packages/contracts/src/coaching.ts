import { z } from 'zod';
import { SupervisionMode } from './states.ts';
import { AgentId, CoachingNoteId, ContactId, LegId, TeamId, UserId } from './ids.ts';
import { Instant } from './instants.ts';
import { oneOrMore, pageOf, PageQuery, SearchText } from './pages.ts';

export const COACHING_TEXT_LENGTH_MAX = 4000;

export const CoachingNoteInput = z.strictObject({
  agentId: AgentId,
  /** The conversation that it is about. */
  contactId: ContactId.nullable().default(null),
  text: z.string().trim().min(1).max(COACHING_TEXT_LENGTH_MAX),
  /** The agent reads it too; otherwise only those who coach do. */
  shared: z.boolean().default(false),
  /** The day on which somebody shall come back to it. */
  followUpOn: z.iso.date().nullable().default(null),
});
export type CoachingNoteInput = z.input<typeof CoachingNoteInput>;

/** Whom and what it is about stays. */
export const CoachingNoteChange = CoachingNoteInput.omit({ agentId: true, contactId: true }).extend({
  done: z.boolean().default(false),
});
export type CoachingNoteChange = z.input<typeof CoachingNoteChange>;

export const CoachingNote = z
  .object({
    kind: z.literal('note'),
    id: CoachingNoteId,
    at: Instant,
    agentId: AgentId,
    agent: z.string(),
    contactId: ContactId.nullable(),
    callerPhone: z.string().nullable(),
    authorId: UserId,
    author: z.string(),
    text: z.string(),
    shared: z.boolean(),
    followUpOn: z.iso.date().nullable(),
    done: z.boolean(),
    doneAt: Instant.nullable(),
    changedAt: Instant,
  })
  .meta({ id: 'CoachingNote' });
export type CoachingNote = z.infer<typeof CoachingNote>;

/** A supervisor took part in a conversation; it comes from the facts of the contact. */
export const Intervention = z
  .object({
    kind: z.literal('intervention'),
    /** The supervisor's leg. */
    id: LegId,
    at: Instant,
    /** Who was coached; null when the contact does not tell. */
    agentId: AgentId.nullable(),
    agent: z.string(),
    contactId: ContactId,
    callerPhone: z.string().nullable(),
    authorId: UserId,
    /** The supervisor. */
    author: z.string(),
    /** In turn; empty when the call was taken over at once. */
    modes: z.array(SupervisionMode),
    tookOver: z.boolean(),
    /** Null while it goes on. */
    durationSeconds: z.number().nullable(),
  })
  .meta({ id: 'Intervention' });
export type Intervention = z.infer<typeof Intervention>;

export const CoachingEntry = z.discriminatedUnion('kind', [CoachingNote, Intervention]);
export type CoachingEntry = z.infer<typeof CoachingEntry>;
export const CoachingPage = pageOf(CoachingEntry);

export const CoachingQuery = PageQuery.extend({
  agentId: oneOrMore(AgentId).optional(),
  teamId: oneOrMore(TeamId).optional(),
  contactId: ContactId.optional(),
  /** `follow-up`: notes with a day to come back to them that are not done. */
  show: z.enum(['all', 'note', 'follow-up', 'intervention']).default('all'),
  /** Part of a note. */
  search: SearchText.optional(),
  from: Instant.optional(),
  to: Instant.optional(),
  sort: z.enum(['-at', 'at', 'followUpOn']).default('-at'),
});
export type CoachingQuery = z.input<typeof CoachingQuery>;
