import { z } from 'zod';
import { type Api, API_PREFIX } from './context.ts';

/** No route of the API takes parameters that it does not declare: one that would do nothing is refused, not ignored. */
export function registerStrictQueries(app: Api): void {
  app.addHook('onRoute', (route) => {
    if (!route.url.startsWith(API_PREFIX)) return;
    const declared: unknown = route.schema?.querystring ?? z.object({});
    const querystring = declared instanceof z.ZodObject ? declared.strict() : declared;
    route.schema = { ...route.schema, querystring };
  });
}
