import { z } from 'zod';

export const PAGE_LIMIT_DEFAULT = 50;
export const PAGE_LIMIT_MAX = 1000;

/** What every list takes. `cursor` is opaque: send back the `nextCursor` of the page before, with the same filters. */
export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT_MAX).default(PAGE_LIMIT_DEFAULT),
  cursor: z.string().min(1).max(1024).optional(),
});
export type PageQuery = z.infer<typeof PageQuery>;

/** What every list returns; `nextCursor` is null on the last page. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });
export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** One value or a repeated parameter: `?outcome=answered` or `?outcome=answered&outcome=abandoned`. */
export const oneOrMore = <Value extends z.ZodType>(value: Value, itemsMax = 50) =>
  z.union([value.transform((one) => [one]), z.array(value).min(1).max(itemsMax)]);

/** Free text to search for; blank counts as absent. */
export const SearchText = z.string().trim().max(100);

export const QueryBoolean = z.enum(['true', 'false']).transform((text) => text === 'true');
