import { z } from 'zod';
import { PromptLanguage, PromptName } from './announcements.ts';

/** What flows are written with: calculations, keys, and what a caller hears. */

/** A calculation, in the manner of CEL: `digits.startsWith("42") && caller != ""`. */
export const FlowExpression = z.string().trim().min(1).max(500);

export const FlowKey = z.string().regex(/^[0-9*#]$/, 'is not one of the keys 0 to 9, * and #');
export type FlowKey = z.infer<typeof FlowKey>;

const SpokenText = z.string().trim().min(1).max(1_000);

/** One thing that is said: text by language, a recording, or a value that is calculated when the caller hears it. */
export const FlowPromptPiece = z.union([
  z.strictObject({
    text: z
      .partialRecord(PromptLanguage, SpokenText)
      .refine((texts) => Object.keys(texts).length > 0, 'has no text; write it in one language at least'),
  }),
  z.strictObject({ recording: PromptName }),
  /** As a number, 0 to 9,999. */
  z.strictObject({ number: FlowExpression }),
  /** Sign by sign: a telephone number, a code. */
  z.strictObject({ digits: FlowExpression }),
]);
export type FlowPromptPiece = z.infer<typeof FlowPromptPiece>;

export const FlowPrompt = z.array(FlowPromptPiece).max(20);
export type FlowPrompt = z.infer<typeof FlowPrompt>;
