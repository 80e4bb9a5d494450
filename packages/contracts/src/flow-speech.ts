import { z } from 'zod';
import { PromptLanguage } from './announcements.ts';
import { FlowKey, FlowPrompt } from './flow-prompts.ts';

/**
 * How a question is answered by speaking. Keys answer it always; where nobody understands speech, or not in the language of the
 * call, they alone do.
 */
const percent = z.number().int().min(0).max(100);

const judged = {
  /** What is recognised with at least this confidence counts. */
  acceptPercent: percent.default(60),
  /** With less than that, but at least this, the caller is asked `confirmPrompt`; below it nothing was understood. */
  confirmPercent: percent.default(35),
  /** Said before what was recognised, and answered by yes or no: "Did you say". Without one the question is asked again. */
  confirmPrompt: FlowPrompt.default([]),
  /** Said in place of the question's prompt where keys alone answer. */
  keysPrompt: FlowPrompt.default([]),
};

/** A few words, without digits or signs. */
export const SpokenPhrase = z
  .string()
  .trim()
  .max(80)
  .regex(/^\p{L}[\p{L}\p{M}' -]*$/u, "may hold only letters, spaces, - and '");

/** Of a menu: by key the words that stand for it, in each language in which it may be spoken. */
export const MenuSpeech = z.strictObject({
  phrases: z
    .partialRecord(FlowKey, z.partialRecord(PromptLanguage, z.array(SpokenPhrase).min(1).max(20)))
    .refine((keys) => Object.keys(keys).length > 0, 'has no words for any key'),
  /** The phrases are examples of what callers want: what resembles one counts too, the less the less it does. */
  intents: z.boolean().default(false),
  ...judged,
});
export type MenuSpeech = z.infer<typeof MenuSpeech>;

/** Of a question for digits: they are spoken one by one. */
export const DigitSpeech = z.strictObject(judged);
export type DigitSpeech = z.infer<typeof DigitSpeech>;

/** What was recognised of one utterance, and what came of it. */
export const SpokenAnswer = z.object({
  /** Empty when that is secret. */
  text: z.string(),
  /** 0 to 1; of what only resembles a phrase, as much less as it does. */
  confidence: z.number().min(0).max(1),
  /** `unclear`: the caller is asked to confirm; `confirmed` and `denied` are the answers to that; a code of why nothing was recognised. */
  result: z.union([
    z.enum(['accepted', 'unclear', 'confirmed', 'denied', 'no-match']),
    z.string().regex(/^failed:[a-z-]{1,60}$/),
  ]),
});
export type SpokenAnswer = z.infer<typeof SpokenAnswer>;
