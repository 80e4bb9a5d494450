import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { MethodsOf } from './addresses.ts';
import type { Api } from './context.ts';
import { sendProblem } from './error-handler.ts';
import { languageOf } from './language/index.ts';
import { HttpProblem } from './problem.ts';
import { inlineScriptHashes } from './security.ts';

const IMMUTABLE_PATH = '/_app/immutable/';
const IMMUTABLE_CACHE = 'public, max-age=31536000, immutable';

const REBUILT_RETRY_SECONDS = 2;

const rebuilt = {
  en: 'The console is being renewed. This page comes back by itself in a moment.',
  es: 'La consola se está renovando. Esta página vuelve sola en un momento.',
  cs: 'Konzole se právě obnovuje. Tato stránka se za okamžik načte sama.',
} as const;

type Page = { readonly html: string; readonly scriptHashes: readonly string[] };

/**
 * The page of the built console as it is on the disk now: it names scripts that are gone once the console is built anew. Undefined
 * while there is none.
 */
async function readPage(consoleDir: string): Promise<Page | undefined> {
  try {
    const html = await readFile(join(consoleDir, 'index.html'), 'utf8');
    return { html, scriptHashes: inlineScriptHashes(html) };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Serves the built console, also when it is built (again) beneath the running server. Files with a hash in their name are kept for
 * ever by browsers, everything else is asked for anew; `.br` and `.gz` files made by the build are preferred. An address that is no
 * file gets the console's page, which finds its screen itself; an unknown address of the API gets a problem.
 */
export async function registerConsole(app: Api, consoleDir: string, methodsOf: MethodsOf): Promise<void> {
  let wasBuilt = (await readPage(consoleDir)) !== undefined;
  await app.register(fastifyStatic, {
    root: consoleDir,
    serve: false,
    index: false,
    preCompressed: true,
    cacheControl: false,
    suppressWarning: true,
    setHeaders: (reply, path) => {
      reply.header('cache-control', path.includes(IMMUTABLE_PATH) ? IMMUTABLE_CACHE : 'no-cache');
    },
  });
  app.get<{ Params: { '*': string } }>(
    '/*',
    { config: { permission: 'public', rateLimit: false } },
    (request, reply) => {
      // The page itself is sent with its security headers by the fallback below.
      if (request.params['*'] === '') return reply.callNotFound();
      return reply.sendFile(request.params['*']);
    },
  );
  app.setNotFoundHandler(async (request, reply) => {
    if (wantsPage(request)) {
      const page = await readPage(consoleDir);
      wasBuilt ||= page !== undefined;
      if (page !== undefined) return sendPage(reply, page);
      if (wasBuilt) return sendRebuilt(request, reply);
    }
    const allowed = methodsOf(pathOf(request));
    // A method that the address takes gets here when a part of the address is longer than any name.
    const isUnknown = allowed.length === 0 || allowed.includes(request.method);
    if (isUnknown) return sendProblem(request, reply, unknownAddress(request, wasBuilt));
    const detail = `${pathOf(request)} takes ${allowed.join(', ')}, not ${request.method}.`;
    reply.header('allow', allowed.join(', '));
    return sendProblem(request, reply, new HttpProblem('method-not-allowed', detail));
  });
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}

/** The page with a policy that lets its own inline scripts run, besides the files that all pages may run. */
function sendPage(reply: FastifyReply, { html, scriptHashes }: Page): FastifyReply {
  const policy = String(reply.raw.getHeader('content-security-policy'));
  const ownPolicy = policy.replace("script-src 'self'", ["script-src 'self'", ...scriptHashes].join(' '));
  return reply
    .code(200)
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-cache')
    .header('content-security-policy', ownPolicy)
    .send(html);
}

/** The console is being built at this moment: browsers come again by themselves, and others are told when. */
function sendRebuilt(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply
    .code(503)
    .type('text/plain; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('retry-after', String(REBUILT_RETRY_SECONDS))
    .header('refresh', String(REBUILT_RETRY_SECONDS))
    .send(rebuilt[languageOf(request.headers['accept-language'])]);
}

/**
 * A person's browser asks for HTML; a missing script or picture must not be answered with a page. The front page is there for
 * whoever takes anything, such as curl and the checks of load balancers.
 */
function wantsPage(request: FastifyRequest): boolean {
  const reads = request.method === 'GET' || request.method === 'HEAD';
  const path = pathOf(request);
  const isApi = path === '/api' || path.startsWith('/api/');
  const { accept = '*/*' } = request.headers;
  const takesPage = accept.includes('text/html') || (path === '/' && accept.includes('*/*'));
  return reads && !isApi && !path.startsWith('/_app/') && takesPage;
}

function unknownAddress(request: FastifyRequest, isBuilt: boolean): HttpProblem {
  const path = pathOf(request);
  if (!isBuilt && !path.startsWith('/api')) {
    return new HttpProblem('not-found', 'The console is not built. Run `npm start`, which builds it.');
  }
  return new HttpProblem(
    'not-found',
    `There is nothing at ${request.method} ${path}. See /api/v1/openapi.json.`,
  );
}
