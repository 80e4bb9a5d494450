import { z } from 'zod';
import { PromptLanguage, PromptName } from './announcements.ts';

/** Language and name: `en.welcome`. */
export const PromptId = z
  .string()
  .regex(/^(en|es|cs)\.[a-z0-9][a-z0-9_-]{0,63}$/, 'is not a language and a name such as en.welcome');
export type PromptId = z.infer<typeof PromptId>;

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
  })
  .meta({ id: 'Prompt' });
export type Prompt = z.infer<typeof Prompt>;
export const PromptList = z.object({ items: z.array(Prompt) });

export const PromptQuery = z.object({ language: PromptLanguage.optional() });
export const PromptUploadQuery = z.object({ language: PromptLanguage, name: PromptName });

export const StoredPrompt = z
  .object({
    id: PromptId,
    name: PromptName,
    language: PromptLanguage,
    durationSeconds: z.number(),
    /** By how much it was made louder (or, below 0, softer), in decibels. */
    gainDb: z.number(),
  })
  .meta({ id: 'StoredPrompt' });
export type StoredPrompt = z.infer<typeof StoredPrompt>;

export const promptBytesMax = 20_000_000;
export const promptSecondsMax = 600;

/** A text to be heard before it stands in a flow. */
export const SpeechInput = z.strictObject({
  text: z.string().trim().min(1).max(1_000),
  language: PromptLanguage,
});
export type SpeechInput = z.infer<typeof SpeechInput>;
