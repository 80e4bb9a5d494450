import { SessionPage, type UserId } from '@crosspoint/contracts';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Api, type ApiContext, IdParams, notFound, pageOfArray, principalOf } from '../../http/index.ts';
import { recordChange } from '../audit/index.ts';
import { deleteSessions, listSessions } from '../auth/index.ts';
import { requireNotAbove, requireUserWithin } from './access.ts';
import { findUser } from './repo.ts';

const SESSIONS_SHOWN_MAX = 1000;
const permission = 'sessions.manage';
const tags = ['users'];
const One = IdParams.extend({ sessionId: z.string().min(1).max(64) });

/** Where others are signed in, and signing them out. */
export function registerUserSessions(api: Api, context: ApiContext): void {
  const { database, now } = context;
  api.get(
    '/users/:id/sessions',
    {
      config: { permission },
      schema: { summary: "List a user's sessions", tags, params: IdParams, response: { 200: SessionPage } },
    },
    async (request) => {
      const { id } = request.params;
      const principal = principalOf(request);
      requireUserWithin(principal, id);
      const sessions = await database.inTenant(principal.tenantId, async (transaction) => {
        if ((await findUser(transaction, id)) === undefined) throw notFound('user', id);
        const { credentialId } = principal;
        return listSessions(transaction, { userId: id as UserId, credentialId }, new Date(now()));
      });
      return pageOfArray(sessions, (session) => session.id, { limit: SESSIONS_SHOWN_MAX });
    },
  );

  api.delete(
    '/users/:id/sessions',
    {
      config: { permission },
      schema: {
        summary: 'Sign a user out everywhere',
        description: 'Streams end with their sessions. The session that asks stays.',
        tags,
        params: IdParams,
        response: { 200: z.object({ ended: z.number().int() }) },
      },
    },
    async (request) => {
      const own = principalOf(request).credentialId;
      return { ended: await endSessions(context, request, request.params.id, (id) => id !== own) };
    },
  );

  api.delete(
    '/users/:id/sessions/:sessionId',
    {
      config: { permission },
      schema: { summary: "End one of a user's sessions", tags, params: One, response: { 204: z.null() } },
    },
    async (request, reply) => {
      const { id: userId, sessionId } = request.params;
      const ended = await endSessions(context, request, userId, (id) => id === sessionId);
      if (ended === 0) throw notFound('session', sessionId);
      return reply.code(204).send(null);
    },
  );
}

async function endSessions(
  { database, accessChanged }: ApiContext,
  request: FastifyRequest,
  id: string,
  which: (sessionId: string) => boolean,
): Promise<number> {
  const principal = principalOf(request);
  requireUserWithin(principal, id);
  const ended = await database.inTenant(principal.tenantId, async (transaction) => {
    const user = await findUser(transaction, id);
    if (user === undefined) throw notFound('user', id);
    await requireNotAbove(transaction, principal, user);
    const count = await deleteSessions(transaction, user.id, which);
    if (count > 0) await recordChange(transaction, request, 'user.sessions-ended', id, { after: { count } });
    return count;
  });
  accessChanged?.(({ userId }) => userId === id);
  return ended;
}
