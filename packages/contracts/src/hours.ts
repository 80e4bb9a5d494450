import { z } from 'zod';
import { TimeZone } from './instants.ts';

/** A time of the day in the queue's zone, 00:00 to 24:00. */
const TimeOfDay = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'is not a time such as 08:30');

/** From a time until before another of the same day; what runs over midnight is written as two. */
const TimeRange = z
  .strictObject({ from: TimeOfDay, to: TimeOfDay })
  .refine(
    ({ from, to }) => from < to,
    'must end after it begins; write what runs over midnight as two ranges',
  );
export type TimeRange = z.infer<typeof TimeRange>;

export const WeekdayName = z.enum([
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
]);
export type WeekdayName = z.infer<typeof WeekdayName>;

const DayRanges = z.array(TimeRange).max(10);

/** A day that differs from its weekday: one date, or a day of the year that comes back every year. */
export const SpecialDay = z.strictObject({
  name: z.string().trim().min(1).max(100),
  day: z
    .string()
    .regex(
      /^(\d{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/,
      'is neither a date such as 2027-12-24 nor a yearly day such as 12-24',
    ),
  /** None: closed all day. */
  open: DayRanges.default([]),
});
export type SpecialDay = z.infer<typeof SpecialDay>;

/** When a queue takes new contacts. A weekday without an entry is closed; a dated day beats a yearly one. */
export const BusinessHours = z
  .strictObject({
    timeZone: TimeZone,
    week: z.partialRecord(WeekdayName, DayRanges).default({}),
    specialDays: z.array(SpecialDay).max(400).default([]),
  })
  .meta({ id: 'BusinessHours' });
export type BusinessHours = z.infer<typeof BusinessHours>;
