import type { Page } from '@crosspoint/contracts';
import { api, type QueryValue } from './client.ts';

const pagesMax = 50;

/** Every item of a list, page by page; for the short lists that menus are made of. At most 10,000 items. */
export async function listAll<Item>(
  path: string,
  query: Record<string, QueryValue> = {},
  signal?: AbortSignal,
): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < pagesMax; page += 1) {
    const answer: Page<Item> = await api.get<Page<Item>>(path, {
      query: { ...query, limit: 200, cursor },
      ...(signal ? { signal } : {}),
    });
    items.push(...answer.items);
    cursor = answer.nextCursor;
    if (cursor === null) break;
  }
  return items;
}
