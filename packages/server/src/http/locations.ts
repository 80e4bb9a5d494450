import { type Api, API_PREFIX } from './context.ts';

/** Says with each 201 where what was made can be read (RFC 9110 §15.3.2), for lists of things that have an `id`. */
export function registerLocations(app: Api): void {
  const readable = new Set<string>();
  app.addHook('onRoute', ({ url, method }) => {
    if (method === 'GET' && url.startsWith(API_PREFIX)) readable.add(url);
  });
  app.addHook('preSerialization', async (request, reply, payload: unknown) => {
    const { url = '' } = request.routeOptions;
    if (reply.statusCode !== 201 || !readable.has(`${url}/:id`)) return payload;
    const id: unknown = Object(payload).id;
    if (typeof id === 'string') reply.header('location', `${url}/${encodeURIComponent(id)}`);
    return payload;
  });
}
