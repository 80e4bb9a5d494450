import { z } from 'zod';
import { PromptLanguage, PromptName } from './announcements.ts';

/** What flows are written with: calculations, keys, and what a caller hears. */

/** A calculation, in the manner of CEL: `digits.startsWith("42") && caller != ""`. */
export const FlowExpression = z.string().trim().min(1).max(500);

export const FlowKey = z.string().regex(/^[0-9*#]$/, 'is not one of the keys 0 to 9, * and #');
export type FlowKey = z.infer<typeof FlowKey>;

/** In which amounts can be spoken. */
export const Currency = z.enum(['EUR', 'USD', 'GBP', 'CZK']);
export type Currency = z.infer<typeof Currency>;

const SpokenText = z.string().trim().min(1).max(1_000);

/** One thing that is said: text by language, a recording, or a value that is calculated when the caller hears it. */
export const FlowPromptPiece = z.union([
  z.strictObject({
    text: z
      .partialRecord(PromptLanguage, SpokenText)
      .refine((texts) => Object.keys(texts).length > 0, 'has no text; write it in one language at least'),
  }),
  z.strictObject({ recording: PromptName }),
  /** As a number, with two digits behind the point at most; one of more than nine digits is spoken digit by digit, without a fraction. */
  z.strictObject({ number: FlowExpression }),
  /** As an amount: `1234.5` in `EUR` is one thousand two hundred thirty four euros and fifty cents. */
  z.strictObject({ money: FlowExpression, currency: Currency }),
  /** As a date: what begins with `2026-03-05`, or `03-05` without its year. */
  z.strictObject({ date: FlowExpression }),
  /** As a time of day: what begins with `14:30`, alone or behind a date and `T`. It is said as it stands, of whatever time zone. */
  z.strictObject({ time: FlowExpression }),
  /** Sign by sign: a telephone number, a code. */
  z.strictObject({ digits: FlowExpression }),
]);
export type FlowPromptPiece = z.infer<typeof FlowPromptPiece>;

export const FlowPrompt = z.array(FlowPromptPiece).max(20);
export type FlowPrompt = z.infer<typeof FlowPrompt>;
