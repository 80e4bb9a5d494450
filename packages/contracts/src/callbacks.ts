import { z } from 'zod';
import { ContactId, QueueId } from './ids.ts';
import { Instant, InstantInput } from './instants.ts';
import { pageOf, PageQuery, SearchText } from './pages.ts';

export const CallbackId = z.uuid().brand<'CallbackId'>();
export type CallbackId = z.infer<typeof CallbackId>;

/**
 * `scheduled`: has a time · `waiting`: has its place in the queue, rings or talks · `resting`: between two attempts · `done`: the customer
 * was reached · `failed`: not, for the last time · `cancelled`.
 */
export const CallbackState = z.enum(['scheduled', 'waiting', 'resting', 'done', 'failed', 'cancelled']);
export type CallbackState = z.infer<typeof CallbackState>;

/** A call that was promised to a customer. */
export const Callback = z
  .object({
    id: CallbackId,
    queueId: QueueId,
    queueName: z.string(),
    number: z.string(),
    callerName: z.string(),
    note: z.string(),
    /** Asked for by key from the queue, or given a time by somebody. */
    origin: z.enum(['queue', 'scheduled']),
    state: CallbackState,
    createdAt: Instant,
    /** Since when the customer waits, for the place in the queue. */
    agedSince: Instant,
    /** When it is due next; null while it is being made and at the end. */
    dueAt: Instant.nullable(),
    /** How often the customer was called in vain, and how often at most. */
    attempts: z.number().int(),
    attemptsMax: z.number().int(),
    /** The present or latest attempt, and the call in which it was asked for. */
    contactId: ContactId.nullable(),
    fromContactId: ContactId.nullable(),
    /** Why the latest attempt, or the whole, ended as it did. */
    reason: z.string(),
    endedAt: Instant.nullable(),
  })
  .meta({ id: 'Callback' });
export type Callback = z.infer<typeof Callback>;
export const CallbackPage = pageOf(Callback);

export const CallbackQuery = PageQuery.extend({
  /** `open`: still to be made; `ended`: the others. */
  state: z.enum(['open', 'ended', 'all']).default('open'),
  queueId: QueueId.optional(),
  /** In the number, the caller's name and the note. */
  search: SearchText.optional(),
  sort: z.enum(['createdAt', '-createdAt']).default('-createdAt'),
});

/** Promises a customer a call at a time. */
export const CallbackInput = z.strictObject({
  queueId: QueueId,
  number: z
    .string()
    .trim()
    .regex(/^\+?[0-9*#]{2,32}$/, 'is not a number of 2–32 digits, with + in front if it is international'),
  callerName: z.string().trim().max(100).default(''),
  note: z.string().trim().max(500).default(''),
  at: InstantInput,
});
export type CallbackInput = z.input<typeof CallbackInput>;

export const CallbackAction = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('call-now') }),
  z.strictObject({ action: z.literal('reschedule'), at: InstantInput }),
  z.strictObject({ action: z.literal('cancel') }),
]);
export type CallbackAction = z.infer<typeof CallbackAction>;
