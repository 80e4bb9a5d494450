import { PAGE_LIMIT_DEFAULT, type Page, PageQuery } from '@crosspoint/contracts';
import { z } from 'zod';
import { type Api, API_PREFIX } from './context.ts';
import { pageOfArray } from './pages.ts';

/** Of a short list, which comes whole unless a limit is given. */
const ShortListQuery = z.strictObject({
  limit: PageQuery.shape.limit.unwrap().optional(),
  cursor: PageQuery.shape.cursor,
});

/**
 * No route of the API takes parameters that it does not declare: one that would do nothing is refused, not ignored.
 * Every list takes `limit` and `cursor`, also those that are so short that they declare neither.
 */
export function registerStrictQueries(app: Api): void {
  const shortLists = new Set<string>();
  app.addHook('onRoute', (route) => {
    const { url, method, schema } = route;
    if (!url.startsWith(API_PREFIX)) return;
    const shown = (schema?.response as Record<number, unknown> | undefined)?.[200];
    const isShortList = schema?.querystring === undefined && method === 'GET' && isPage(shown);
    if (isShortList) shortLists.add(url);
    const declared: unknown = schema?.querystring ?? (isShortList ? ShortListQuery : z.object({}));
    const querystring = declared instanceof z.ZodObject ? declared.strict() : declared;
    route.schema = { ...schema, querystring };
  });
  app.addHook('preSerialization', async (request, reply, payload: unknown) => {
    const { url = '' } = request.routeOptions;
    if (reply.statusCode !== 200 || !shortLists.has(url)) return payload;
    const { limit, cursor } = request.query as z.output<typeof ShortListQuery>;
    if (limit === undefined && cursor === undefined) return payload;
    const { items } = payload as Page<{ id?: string }>;
    const idOf = (item: { id?: string }) => item.id ?? JSON.stringify(item);
    const page = pageOfArray(items, idOf, { limit: limit ?? PAGE_LIMIT_DEFAULT, cursor });
    return { ...(payload as object), ...page };
  });
}

const isPage = (schema: unknown): boolean =>
  schema instanceof z.ZodObject && 'items' in schema.shape && 'nextCursor' in schema.shape;
