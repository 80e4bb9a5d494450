import {
  User,
  type User as UserModel,
  UserInput,
  UserPage,
  UserQuery,
  UserUpdate,
} from '@crosspoint/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  applyToCentre,
  etagOf,
  HttpProblem,
  IdParams,
  notFound,
  type Principal,
  principalOf,
  requireBeyondTeams,
  requireMatch,
  requireTimeZone,
  type Routes,
} from '../../http/index.ts';
import { type DatabaseTransaction, newId } from '../../platform/index.ts';
import { recordChange } from '../audit/index.ts';
import { hashPassword, removeSecondFactor } from '../auth/index.ts';
import { requireMayGive, requireNotAbove, requireUserWithin } from './access.ts';
import {
  deleteUser,
  endAccess,
  findUser,
  insertUser,
  listUsers,
  otherAdministrators,
  updateUser,
  type UserFields,
} from './repo.ts';
import { registerUserSessions } from './session-routes.ts';

const tags = ['users'];

/** People who sign in. */
export function userRoutes(context: ApiContext): Routes {
  return (api) => {
    registerReading(api, context);
    registerWriting(api, context);
    registerUserSessions(api, context);
    registerSecondFactorReset(api, context);
  };
}

function registerReading(api: Api, { database }: ApiContext): void {
  api.get(
    '/users',
    {
      config: { permission: 'users.read' },
      schema: { summary: 'List users', tags, querystring: UserQuery, response: { 200: UserPage } },
    },
    (request) => {
      const { tenantId, scope } = principalOf(request);
      return database.inTenant(tenantId, (transaction) => listUsers(transaction, request.query, scope));
    },
  );

  api.get(
    '/users/:id',
    {
      config: { permission: 'users.read' },
      schema: { summary: 'Read a user', tags, params: IdParams, response: { 200: User } },
    },
    async (request, reply) => {
      const { id } = request.params;
      const principal = principalOf(request);
      requireUserWithin(principal, id);
      const user = await database.inTenant(principal.tenantId, (transaction) => findUser(transaction, id));
      if (user === undefined) throw notFound('user', id);
      return tagged(reply, user);
    },
  );
}

function registerWriting(api: Api, context: ApiContext): void {
  api.post(
    '/users',
    {
      config: { permission: 'users.write' },
      schema: { summary: 'Add a user', tags, body: UserInput, response: { 201: User } },
    },
    async (request, reply) => tagged(reply.code(201), await createUser(context, request, request.body)),
  );

  api.put(
    '/users/:id',
    {
      config: { permission: 'users.write' },
      schema: {
        summary: 'Replace a user',
        tags,
        params: IdParams,
        body: UserUpdate,
        response: { 200: User },
      },
    },
    async (request, reply) =>
      tagged(reply, await replaceUser(context, request, request.params.id, request.body)),
  );

  api.delete(
    '/users/:id',
    {
      config: { permission: 'users.write' },
      schema: {
        summary: 'Delete a user',
        description:
          'Also the agent of the same id. History keeps what the user did; to keep the name too, disable.',
        tags,
        params: IdParams,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await removeUser(context, request, request.params.id);
      return reply.code(204).send(null);
    },
  );
}

function registerSecondFactorReset(api: Api, { database }: ApiContext): void {
  api.delete(
    '/users/:id/second-factor',
    {
      config: { permission: 'users.write' },
      schema: {
        summary: "Take a user's second factor away",
        description: 'For who has lost the app and the recovery codes: the password alone signs in again.',
        tags,
        params: IdParams,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const principal = principalOf(request);
      requireUserWithin(principal, id);
      await database.inTenant(principal.tenantId, async (transaction) => {
        const user = await findUser(transaction, id);
        if (user !== undefined) await requireNotAbove(transaction, principal, user);
        if (!(await removeSecondFactor(transaction, id))) throw notFound('second factor of user', id);
        await recordChange(transaction, request, 'user.second-factor-reset', id);
      });
      return reply.code(204).send(null);
    },
  );
}

/** Only what the editor edits: a sign of life must not make an editor's state outdated. */
function etagOfUser(user: UserModel): string {
  const { lastSeenAt: _seen, teams: _teams, isAgent: _isAgent, secondFactor: _factor, ...editable } = user;
  return etagOf(editable);
}

function tagged(reply: FastifyReply, user: UserModel): UserModel {
  reply.header('etag', etagOfUser(user));
  return user;
}

async function fieldsOf(input: z.output<typeof UserInput>): Promise<UserFields> {
  requireTimeZone('timeZone', input.timeZone);
  const { password, ...fields } = input;
  return { ...fields, passwordHash: password === undefined ? undefined : await hashPassword(password) };
}

async function createUser(
  { database }: ApiContext,
  request: FastifyRequest,
  input: z.output<typeof UserInput>,
): Promise<UserModel> {
  const principal = principalOf(request);
  // A new user is in no team, and would reach further than who made the account.
  requireBeyondTeams(principal);
  const { tenantId } = principal;
  const fields = await fieldsOf(input);
  const id = newId();
  return database.inTenant(tenantId, async (transaction) => {
    await requireMayGive(transaction, principal, fields);
    await insertUser(transaction, id, tenantId, fields);
    const user = (await findUser(transaction, id)) as UserModel;
    await recordChange(transaction, request, 'user.created', id, { after: user });
    return user;
  });
}

async function replaceUser(
  context: ApiContext,
  request: FastifyRequest,
  id: string,
  input: z.output<typeof UserUpdate>,
): Promise<UserModel> {
  const principal = principalOf(request);
  requireUserWithin(principal, id);
  const fields = await fieldsOf(input);
  const after = await context.database.inTenant(principal.tenantId, async (transaction) => {
    const before = await findUser(transaction, id, true);
    if (before === undefined) throw notFound('user', id);
    requireMatch(request, etagOfUser(before));
    await requireNotAbove(transaction, principal, before);
    await requireMayGive(transaction, principal, fields);
    const stays = fields.role === 'admin' && !fields.disabled;
    if (before.role === 'admin' && !before.disabled && !stays) await requireAnotherAdmin(transaction, id);
    if (id === principal.userId && !stays && before.role === 'admin') throw ownAccount(principal);
    await updateUser(transaction, before, fields);
    const shutOut = fields.disabled && !before.disabled;
    // Whoever knew the old password signs in again; who is disabled is out, with every key.
    if (shutOut || fields.passwordHash !== undefined) await endAccess(transaction, id, shutOut);
    const user = (await findUser(transaction, id)) as UserModel;
    await recordChange(transaction, request, 'user.updated', id, {
      before,
      after: fields.passwordHash === undefined ? user : { ...user, passwordChanged: true },
    });
    return user;
  });
  context.accessChanged?.(({ userId }) => userId === after.id);
  if (after.isAgent) await applyToCentre(context, principal.tenantId);
  return after;
}

async function removeUser(context: ApiContext, request: FastifyRequest, id: string): Promise<void> {
  const principal = principalOf(request);
  requireUserWithin(principal, id);
  const removed = await context.database.inTenant(principal.tenantId, async (transaction) => {
    const before = await findUser(transaction, id, true);
    if (before === undefined) throw notFound('user', id);
    requireMatch(request, etagOfUser(before));
    await requireNotAbove(transaction, principal, before);
    if (id === principal.userId) throw ownAccount(principal);
    if (before.role === 'admin' && !before.disabled) await requireAnotherAdmin(transaction, id);
    await deleteUser(transaction, id);
    await recordChange(transaction, request, 'user.deleted', id, { before });
    return before;
  });
  context.accessChanged?.(({ userId }) => userId === removed.id);
  if (removed.isAgent) await applyToCentre(context, principal.tenantId);
}

async function requireAnotherAdmin(transaction: DatabaseTransaction, id: string): Promise<void> {
  if ((await otherAdministrators(transaction, id)) > 0) return;
  const detail =
    'This is the last administrator; without one nobody could manage users. Make another one first.';
  throw new HttpProblem('last-administrator', detail);
}

function ownAccount(principal: Principal): HttpProblem {
  const detail = `You are signed in as this ${principal.role}. Let another administrator do it.`;
  return new HttpProblem('own-account', detail);
}
