import type { Page } from '@crosspoint/contracts';
import { type Expression, type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';
import { HttpProblem } from './problem.ts';

/** A column that a list is ordered by; its PostgreSQL type, so that a cursor's text can be read back exactly. */
export interface SortKey {
  readonly expression: Expression<unknown>;
  readonly type: 'text' | 'timestamptz' | 'double precision' | 'bigint' | 'uuid';
}

export interface KeysetOptions {
  /** As the client named it, with a leading minus for descending: part of the cursor. */
  readonly sort: string;
  /** Most significant first; the last one must be unique. None may be null: coalesce. */
  readonly keys: readonly SortKey[];
  readonly limit: number;
  readonly cursor: string | undefined;
}

/** Makes the opaque cursor from the order and the keys of the last row. */
export function encodeCursor(sort: string, keys: readonly string[]): string {
  return Buffer.from(JSON.stringify([sort, ...keys])).toString('base64url');
}

/** @throws {HttpProblem} `cursor-invalid` when it was not made for this order (and number of keys, where given). */
export function decodeCursor(cursor: string, sort: string, keyCount?: number): string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (
      Array.isArray(parts) &&
      parts[0] === sort &&
      (keyCount === undefined || parts.length === keyCount + 1)
    ) {
      const keys: unknown[] = parts.slice(1);
      if (keys.every((key) => typeof key === 'string')) return keys;
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw invalidCursor();
}

function invalidCursor(): HttpProblem {
  const detail =
    'Use the nextCursor of the page before, with the same sort; or leave it out to start at the top.';
  return new HttpProblem('cursor-invalid', detail);
}

/**
 * Runs a query one page at a time by keyset: a page costs the same wherever it lies, and rows that come in or go
 * meanwhile shift nothing. All keys share one direction, so that an index over them serves the order.
 */
export async function keysetPage<DB, TB extends keyof DB, Row>(
  query: SelectQueryBuilder<DB, TB, Row>,
  options: KeysetOptions,
): Promise<Page<Row>> {
  const { keys, limit, sort } = options;
  const descending = sort.startsWith('-');
  const expressions = keys.map((key) => key.expression);
  let paged = query as unknown as SelectQueryBuilder<DB, TB, Row & Record<string, string>>;
  if (options.cursor !== undefined) {
    const after = decodeCursor(options.cursor, sort, keys.length);
    const values = keys.map((key, index) => sql`${after[index]}::text::${sql.raw(key.type)}`);
    const comparison = descending ? sql`<` : sql`>`;
    paged = paged.where(sql<boolean>`(${sql.join(expressions)}) ${comparison} (${sql.join(values)})`);
  }
  keys.forEach((key, index) => {
    const text: RawBuilder<string> = sql`(${key.expression})::text`;
    paged = paged
      .select(text.as(keyName(index)))
      .orderBy(key.expression, descending ? 'desc' : 'asc') as typeof paged;
  });
  const rows = await paged
    .limit(limit + 1)
    .execute()
    .catch((error: unknown) => {
      throw isBadKey(error) && options.cursor !== undefined ? invalidCursor() : error;
    });
  const items = rows.slice(0, limit);
  const last = items.at(-1) as Record<string, string> | undefined;
  const more = rows.length > limit && last !== undefined;
  const nextCursor = more
    ? encodeCursor(
        sort,
        keys.map((_, index) => last[keyName(index)] ?? ''),
      )
    : null;
  return { items: items, nextCursor };
}

const keyName = (index: number): string => `page_key_${index}`;

/** SQLSTATE class 22: the text of a forged cursor does not read as the key's type. */
function isBadKey(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'code' in error && String(error.code).startsWith('22')
  );
}

/** So many of the last items of a page are named in its cursor, because a living list loses items between two pages. */
const LANDMARKS_MAX = 8;

/**
 * Pages a list that is in memory, already in order. The cursor names the last items of the page and where it ended: the
 * next page begins after the last of them that is still there, or at that place when all are gone.
 */
export function pageOfArray<Item>(
  items: readonly Item[],
  idOf: (item: Item) => string,
  options: { limit: number; cursor?: string | undefined },
): Page<Item> {
  const start = options.cursor === undefined ? 0 : placeOf(items, idOf, options.cursor);
  const page = items.slice(start, start + options.limit);
  const end = start + page.length;
  const more = end < items.length && page.length > 0;
  const landmarks = page.slice(-LANDMARKS_MAX).toReversed().map(idOf);
  return { items: page, nextCursor: more ? encodeCursor('memory', [String(end), ...landmarks]) : null };
}

function placeOf<Item>(items: readonly Item[], idOf: (item: Item) => string, cursor: string): number {
  const [end = '', ...landmarks] = decodeCursor(cursor, 'memory');
  if (!/^\d{1,9}$/.test(end)) throw invalidCursor();
  const places = new Map(items.map((item, index) => [idOf(item), index]));
  for (const landmark of landmarks) {
    const index = places.get(landmark);
    if (index !== undefined) return index + 1;
  }
  return Math.min(Number(end), items.length);
}

/** Whether any of the texts, which are columns or made of them, holds the searched one, in whatever case. */
export function anyHolds(
  search: string,
  texts: readonly (string | RawBuilder<unknown>)[],
): RawBuilder<boolean> {
  const pattern = `%${escapeLike(search)}%`;
  const held = texts.map((text) => sql`${typeof text === 'string' ? sql.ref(text) : text} ilike ${pattern}`);
  return sql<boolean>`(${sql.join(held, sql` or `)})`;
}

/** Text to be found literally by LIKE: its wildcards are escaped. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
