import {
  LoginInput,
  Me,
  type Me as MeModel,
  PasswordChangeInput,
  ProfileInput,
  SessionPage,
} from '@crosspoint/contracts';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  addressOf,
  type ApiContext,
  notFound,
  pageOfArray,
  type Principal,
  principalOf,
  requireOwnOrigin,
  requireTimeZone,
  type Routes,
} from '../../http/index.ts';
import { SecretBox } from '../../platform/index.ts';
import { recordChange } from '../audit/index.ts';
import { readScope } from '../teams/index.ts';
import { createAuthenticate, SESSION_COOKIE } from './authenticate.ts';
import { LoginService } from './login.ts';
import { describeMe } from './me.ts';
import { setSessionCookie } from './open-session.ts';
import { hashPassword } from './passwords.ts';
import { deleteSessions, listSessions } from './repo.ts';
import { requireCurrentPassword } from './current-password.ts';
import { registerSecondFactor } from './second-factor-routes.ts';

/** Attempts per address in ten seconds, whoever they are for; the back-off works beside it. */
const LOGIN_RATE = { max: 60, timeWindow: 10_000 };
const SESSIONS_SHOWN_MAX = 1000;
const tags = ['auth'];

/** Signing in and out, one's own profile, password and sessions. */
export function authRoutes(context: ApiContext): Routes {
  const { database, now, wallNow } = context;
  const opened: { box?: SecretBox } = {};
  const box = () => (opened.box ??= SecretBox.open(context.settings.dataDir));
  const service = new LoginService(database, wallNow, box);
  const authenticate = createAuthenticate(database, now);
  const meOf = (principal: Principal): Promise<MeModel> =>
    database.inTenant(principal.tenantId, (transaction) =>
      describeMe(transaction, principal, new Date(now())),
    );

  return (api) => {
    api.post(
      '/auth/login',
      {
        config: { permission: 'public', rateLimit: LOGIN_RATE, idempotent: false },
        schema: { summary: 'Sign in', tags, body: LoginInput, response: { 200: Me } },
      },
      async (request, reply) => {
        // Another site must not sign somebody in as a user of its choice.
        requireOwnOrigin(request);
        const origin = { ip: addressOf(request), userAgent: request.headers['user-agent'] ?? null };
        const { secret, account, expiresAt } = await service.login(request.body, origin);
        setSessionCookie(request, reply, secret);
        const scope = await database.inTenant(account.tenantId, (transaction) =>
          readScope(transaction, account),
        );
        return meOf({ ...account, kind: 'user', scopes: null, scope, credentialId: '', expiresAt });
      },
    );

    api.post(
      '/auth/logout',
      {
        config: { permission: 'public', idempotent: false },
        schema: { summary: 'Sign out', tags, response: { 204: z.null() } },
      },
      async (request, reply) => {
        const principal = await authenticate(request);
        if (principal !== null && principal.kind === 'user') await endSession(context, principal);
        return reply.clearCookie(SESSION_COOKIE, { path: '/' }).code(204).send(null);
      },
    );

    api.get(
      '/auth/me',
      {
        config: { permission: 'account.own' },
        schema: { summary: 'Who is signed in, and what is permitted', tags, response: { 200: Me } },
      },
      (request) => meOf(principalOf(request)),
    );

    api.patch(
      '/auth/me',
      {
        config: { permission: 'account.own' },
        schema: { summary: 'Change the own profile', tags, body: ProfileInput, response: { 200: Me } },
      },
      async (request) => {
        await updateProfile(context, request, request.body);
        return meOf(principalOf(request));
      },
    );

    api.put(
      '/auth/password',
      {
        config: { permission: 'account.own', rateLimit: LOGIN_RATE },
        schema: {
          summary: 'Change the own password; ends all other sessions',
          tags,
          body: PasswordChangeInput,
          response: { 204: z.null() },
        },
      },
      async (request, reply) => {
        await changePassword(context, request, request.body);
        return reply.code(204).send(null);
      },
    );

    registerSessionRoutes(api, context);
    registerSecondFactor(api, context, box);
  };
}

function registerSessionRoutes(
  api: Parameters<Routes>[0],
  { database, now, accessChanged }: ApiContext,
): void {
  const ended = (principal: Principal) => accessChanged?.(({ userId }) => userId === principal.userId);
  api.get(
    '/auth/sessions',
    {
      config: { permission: 'account.own' },
      schema: { summary: 'List the own sessions', tags, response: { 200: SessionPage } },
    },
    async (request) => {
      const principal = principalOf(request);
      const sessions = await database.inTenant(principal.tenantId, (transaction) =>
        listSessions(transaction, principal, new Date(now())),
      );
      return pageOfArray(sessions, (session) => session.id, { limit: SESSIONS_SHOWN_MAX });
    },
  );

  api.delete(
    '/auth/sessions',
    {
      config: { permission: 'account.own' },
      schema: {
        summary: 'End all own sessions but this one',
        tags,
        response: { 200: z.object({ ended: z.number().int() }) },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const count = await database.inTenant(principal.tenantId, (transaction) =>
        deleteSessions(transaction, principal.userId, (id) => id !== principal.credentialId),
      );
      ended(principal);
      return { ended: count };
    },
  );

  api.delete(
    '/auth/sessions/:id',
    {
      config: { permission: 'account.own' },
      schema: {
        summary: 'End one own session',
        tags,
        params: z.strictObject({ id: z.string().min(1).max(64) }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const found = await database.inTenant(principal.tenantId, async (transaction) => {
        const count = await deleteSessions(transaction, principal.userId, (id) => id === request.params.id);
        if (count > 0) {
          await recordChange(transaction, request, 'user.session-ended', principal.userId);
        }
        return count;
      });
      ended(principal);
      if (found === 0) throw notFound('session', request.params.id);
      return reply.code(204).send(null);
    },
  );
}

async function endSession({ database, accessChanged }: ApiContext, principal: Principal): Promise<void> {
  await database.inTenant(principal.tenantId, (transaction) =>
    deleteSessions(transaction, principal.userId, (id) => id === principal.credentialId),
  );
  accessChanged?.(({ credentialId }) => credentialId === principal.credentialId);
}

async function updateProfile(
  { database }: ApiContext,
  request: FastifyRequest,
  input: z.output<typeof ProfileInput>,
): Promise<void> {
  const principal = principalOf(request);
  if (input.timeZone !== undefined) requireTimeZone('timeZone', input.timeZone);
  const changes = {
    ...(input.name === undefined ? {} : { name: input.name }),
    ...(input.language === undefined ? {} : { language: input.language }),
    ...(input.timeZone === undefined ? {} : { time_zone: input.timeZone }),
  };
  if (Object.keys(changes).length === 0) return;
  await database.inTenant(principal.tenantId, async (transaction) => {
    const before = await transaction
      .selectFrom('users')
      .select(['name', 'language', 'time_zone as timeZone'])
      .where('id', '=', principal.userId)
      .executeTakeFirst();
    await transaction.updateTable('users').set(changes).where('id', '=', principal.userId).execute();
    await recordChange(transaction, request, 'user.updated', principal.userId, {
      before,
      after: { ...before, ...input },
    });
  });
}

async function changePassword(
  { database, accessChanged }: ApiContext,
  request: FastifyRequest,
  input: z.output<typeof PasswordChangeInput>,
): Promise<void> {
  const principal = principalOf(request);
  await requireCurrentPassword(database, principal, input.currentPassword);
  const passwordHash = await hashPassword(input.newPassword);
  await database.inTenant(principal.tenantId, async (transaction) => {
    await transaction
      .updateTable('users')
      .set({ password_hash: passwordHash })
      .where('id', '=', principal.userId)
      .execute();
    await deleteSessions(transaction, principal.userId, (id) => id !== principal.credentialId);
    await recordChange(transaction, request, 'user.password-changed', principal.userId);
  });
  accessChanged?.(({ userId }) => userId === principal.userId);
}
