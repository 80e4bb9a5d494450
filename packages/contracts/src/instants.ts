import { z } from 'zod';

/** A moment as it travels: ISO 8601 in UTC with a trailing `Z`, such as `2026-11-21T08:30:00.000Z`. */
export const Instant = z.iso.datetime();
export type Instant = z.infer<typeof Instant>;

/** A moment as people and other systems write it: with `Z` or with the offset of their zone. */
export const InstantInput = z.iso.datetime({ offset: true });

/** An IANA time-zone name such as `Europe/Prague`; the server checks that it exists. */
export const TimeZone = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9_+/-]+$/, 'is not an IANA time-zone name');
export type TimeZone = z.infer<typeof TimeZone>;

/** The languages of the console. */
export const Language = z.enum(['en', 'es', 'cs']);
export type Language = z.infer<typeof Language>;
