import { Permission } from '@crosspoint/contracts';
import type { FastifyRequest } from 'fastify';
import type { Api } from './context.ts';
import { HttpProblem } from './problem.ts';
import { type Principal, principalOf, requirePermission } from './principal.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a request needs; `public` for the few addresses that everybody may use. */
    permission?: Permission | 'public';
  }
}

/** Finds out who sends a request from its cookie or its Authorization header; null when it carries neither. */
export type Authenticate = (request: FastifyRequest) => Promise<Principal | null>;

/**
 * Puts the check of permissions in front of every route. A route that does not declare what it needs does not start,
 * so that a forgotten check is seen before the first request.
 */
export function registerAccess(app: Api, authenticate: Authenticate): void {
  app.decorateRequest('principal', null);
  app.addHook('onRoute', (route) => {
    const permission = route.config?.permission;
    const known = permission === 'public' || Permission.safeParse(permission).success;
    if (!known) throw new Error(`The route ${String(route.method)} ${route.url} declares no permission.`);
  });
  app.addHook('onRequest', async (request) => {
    const { permission } = request.routeOptions.config;
    if (permission === undefined || permission === 'public') return;
    refuseForeignOrigin(request);
    request.principal = await authenticate(request);
    requirePermission(principalOf(request), permission);
  });
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Defends against requests that another site makes in the user's browser, beside the cookie's SameSite=Strict. Browsers
 * say where an unsafe request comes from; other programs say nothing and have no cookie that somebody else could use.
 *
 * @throws {HttpProblem} `origin-refused`.
 */
export function refuseForeignOrigin(request: FastifyRequest): void {
  const upgrade = request.headers.upgrade !== undefined;
  if (request.headers.cookie === undefined || (SAFE_METHODS.has(request.method) && !upgrade)) return;
  requireOwnOrigin(request);
}

/**
 * For what needs no cookie to do harm: whatever page a browser sends the request from must be ours.
 *
 * @throws {HttpProblem} `origin-refused`.
 */
export function requireOwnOrigin(request: FastifyRequest): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  const foreign =
    origin !== undefined
      ? !isOwnOrigin(origin, request.host)
      : site !== undefined && site !== 'same-origin' && site !== 'none';
  if (!foreign) return;
  const detail = `The request was sent from ${origin ?? 'another site'}, not from the console at ${request.host}. Open the console itself.`;
  throw new HttpProblem('origin-refused', detail);
}

/** The scheme is not compared: behind a proxy that speaks TLS the server itself may not know of it. */
function isOwnOrigin(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, host: originHost } = new URL(origin);
  const own = `${protocol}//${host}`;
  return URL.canParse(own) && new URL(own).host === originHost;
}
