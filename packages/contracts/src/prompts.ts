import { z } from 'zod';
import { PromptLanguage, PromptName } from './announcements.ts';
import { Instant } from './instants.ts';
import { PAGE_LIMIT_MAX, pageOf, PageQuery, SearchText } from './pages.ts';

/** Language and name: `en.welcome`. */
export const PromptId = z
  .string()
  .regex(/^(en|es|cs)\.[a-z0-9][a-z0-9_-]{0,63}$/, 'is not a language and a name such as en.welcome');
export type PromptId = z.infer<typeof PromptId>;

/** How the sound came about: a file that somebody sent, a microphone in the browser, a telephone, a voice, or a file put there by hand. */
export const PromptSource = z.enum(['uploaded', 'microphone', 'telephone', 'spoken', 'file', 'shipped']);
export type PromptSource = z.infer<typeof PromptSource>;

export const PromptText = z.string().trim().min(1).max(1_000);

/** Of the voice, in percent of its usual pace. */
export const SpeechPacePercent = z.number().int().min(50).max(200);

/** Recordings that flows and queues play. */
export const Prompt = z
  .object({
    id: PromptId,
    name: PromptName,
    language: PromptLanguage,
    /** `own` stands before one of the same name that comes with the product. */
    origin: z.enum(['own', 'shipped']),
    /** What it says, where the product knows; null otherwise. */
    text: z.string().nullable(),
    source: PromptSource,
    durationSeconds: z.number().nonnegative(),
    /** By how much its sound was made louder (or, below 0, softer); null when that is not known. */
    gainDb: z.number().nullable(),
    /** Of a spoken one. */
    pacePercent: SpeechPacePercent.nullable(),
    /** Null for what nobody changed by the console or the API. */
    changedAt: Instant.nullable(),
    /** What plays it. A queue and a box play it in their language, a flow in any. */
    usedBy: z.array(z.object({ kind: z.enum(['flow', 'queue', 'voicemail-box']), name: z.string() })),
  })
  .meta({ id: 'Prompt' });
export type Prompt = z.infer<typeof Prompt>;
export const PromptPage = pageOf(Prompt);

export const PromptQuery = PageQuery.extend({
  /** All of them at once unless asked otherwise. */
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT_MAX).default(PAGE_LIMIT_MAX),
  language: PromptLanguage.optional(),
  origin: Prompt.shape.origin.optional(),
  /** In the name or in what it says. */
  search: SearchText.optional(),
});
export const PromptUploadQuery = z.object({
  language: PromptLanguage,
  name: PromptName,
  source: z.enum(['uploaded', 'microphone']).default('uploaded'),
});

/** What a prompt says. With `speak` its sound is made anew from the text by a voice; without, the sound stays. */
export const PromptTextInput = z.strictObject({
  text: PromptText.nullable(),
  speak: z.strictObject({ pacePercent: SpeechPacePercent.default(100) }).optional(),
});
export type PromptTextInput = z.input<typeof PromptTextInput>;

/** What is to be recorded by telephone. */
export const RecordingCodeInput = z.strictObject({ language: PromptLanguage, name: PromptName });

/** To be keyed on a telephone at one of the numbers, once, before it expires. */
export const RecordingCode = z
  .object({
    id: z.uuid(),
    code: z.string(),
    promptId: PromptId,
    expiresAt: Instant,
    /** When what was spoken became the prompt's sound. */
    usedAt: Instant.nullable(),
    /** The numbers that take such codes; none when nobody has set one up. */
    numbers: z.array(z.string()),
  })
  .meta({ id: 'RecordingCode' });
export type RecordingCode = z.infer<typeof RecordingCode>;

export const promptBytesMax = 20_000_000;
export const promptSecondsMax = 600;

/** A text to be heard before it stands in a flow. */
export const SpeechInput = z.strictObject({
  text: PromptText,
  language: PromptLanguage,
  pacePercent: SpeechPacePercent.default(100),
});
export type SpeechInput = z.infer<typeof SpeechInput>;
