import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Database } from '../../platform/index.ts';
import { recordAudit } from '../audit/index.ts';
import { SESSION_COOKIE, SESSION_IDLE_MS } from './authenticate.ts';
import { type Account, insertSession, trimSessions } from './repo.ts';
import { newSessionToken } from './tokens.ts';

export interface LoginOrigin {
  ip: string;
  userAgent: string | null;
}

const SESSIONS_PER_USER_MAX = 50;
const USER_AGENT_LENGTH_MAX = 300;

/**
 * Opens a session for somebody who has proved to be this account.
 *
 * @param by how, when not by password.
 * @returns the secret for the cookie, and until when it holds.
 */
export async function openSession(
  database: Database,
  nowMs: number,
  account: Pick<Account, 'tenantId' | 'userId'>,
  origin: LoginOrigin,
  by?: 'single-sign-on',
): Promise<{ secret: string; expiresAt: Date }> {
  const { secret, hash } = newSessionToken();
  const at = new Date(nowMs);
  const expiresAt = new Date(nowMs + SESSION_IDLE_MS);
  const userAgent = origin.userAgent?.slice(0, USER_AGENT_LENGTH_MAX) ?? null;
  await database.inTenant(account.tenantId, async (transaction) => {
    await insertSession(transaction, { tokenHash: hash, account, at, expiresAt, ip: origin.ip, userAgent });
    await trimSessions(transaction, account.userId, SESSIONS_PER_USER_MAX);
    await recordAudit(transaction, {
      tenantId: account.tenantId,
      actor: { kind: 'user', userId: account.userId, ip: origin.ip },
      action: 'user.signed-in',
      subjectType: 'user',
      subjectId: account.userId,
      after: { userAgent, ...(by === undefined ? {} : { by }) },
    });
  });
  return { secret, expiresAt };
}

/** Gives the browser its session: out of reach of scripts and of other sites. */
export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, secret: string): void {
  reply.setCookie(SESSION_COOKIE, secret, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: request.protocol === 'https',
    maxAge: SESSION_IDLE_MS / 1000,
  });
}
