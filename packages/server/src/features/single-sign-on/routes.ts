import {
  type SignOnFailure,
  SignOnOffer,
  SingleSignOn,
  SingleSignOnInput,
  type SingleSignOn as SingleSignOnModel,
} from '@crosspoint/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  addressOf,
  type Api,
  type ApiContext,
  HttpProblem,
  notFound,
  principalOf,
  requireBeyondTeams,
  type Routes,
} from '../../http/index.ts';
import { recordChange } from '../audit/index.ts';
import { setSessionCookie } from '../auth/index.ts';
import { requireMayGive } from '../users/index.ts';
import { ADOPTING } from './people.ts';
import { issuerFault } from './provider.ts';
import { ATTEMPT_MAX_MS, SingleSignOnService } from './service.ts';
import { deleteSignOn, readSignOn, writeSignOn } from './store.ts';

const path = '/auth/single-sign-on';
const COOKIE = 'crosspoint_sign_on';
const COOKIE_PATH = `/api/v1${path}`;
const LOGIN_RATE = { max: 60, timeWindow: 10_000 };
const tags = ['auth'];
const TenantName = z.string().max(100).optional();
/** A page of the console, never another site. */
const Next = z
  .string()
  .max(2000)
  .regex(/^\/(?![/\\])[^\\]*$/)
  .optional();

/** Signing in by a provider of OpenID Connect (authorization code with PKCE), and its settings. */
export function singleSignOnRoutes(context: ApiContext): Routes {
  const service = new SingleSignOnService(context);
  return (api) => {
    registerSettings(api, context, service);
    registerSignOn(api, service);
  };
}

function registerSettings(api: Api, { database }: ApiContext, service: SingleSignOnService): void {
  api.get(
    path,
    {
      config: { permission: 'configuration.read' },
      schema: { summary: 'Read the provider of single sign-on', tags, response: { 200: SingleSignOn } },
    },
    async (request) => {
      const stored = await database.inTenant(principalOf(request).tenantId, readSignOn);
      if (stored === undefined) throw notFound('provider of single sign-on', 'this tenant');
      return { ...stored.settings, hasSecret: stored.sealedSecret !== null };
    },
  );
  api.put(
    path,
    {
      config: { permission: 'configuration.write' },
      schema: {
        summary: 'Choose the provider of single sign-on',
        description:
          'The secret is sealed and never read back; it stays when it is absent and the client is the same.',
        ...{ tags, body: SingleSignOnInput, response: { 200: SingleSignOn } },
      },
    },
    (request) => replaceSettings(request, { database }, service),
  );
  api.delete(
    path,
    {
      config: { permission: 'configuration.write' },
      schema: { summary: 'Sign in by password alone again', tags, response: { 204: z.null() } },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      requireBeyondTeams(principal);
      await database.inTenant(principal.tenantId, async (transaction) => {
        const before = await readSignOn(transaction);
        if (!(await deleteSignOn(transaction))) throw notFound('provider of single sign-on', 'this tenant');
        await recordChange(transaction, request, 'single-sign-on.deleted', null, {
          before: before?.settings,
        });
      });
      return reply.code(204).send(null);
    },
  );
}

async function replaceSettings(
  request: FastifyRequest<{ Body: SingleSignOnInput }>,
  { database }: Pick<ApiContext, 'database'>,
  service: SingleSignOnService,
): Promise<SingleSignOnModel> {
  const principal = principalOf(request);
  requireBeyondTeams(principal);
  const { clientSecret, ...settings } = request.body;
  const fault = issuerFault(settings.issuer);
  if (fault !== undefined) {
    const errors = [{ path: 'issuer', ...fault }];
    throw new HttpProblem('validation-failed', 'The provider must be reached by https.', { errors });
  }
  return database.inTenant(principal.tenantId, async (transaction) => {
    for (const { role, customRoleId } of [
      ...settings.groups,
      ...(settings.otherwise ? [settings.otherwise] : []),
      ...(settings.adoptUsers ? [ADOPTING] : []),
    ]) {
      await requireMayGive(transaction, principal, { role, customRoleId });
    }
    const before = await readSignOn(transaction);
    const isSame =
      before?.settings.issuer === settings.issuer && before.settings.clientId === settings.clientId;
    const kept = isSame ? before.sealedSecret : null;
    const sealedSecret = clientSecret === undefined ? kept : service.seal(clientSecret);
    await writeSignOn(transaction, principal.tenantId, { settings, sealedSecret });
    await recordChange(transaction, request, 'single-sign-on.updated', null, {
      before: before?.settings,
      after: { ...settings, clientSecretChanged: clientSecret !== undefined },
    });
    return { ...settings, hasSecret: sealedSecret !== null };
  });
}

function registerSignOn(api: Api, service: SingleSignOnService): void {
  const config = { permission: 'public', rateLimit: LOGIN_RATE } as const;
  api.get(
    `${path}/offer`,
    {
      config,
      schema: {
        summary: 'What the login page offers besides the password',
        ...{ tags, querystring: z.object({ tenant: TenantName }), response: { 200: SignOnOffer } },
      },
    },
    async (request) => {
      const tenantId = await service.tenantId(request.query.tenant);
      const stored = tenantId === undefined ? undefined : await service.provider(tenantId);
      return { name: stored?.settings.name ?? null };
    },
  );
  api.get(
    `${path}/start`,
    {
      config,
      schema: {
        summary: 'Go to the provider to sign in',
        ...{ tags, querystring: z.object({ tenant: TenantName, next: Next }), response: { 302: z.null() } },
      },
    },
    async (request, reply) => {
      const tenantId = await service.tenantId(request.query.tenant);
      const begun =
        tenantId === undefined
          ? ({ ok: false, reason: 'off' } as const)
          : await service.begin(tenantId, request.query.next ?? '');
      if (!begun.ok) return toLogin(reply, begun.reason);
      keep(request, reply, begun.kept);
      return reply.redirect(begun.address.href, 302);
    },
  );
  api.get(
    `${path}/callback`,
    {
      config,
      schema: {
        summary: 'Where the provider sends people back to',
        description:
          'What it sends along is that of OpenID Connect; whatever comes of it, the console is opened.',
        ...{ tags, querystring: z.record(z.string(), z.unknown()), response: { 302: z.null() } },
      },
    },
    async (request, reply) => {
      const attempt = service.attempt(request.cookies[COOKIE]);
      reply.clearCookie(COOKIE, { path: COOKIE_PATH });
      if (attempt === undefined) return toLogin(reply, 'expired');
      if (request.query['error'] !== undefined) return toLogin(reply, 'refused', attempt.next);
      const at = request.url.indexOf('?');
      const query = at < 0 ? '' : request.url.slice(at);
      const origin = { ip: addressOf(request), userAgent: request.headers['user-agent'] ?? null };
      const finished = await service.finish(attempt, query, origin);
      if (!finished.ok) return toLogin(reply, finished.reason, attempt.next);
      setSessionCookie(request, reply, finished.secret);
      return toLogin(reply, undefined, attempt.next);
    },
  );
}

/** The browser comes back from another site, so that this cookie must be sent on the way back as the session's is not. */
function keep(request: FastifyRequest, reply: FastifyReply, kept: string): void {
  reply.setCookie(COOKIE, kept, {
    path: COOKIE_PATH,
    httpOnly: true,
    sameSite: 'lax',
    secure: request.protocol === 'https',
    maxAge: ATTEMPT_MAX_MS / 1000,
  });
}

/** The login page takes up the session, or says why there is none. */
function toLogin(reply: FastifyReply, failure: SignOnFailure | undefined, next = ''): FastifyReply {
  const query = new URLSearchParams({ sso: failure ?? 'done', ...(next === '' ? {} : { next }) });
  return reply.redirect(`/login?${query}`, 302);
}
