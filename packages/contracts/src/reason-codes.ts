import { z } from 'zod';
import { Language } from './instants.ts';
import { PAGE_LIMIT_MAX, pageOf, PageQuery, SearchText } from './pages.ts';

/** Why an agent chose a status: lunch, training, end of shift. */
export const ReasonCode = z
  .object({
    code: z.string(),
    /** By language of the console; a language without its own shows the English one, else the code. */
    name: z.partialRecord(Language, z.string()),
    /** The status that it explains. */
    kind: z.enum(['break', 'offline']),
  })
  .meta({ id: 'ReasonCode' });
export type ReasonCode = z.infer<typeof ReasonCode>;
export const ReasonCodePage = pageOf(ReasonCode);

/** The list comes whole unless a limit is given. */
export const ReasonCodeQuery = PageQuery.extend({
  limit: PageQuery.shape.limit.unwrap().default(PAGE_LIMIT_MAX),
  kind: ReasonCode.shape.kind.optional(),
  /** In the code and its names. */
  search: SearchText.optional(),
});

export const ReasonCodeName = z
  .string()
  .trim()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'may hold only lower-case letters, digits and hyphens, at most 64');
export const ReasonCodeInput = z.strictObject({
  code: ReasonCodeName,
  name: z
    .partialRecord(Language, z.string().trim().min(1).max(100))
    .refine((name) => Object.keys(name).length > 0, 'needs a name in at least one language'),
  kind: z.enum(['break', 'offline']).default('break'),
});
export type ReasonCodeInput = z.input<typeof ReasonCodeInput>;
export const ReasonCodeUpdate = ReasonCodeInput.omit({ code: true });
