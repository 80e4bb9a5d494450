import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { MethodsOf } from './addresses.ts';
import type { Api } from './context.ts';
import { sendProblem } from './error-handler.ts';
import { HttpProblem } from './problem.ts';

const IMMUTABLE_PATH = '/_app/immutable/';
const IMMUTABLE_CACHE = 'public, max-age=31536000, immutable';

/** The page of the built console, or undefined when it is not built. */
export function readConsolePage(consoleDir: string): string | undefined {
  const page = join(consoleDir, 'index.html');
  return existsSync(page) ? readFileSync(page, 'utf8') : undefined;
}

/**
 * Serves the built console. Files with a hash in their name are kept for ever by browsers, everything else is asked
 * for anew; `.br` and `.gz` files made by the build are preferred. An address that is no file gets the console's page,
 * which finds its screen itself; an unknown address of the API gets a problem.
 */
export async function registerConsole(
  app: Api,
  consoleDir: string,
  page: string | undefined,
  methodsOf: MethodsOf,
): Promise<void> {
  if (page !== undefined) {
    await app.register(fastifyStatic, {
      root: consoleDir,
      serve: false,
      index: false,
      preCompressed: true,
      cacheControl: false,
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
  }
  app.setNotFoundHandler((request, reply) => {
    if (page !== undefined && wantsPage(request)) return sendPage(reply, page);
    const allowed = methodsOf(pathOf(request));
    // A method that the address takes gets here when a part of the address is longer than any name.
    const isUnknown = allowed.length === 0 || allowed.includes(request.method);
    if (isUnknown) return sendProblem(request, reply, unknownAddress(request, page));
    const detail = `${pathOf(request)} takes ${allowed.join(', ')}, not ${request.method}.`;
    reply.header('allow', allowed.join(', '));
    return sendProblem(request, reply, new HttpProblem('method-not-allowed', detail));
  });
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}

function sendPage(reply: FastifyReply, page: string): FastifyReply {
  return reply.code(200).type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(page);
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

function unknownAddress(request: FastifyRequest, page: string | undefined): HttpProblem {
  const path = pathOf(request);
  if (page === undefined && !path.startsWith('/api')) {
    return new HttpProblem('not-found', 'The console is not built. Run `npm start`, which builds it.');
  }
  return new HttpProblem(
    'not-found',
    `There is nothing at ${request.method} ${path}. See /api/v1/openapi.json.`,
  );
}
