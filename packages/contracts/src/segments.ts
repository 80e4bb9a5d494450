import { z } from 'zod';
import { pageOf } from './pages.ts';

/** Customers whom rules, flows and queues treat alike. */
export const SegmentName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^,;]*$/, 'must not contain a comma or a semicolon');

/** A number as calls bring it, or with a `*` behind it every number that begins so. Spaces, dashes and brackets do not count. */
export const SegmentNumber = z
  .string()
  .max(64)
  .overwrite((text) => text.replace(/[\s().\-/]/g, ''))
  .regex(/^\+?[0-9]{1,32}\*?$/, 'must be a number such as +420777123456 or +420777*');

export const segmentNumbersMax = 20_000;

export const SegmentInput = z.strictObject({
  name: SegmentName,
  description: z.string().trim().max(1_000).default(''),
  numbers: z
    .array(SegmentNumber)
    .max(segmentNumbersMax)
    .overwrite((numbers) => [...new Set(numbers)])
    .default([]),
  /** Also whoever had so many contacts in so many days before this one; null: only who is listed. */
  contacts: z
    .strictObject({
      countMin: z.number().int().min(1).max(100),
      days: z.number().int().min(1).max(30),
    })
    .nullable()
    .default(null),
});
export type SegmentInput = z.input<typeof SegmentInput>;
export type SegmentSettings = Omit<z.output<typeof SegmentInput>, 'name'>;

export const Segment = z
  .object({
    id: z.uuid(),
    name: z.string(),
    description: z.string(),
    numbers: z.array(z.string()),
    contacts: z.object({ countMin: z.number().int(), days: z.number().int() }).nullable(),
    /** Queues and rules that name it. */
    usedBy: z.array(z.object({ kind: z.enum(['queue', 'rule']), name: z.string() })),
  })
  .meta({ id: 'Segment' });
export type Segment = z.infer<typeof Segment>;
export const SegmentPage = pageOf(Segment);
