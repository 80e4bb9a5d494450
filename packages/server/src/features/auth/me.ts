import {
  type HeldPermissions,
  type Language,
  type Me,
  Permission,
  type TeamId,
  type TenantId,
} from '@crosspoint/contracts';
import { sql } from 'kysely';
import { HttpProblem, type Principal, reachOfPrincipal } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';

/** Everything the console needs to know about the person who uses it. */
export async function describeMe(
  transaction: DatabaseTransaction,
  principal: Principal,
  now: Date,
): Promise<Me> {
  const row = await transaction
    .selectFrom('users as u')
    .innerJoin('tenants as t', 't.id', 'u.tenant_id')
    .leftJoin('agents as a', 'a.user_id', 'u.id')
    .select(['u.username', 'u.name', 'u.language', 'u.time_zone', 'a.user_id as agent_id', 'a.extension'])
    .select(sql<boolean>`u.password_hash is not null`.as('has_password'))
    .select(['t.id as tenant_id', 't.name as tenant_name', 't.time_zone as tenant_time_zone'])
    .where('u.id', '=', principal.userId)
    .executeTakeFirst();
  if (row === undefined)
    throw new HttpProblem('unauthenticated', 'The account was deleted. Sign in with another one.');
  const { scope } = principal;
  return {
    user: {
      id: principal.userId,
      username: row.username,
      name: row.name,
      role: principal.role,
      customRole: principal.customRole,
      language: row.language as Language,
      timeZone: row.time_zone,
      hasPassword: row.has_password,
    },
    tenant: { id: row.tenant_id as TenantId, name: row.tenant_name, timeZone: row.tenant_time_zone },
    permissions: permissionsHeld(principal),
    teams: scope === undefined ? null : await teamsNamed(transaction, [...scope.teamIds]),
    agent: row.agent_id === null ? null : { extension: row.extension },
    authentication: principal.kind === 'user' ? 'session' : 'api-key',
    expiresAt: principal.expiresAt?.toISOString() ?? null,
    serverTime: now.toISOString(),
  };
}

function permissionsHeld(principal: Principal): HeldPermissions {
  const entries = Permission.options.flatMap((permission) => {
    const reach = reachOfPrincipal(principal, permission);
    return reach === undefined ? [] : [[permission, reach] as const];
  });
  return Object.fromEntries(entries);
}

async function teamsNamed(transaction: DatabaseTransaction, ids: readonly string[]): Promise<Me['teams']> {
  const rows = await transaction
    .selectFrom('teams')
    .select(['id', 'name'])
    .where('id', 'in', ids)
    .orderBy('name')
    .execute();
  return rows.map(({ id, name }) => ({ id: id as TeamId, name }));
}
