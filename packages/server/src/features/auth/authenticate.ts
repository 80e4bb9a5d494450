import type { FastifyRequest } from 'fastify';
import type { Authenticate, Principal } from '../../http/index.ts';
import type { Database } from '../../platform/index.ts';
import { findApiKey, touchApiKey } from './api-key-repo.ts';
import { findSession, touchSession } from './repo.ts';
import { hashToken } from './tokens.ts';

export const SESSION_COOKIE = 'crosspoint_session';
/** A session ends when it was not used for this long. */
export const SESSION_IDLE_MS = 12 * 60 * 60 * 1000;
/** How exact "last seen" is; every request would otherwise write a row. */
const TOUCH_MS = 60_000;
const TOKEN_LENGTH_MAX = 200;

/** Recognises the session of the cookie, or the API key of `Authorization: Bearer`, which goes first. */
export function createAuthenticate(database: Database, now: () => number): Authenticate {
  return async (request) => {
    const key = bearerOf(request);
    if (key !== undefined) return principalOfKey(database, key, now());
    const token = request.cookies[SESSION_COOKIE];
    if (token === undefined || token.length > TOKEN_LENGTH_MAX) return null;
    return principalOfSession(database, token, now());
  };
}

function bearerOf(request: FastifyRequest): string | undefined {
  const match = /^Bearer +([A-Za-z0-9_.~+/=-]{1,200})$/i.exec(request.headers.authorization ?? '');
  return match?.[1];
}

function principalOfSession(database: Database, token: string, nowMs: number): Promise<Principal | null> {
  const hash = hashToken(token);
  const at = new Date(nowMs);
  return database.asSystem(async (transaction) => {
    const session = await findSession(transaction, hash, at);
    if (session === undefined) return null;
    if (nowMs - session.lastSeenAt.getTime() > TOUCH_MS) {
      await touchSession(transaction, hash, at, new Date(nowMs + SESSION_IDLE_MS));
    }
    return session.principal;
  });
}

function principalOfKey(database: Database, key: string, nowMs: number): Promise<Principal | null> {
  const at = new Date(nowMs);
  return database.asSystem(async (transaction) => {
    const found = await findApiKey(transaction, hashToken(key), at);
    if (found === undefined) return null;
    if (found.lastUsedAt === null || nowMs - found.lastUsedAt.getTime() > TOUCH_MS) {
      await touchApiKey(transaction, found.id, at);
    }
    return found.principal;
  });
}
