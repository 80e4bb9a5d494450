import { z } from 'zod';
import { ContactId, FlowId } from './ids.ts';
import { Instant } from './instants.ts';
import { pageOf, PageQuery } from './pages.ts';
import { RoutingTarget } from './routing.ts';

/**
 * Replay: contacts of the past against a draft. What would change, for whom, and why. Each contact is decided twice by the machines that
 * decide calls, once by what was published when it came and once by the draft.
 *
 * `POST /routing/replays` begins one, `GET /routing/replays/{id}` tells how far it is, `GET /routing/replays/{id}/differences` lists what
 * would change, `POST /routing/replays/{id}/cancel` ends it early.
 */
export const ReplaySubject = z.union([
  /** The draft of the rules, for contacts that rules decided. */
  z.strictObject({ rules: z.literal('draft') }),
  /** The draft of this flow, for contacts that the flow answered. */
  z.strictObject({ flow: FlowId }),
]);
export type ReplaySubject = z.infer<typeof ReplaySubject>;

export const replayContactsMax = 20_000;
export const replaySpanDaysMax = 31;

export const ReplayInput = z.strictObject({
  subject: ReplaySubject,
  /** The last seven days unless these say otherwise; 31 days at most. */
  from: Instant.optional(),
  to: Instant.optional(),
  /** The latest so many of that time. */
  contactsMax: z.number().int().min(1).max(replayContactsMax).default(10_000),
});
export type ReplayInput = z.input<typeof ReplayInput>;

/** What becomes of a contact. */
export const ReplayOutcome = z
  .object({
    /**
     * `target`: it goes there · `nobody`: no rule takes it · `ended`: the flow ends · `left`: the caller hangs up on the way ·
     * `open`: the flow asks for something that this caller was never asked.
     */
    ending: z.enum(['target', 'nobody', 'ended', 'left', 'open']),
    /** With `target` alone. */
    target: RoutingTarget.nullable(),
    /** Of rules: the one that takes it. */
    rule: z.string().nullable(),
    /** A sentence in English. */
    reason: z.string(),
    /** Of a flow: the nodes gone through, as `node:exit`. */
    path: z.array(z.string()),
  })
  .meta({ id: 'ReplayOutcome' });
export type ReplayOutcome = z.infer<typeof ReplayOutcome>;

/** Why a difference may be none: something that nobody wrote down then. */
export const ReplayDoubt = z.enum([
  /** Ready agents of a queue were asked for. */
  'ready-agents-unknown',
  /** Decided anew by its own version the contact does not go where it went. */
  'not-as-it-was',
  /** Digits that were secret, or what a look-up answered. */
  'answers-unknown',
]);
export type ReplayDoubt = z.infer<typeof ReplayDoubt>;

/** One contact that the draft treats differently. */
export const ReplayDifference = z
  .object({
    contactId: ContactId,
    at: Instant,
    caller: z.string(),
    dialled: z.string(),
    /** Of the rules or of the flow, as they were then. */
    version: z.number().int(),
    before: ReplayOutcome,
    after: ReplayOutcome,
    doubts: z.array(ReplayDoubt),
  })
  .meta({ id: 'ReplayDifference' });
export type ReplayDifference = z.infer<typeof ReplayDifference>;

export const ReplayId = z.uuid().brand<'ReplayId'>();
export type ReplayId = z.infer<typeof ReplayId>;

/** A replay under way or over. It is kept for an hour and by the running server alone. */
export const Replay = z
  .object({
    id: ReplayId,
    subject: ReplaySubject,
    from: Instant,
    to: Instant,
    state: z.enum(['running', 'done', 'cancelled', 'failed']),
    startedAt: Instant,
    endedAt: Instant.nullable(),
    /** Why it failed. */
    failure: z.string().nullable(),
    /** Contacts to look at, and those looked at already. */
    total: z.number().int(),
    /** There were more of that time than may be looked at; the earliest are left out. */
    isCut: z.boolean(),
    done: z.number().int(),
    changed: z.number().int(),
    /** Of those that changed, how many have a doubt. */
    doubtful: z.number().int(),
    /** From where to where, the most frequent first; a hundred at most. */
    moves: z.array(
      z.object({
        before: ReplayOutcome.pick({ ending: true, target: true }),
        after: ReplayOutcome.pick({ ending: true, target: true }),
        contacts: z.number().int(),
      }),
    ),
  })
  .meta({ id: 'Replay' });
export type Replay = z.infer<typeof Replay>;

/** Of one move alone when `move` gives its place in the list. The earliest contact first. */
export const ReplayDifferenceQuery = PageQuery.extend({ move: z.coerce.number().int().min(0).optional() });
export const ReplayDifferencePage = pageOf(ReplayDifference);
