import { z } from 'zod';
import { PromptLanguage } from './announcements.ts';
import { FlowId, QueueId } from './ids.ts';
import { oneOrMore, pageOf, PageQuery, SearchText } from './pages.ts';

/** What answers a number: by id, so that a renamed queue keeps its numbers. */
export const NumberTarget = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('queue'), queueId: QueueId }),
  z.strictObject({ kind: z.literal('flow'), flowId: FlowId }),
  /** The published rules of routing decide. */
  z.strictObject({ kind: z.literal('rules') }),
  /** Scheduled conferences: the caller is asked for a PIN in this language. */
  z.strictObject({ kind: z.literal('conferences'), language: PromptLanguage.default('en') }),
  /** The box of whoever calls, heard by telephone with a PIN; in this language until the box is open. */
  z.strictObject({ kind: z.literal('voicemail-menu'), language: PromptLanguage.default('en') }),
  /** Recordings spoken by telephone, each with a code of the console. */
  z.strictObject({ kind: z.literal('prompt-menu'), language: PromptLanguage.default('en') }),
]);
export type NumberTarget = z.infer<typeof NumberTarget>;

/** What is dialled: a number in E.164 form or a short one of the house. Separators in a number are left out. */
export const DialledNumber = z
  .string()
  .trim()
  .max(63)
  .regex(
    /^\+?[0-9A-Za-z*#._() -]*[0-9A-Za-z*#]$/,
    'may hold only digits, letters and * # . _ - ( ), with a + in front',
  );

/** A number to call: as it is dialled in the trunk's country, or an agent's extension. */
export const NumberToCall = z
  .string()
  .trim()
  .max(64)
  .regex(/^\+?[0-9*#() .-]*[0-9*#]$/, 'is not a number');

/** An entry point: a dialled number and what answers it. */
export const EntryNumber = z
  .object({
    id: z.uuid(),
    number: z.string(),
    target: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('queue'), queueId: QueueId, queueName: z.string() }),
      z.object({ kind: z.literal('flow'), flowId: FlowId, flowName: z.string() }),
      z.object({ kind: z.literal('rules') }),
      z.object({ kind: z.literal('voicemail-menu'), language: PromptLanguage }),
      z.object({ kind: z.literal('prompt-menu'), language: PromptLanguage }),
      z.object({ kind: z.literal('conferences'), language: PromptLanguage }),
    ]),
  })
  .meta({ id: 'EntryNumber' });
export type EntryNumber = z.infer<typeof EntryNumber>;
export const EntryNumberPage = pageOf(EntryNumber);

export const EntryNumberQuery = PageQuery.extend({
  search: SearchText.optional(),
  queueId: oneOrMore(QueueId).optional(),
  sort: z.enum(['number', '-number']).default('number'),
});

export const EntryNumberInput = z.strictObject({ number: DialledNumber, target: NumberTarget });
export type EntryNumberInput = z.infer<typeof EntryNumberInput>;
