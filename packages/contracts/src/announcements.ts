import { z } from 'zod';

/** The languages of the spoken sentences. */
export const PromptLanguage = z.enum(['en', 'es', 'cs']);
export type PromptLanguage = z.infer<typeof PromptLanguage>;

/** A recording by its name: the file `prompts/<language>/<name>.wav` of the data directory, or one that comes with the product. */
export const PromptName = z
  .string()
  .trim()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'is 1–64 of a–z, 0–9, "-" and "_"');
export type PromptName = z.infer<typeof PromptName>;

/** What callers hear while they wait, beside music (rule 13 of the queue semantics). */
export const QueueAnnouncements = z.strictObject({
  language: PromptLanguage.default('en'),
  /** Heard once, before the music. */
  greeting: PromptName.nullable().default(null),
  /** Heard over and over while the caller waits, and on hold in the conversation that follows; null: the product's own music. */
  music: PromptName.nullable().default(null),
  /** `more-than` says the exact place up to `moreThan`, and from then on only that more than so many wait before the caller. */
  position: z.enum(['off', 'exact', 'more-than']).default('off'),
  moreThan: z.number().int().min(1).max(9_999).default(10),
  /** "About" so many minutes, at least one; nothing is said when there is no estimate. */
  estimatedWait: z.boolean().default(false),
  /** Between the beginnings of two announcements. */
  intervalSeconds: z.number().int().min(15).max(3_600).default(30),
  /** Place and wait are said again only when they are better than what was said last. */
  onlyWhenImproved: z.boolean().default(false),
  /** One of them with each announcement, in turn. */
  comfort: z.array(PromptName).max(20).default([]),
});
export type QueueAnnouncements = z.infer<typeof QueueAnnouncements>;

/** The callback that a queue offers to those who wait. */
export const QueueCallback = z.strictObject({
  /** Offered to callers whose number is known and can be called. */
  offered: z.boolean().default(true),
  /** The longest hold before it is offered for the first time. */
  afterSeconds: z.number().int().min(0).max(86_400).default(600),
  key: z
    .string()
    .regex(/^[0-9*#]$/, 'is one of 0–9, * and #')
    .default('1'),
  /** How often the customer is called at most. */
  attemptsMax: z.number().int().min(1).max(10).default(3),
  /** Between two attempts. */
  gapSeconds: z.number().int().min(60).max(86_400).default(600),
});
export type QueueCallback = z.infer<typeof QueueCallback>;
