import {
  type ApiKey,
  ApiKeyCreated,
  ApiKeyInput,
  ApiKeyPage,
  ApiKeyQuery,
  type Permission,
} from '@crosspoint/contracts';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  boundsOf,
  HttpProblem,
  notFound,
  type Principal,
  principalOf,
  reachOfPrincipal,
  type Routes,
} from '../../http/index.ts';
import { newId } from '../../platform/index.ts';
import { recordChange } from '../audit/index.ts';
import { findApiKeyById, insertApiKey, listApiKeys, revokeApiKey } from './api-key-repo.ts';
import { newApiKey } from './tokens.ts';

const tags = ['api-keys'];
const permission = 'api-keys.manage';

/** Keys for scripts. Everybody manages the own ones; administrators see all. */
export function apiKeyRoutes(context: ApiContext): Routes {
  return (api) => {
    registerList(api, context);
    registerMaking(api, context);
    registerRevoking(api, context);
  };
}

function registerList(api: Api, { database }: ApiContext): void {
  api.get(
    '/api-keys',
    {
      config: { permission },
      schema: { summary: 'List API keys', tags, querystring: ApiKeyQuery, response: { 200: ApiKeyPage } },
    },
    (request) => {
      const principal = principalOf(request);
      const filter = {
        ...request.query,
        bounds: boundsOf(principal, permission),
        revoked: request.query.revoked,
      };
      return database.inTenant(principal.tenantId, (transaction) => listApiKeys(transaction, filter));
    },
  );
}

function registerMaking(api: Api, { database, now }: ApiContext): void {
  api.post(
    '/api-keys',
    {
      config: { permission, idempotent: false },
      schema: {
        summary: 'Make an API key; the answer shows it once',
        tags,
        body: ApiKeyInput,
        response: { 201: ApiKeyCreated },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const input = request.body;
      requireScopes(principal, input.scopes);
      const createdAt = new Date(now());
      const expiresAt = input.expiresAt === null ? null : new Date(input.expiresAt);
      if (expiresAt !== null && expiresAt <= createdAt) throw expired(input.expiresAt);
      const { secret, hash, shown } = newApiKey();
      const id = newId();
      const key = await database.inTenant(principal.tenantId, async (transaction) => {
        const { tenantId, userId } = principal;
        const { name, scopes } = input;
        await insertApiKey(transaction, {
          id,
          tenantId,
          userId,
          name,
          prefix: shown,
          hash,
          scopes,
          createdAt,
          expiresAt,
        });
        const created = await findApiKeyById(transaction, id, { owner: undefined, scope: undefined });
        await recordChange(transaction, request, 'api-key.created', id, { after: created });
        return created;
      });
      return reply.code(201).send({ ...(key as ApiKey), key: secret });
    },
  );
}

function registerRevoking(api: Api, { database, now, accessChanged }: ApiContext): void {
  api.delete(
    '/api-keys/:id',
    {
      config: { permission },
      schema: {
        summary: 'Revoke an API key for good',
        tags,
        params: z.strictObject({ id: z.uuid() }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { id } = request.params;
      await database.inTenant(principal.tenantId, async (transaction) => {
        const key = await findApiKeyById(transaction, id, boundsOf(principal, permission));
        if (key === undefined) throw notFound('API key', id);
        if (key.revokedAt !== null) return;
        const at = new Date(now());
        await revokeApiKey(transaction, id, at);
        await recordChange(transaction, request, 'api-key.revoked', id, {
          before: key,
          after: { ...key, revokedAt: at.toISOString() },
        });
      });
      accessChanged?.(({ credentialId }) => credentialId === id);
      return reply.code(204).send(null);
    },
  );
}

/** A key never grants what its maker may not do, so a key cannot make a stronger one. */
function requireScopes(principal: Principal, scopes: readonly Permission[]): void {
  const missing = scopes.filter((scope) => reachOfPrincipal(principal, scope) === undefined);
  if (missing.length === 0) return;
  throw new HttpProblem('validation-failed', `You may not do this yourself: ${missing.join(', ')}.`, {
    errors: missing.map((scope) => ({
      path: `scopes.${scopes.indexOf(scope)}`,
      value: scope,
      message: 'is beyond your own permissions',
      remedy: 'Leave it out, or let somebody make the key who has this permission.',
    })),
  });
}

function expired(value: string | null): HttpProblem {
  return new HttpProblem('validation-failed', 'The key would have expired already.', {
    errors: [
      { path: 'expiresAt', value, message: 'lies in the past', remedy: 'Choose a later moment, or null.' },
    ],
  });
}
