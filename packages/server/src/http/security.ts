import { createHash } from 'node:crypto';
import fastifyHelmet from '@fastify/helmet';
import type { Api } from './context.ts';

const INLINE_SCRIPT = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g;
const HSTS_SECONDS = 31_536_000;

/** The CSP sources that let exactly the inline scripts of a page run (CSP 3 §2.3.1). */
export function inlineScriptHashes(html: string): string[] {
  return [...html.matchAll(INLINE_SCRIPT)].map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
}

/**
 * Security headers. Scripts run only from our own files; the console's page adds its inline scripts where it is sent. Inline
 * styles stay allowed because the charts and the player write them.
 */
export async function registerSecurity(app: Api): Promise<void> {
  await app.register(fastifyHelmet, {
    global: false,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        mediaSrc: ["'self'", 'blob:'],
        fontSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        workerSrc: ["'self'", 'blob:'],
        manifestSrc: ["'self'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // Only meaningful, and only sent, behind TLS: on plain HTTP it would lock people out of a host that has none.
    strictTransportSecurity: false,
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  });
  // They are the same for every answer, and the library would make them anew each time: a twentieth of what a short request costs.
  let headers: [name: string, value: string][] | undefined;
  app.addHook('onRequest', async (_request, reply) => {
    const { raw } = reply;
    for (const [name, value] of headers ?? []) raw.setHeader(name, value);
    if (headers !== undefined) return;
    const former = new Set(raw.getHeaderNames());
    reply.helmet();
    const names = raw.getHeaderNames().filter((name) => !former.has(name));
    headers = names.map((name) => [name, String(raw.getHeader(name))]);
  });
  app.addHook('onSend', async (request, reply) => {
    if (request.protocol === 'https') reply.header('strict-transport-security', `max-age=${HSTS_SECONDS}`);
    if (request.url.startsWith('/api/') && !reply.hasHeader('cache-control')) {
      reply.header('cache-control', 'no-store');
    }
  });
}
