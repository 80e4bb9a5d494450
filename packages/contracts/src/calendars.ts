import { z } from 'zod';
import { BusinessHours } from './hours.ts';
import { CalendarId } from './ids.ts';
import { pageOf, PageQuery, SearchText } from './pages.ts';

export const CalendarName = z.string().trim().min(1).max(100);

/** Business hours that several queues, flows and rules share; they name it by its name. */
export const CalendarInput = z.strictObject({ name: CalendarName, hours: BusinessHours });
export type CalendarInput = z.input<typeof CalendarInput>;

export const Calendar = z
  .object({
    id: CalendarId,
    name: z.string(),
    hours: BusinessHours,
    /** Queues, published flows and rules that name it. */
    usedBy: z.array(z.object({ kind: z.enum(['queue', 'flow', 'rule']), name: z.string() })),
    open: z.boolean(),
    /** When that ends; null when it does not within two weeks. */
    openUntil: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Calendar' });
export type Calendar = z.infer<typeof Calendar>;
export const CalendarPage = pageOf(Calendar);

export const CalendarQuery = PageQuery.extend({
  search: SearchText.optional(),
  sort: z.enum(['name', '-name']).default('name'),
});
