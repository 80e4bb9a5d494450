import { type AgentInput, type AgentUpdate, heldBy } from '@crosspoint/contracts';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import {
  agentWithin,
  type ApiContext,
  applyToCentre,
  boundsOf,
  nameTaken,
  notFound,
  onConstraint,
  principalOf,
  requireMatch,
  requireWithinOwn,
} from '../../http/index.ts';
import { type DatabaseTransaction, newId } from '../../platform/index.ts';
import { recordChange } from '../audit/index.ts';
import { hashPassword } from '../auth/index.ts';
import { requireUnused } from '../references/index.ts';
import { etagOfAgent } from './model.ts';
import { type AgentProfile, deleteProfile, findProfile, insertProfile, updateProfile } from './repo.ts';
import { requireAgentWithin, requireFieldsWithin } from './scope.ts';

/** Makes a user of role agent together with the profile. */
export async function createAgent(
  context: ApiContext,
  request: FastifyRequest,
  input: z.output<typeof AgentInput>,
): Promise<AgentProfile> {
  const principal = principalOf(request);
  const { tenantId } = principal;
  const { username, name, password, ...fields } = input;
  // With the password one could sign in as this agent.
  if (password !== undefined)
    requireWithinOwn(principal, heldBy('agent'), { what: 'The role agent', path: 'password' });
  requireFieldsWithin(principal, undefined, fields);
  const passwordHash = password === undefined ? null : await hashPassword(password);
  const id = newId();
  const profile = await context.database.inTenant(tenantId, async (transaction) => {
    await transaction
      .insertInto('users')
      .values({ id, tenant_id: tenantId, username, name, role: 'agent', password_hash: passwordHash })
      .execute()
      .catch(onConstraint({ users_username_key: () => nameTaken('username', username, 'user') }));
    await insertProfile(transaction, { id, tenantId, username }, fields);
    const created = (await findProfile(transaction, id)) as AgentProfile;
    await recordChange(transaction, request, 'agent.created', id, { after: created });
    return created;
  });
  await applyToCentre(context, tenantId);
  return profile;
}

/** Replaces a profile, or makes the first one of an existing user. */
export async function replaceAgent(
  context: ApiContext,
  request: FastifyRequest,
  id: string,
  input: z.output<typeof AgentUpdate>,
): Promise<AgentProfile> {
  const principal = principalOf(request);
  const { tenantId } = principal;
  const profile = await context.database.inTenant(tenantId, async (transaction) => {
    const username = await usernameOf(transaction, id);
    if (username === undefined || !agentWithin(id, principal.scope)) throw notFound('user', id);
    const before = await findProfile(transaction, id, true);
    requireMatch(request, before === undefined ? null : etagOfAgent(before));
    const { name, ...fields } = input;
    requireFieldsWithin(principal, before, fields);
    const user = { id, tenantId, username };
    await (before === undefined
      ? insertProfile(transaction, user, fields)
      : updateProfile(transaction, user, fields));
    if (name !== undefined)
      await transaction.updateTable('users').set({ name }).where('id', '=', id).execute();
    const after = (await findProfile(transaction, id)) as AgentProfile;
    const passwordChanged = input.sipPassword === undefined ? {} : { sipPasswordChanged: true };
    await recordChange(transaction, request, before === undefined ? 'agent.created' : 'agent.updated', id, {
      before,
      after: { ...after, ...passwordChanged },
    });
    return after;
  });
  await applyToCentre(context, tenantId);
  return profile;
}

export async function removeAgent(context: ApiContext, request: FastifyRequest, id: string): Promise<void> {
  const principal = principalOf(request);
  const { tenantId } = principal;
  requireAgentWithin(boundsOf(principal, 'agents.write'), id);
  await context.database.inTenant(tenantId, async (transaction) => {
    const before = await findProfile(transaction, id, true);
    if (before === undefined) throw notFound('agent', id);
    requireMatch(request, etagOfAgent(before));
    await requireUnused(transaction, { kind: 'agent', name: before.username });
    await deleteProfile(transaction, id);
    await recordChange(transaction, request, 'agent.deleted', id, { before });
  });
  await applyToCentre(context, tenantId);
}

async function usernameOf(transaction: DatabaseTransaction, id: string): Promise<string | undefined> {
  const row = await transaction
    .selectFrom('users')
    .select('username')
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.username;
}
