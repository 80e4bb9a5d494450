import type { Api } from './context.ts';
import type { HttpServerOptions } from './server.ts';

/** Builds the HTTP server. Its libraries are loaded only now: after a crash calls are taken before. */
export async function buildHttpServer(options: HttpServerOptions): Promise<Api> {
  const server = await loadHttpServer();
  return server.buildHttpServer(options);
}

export const loadHttpServer = () => import('./server.ts');
