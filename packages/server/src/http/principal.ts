import {
  type AgentId,
  beyondOf,
  EVERYBODY_HOLDS,
  type HeldPermissions,
  type Permission,
  type PermissionReach,
  type Role,
  type RoleId,
  type TenantId,
  type UserId,
} from '@crosspoint/contracts';
import type { FastifyRequest } from 'fastify';
import { beyondTeams, HttpProblem } from './problem.ts';
import type { Bounds, TeamScope } from './scope.ts';

/** Who sends a request, as the session or the API key says. */
export interface Principal {
  readonly kind: 'user' | 'api-key';
  readonly tenantId: TenantId;
  readonly userId: UserId;
  readonly role: Role;
  /** Of the role `custom`: which one. */
  readonly customRole: { readonly id: RoleId; readonly name: string } | null;
  /** What the role permits; {@link reachOfPrincipal} also looks at the scopes of an API key. */
  readonly held: HeldPermissions;
  /** Set when the user takes calls. */
  readonly agentId: AgentId | null;
  /** Of an API key: what it may be used for; null for a person. */
  readonly scopes: ReadonlySet<Permission> | null;
  /** What the own teams answer for; undefined for who reaches the whole tenant. Rows are narrowed by {@link boundsOf}. */
  readonly scope: TeamScope | undefined;
  /** Identifies the session or key, so that it can be ended; never the secret itself. */
  readonly credentialId: string;
  readonly expiresAt: Date | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null on a public route without valid credentials. */
    principal: Principal | null;
  }
}

/** The principal of a route that is not public. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === null)
    throw new HttpProblem('unauthenticated', 'Sign in, or send a valid API key.');
  return request.principal;
}

/** How far a principal reaches with a permission; undefined: not at all. */
export function reachOfPrincipal(principal: Principal, permission: Permission): PermissionReach | undefined {
  if (principal.scopes !== null && !principal.scopes.has(permission)) return undefined;
  return principal.held[permission];
}

/**
 * Whose rows a principal may see with a permission: undefined for all rows of the tenant, else the user whose own rows
 * they are.
 */
export function ownerFilter(principal: Principal, permission: Permission): UserId | undefined {
  return reachOfPrincipal(principal, permission) === 'all' ? undefined : principal.userId;
}

/** Which rows a principal reaches with a permission. The one place at which team scope comes to a request (ADR 11). */
export function boundsOf(principal: Principal, permission: Permission): Bounds {
  const owner = ownerFilter(principal, permission);
  return { owner, scope: owner === undefined ? principal.scope : undefined };
}

/**
 * For what concerns the whole tenant and knows no teams.
 *
 * @throws {HttpProblem} `forbidden` for whoever reaches only the own teams.
 */
export function requireBeyondTeams(principal: Principal): void {
  if (principal.scope === undefined) return;
  throw beyondTeams(
    'This concerns all teams, and you reach only your own. Ask an administrator for a role that has teams.beyond.',
  );
}

/** @throws {HttpProblem} `forbidden` or `scope-missing`. */
export function requirePermission(principal: Principal, permission: Permission): void {
  if (reachOfPrincipal(principal, permission) !== undefined) return;
  if (principal.held[permission] !== undefined) {
    const detail = `This API key was made without the scope ${permission}. Make a key that has it.`;
    throw new HttpProblem('scope-missing', detail, { permission });
  }
  const detail = `The role ${principal.customRole?.name ?? principal.role} does not permit this. Ask an administrator for one that has ${permission}.`;
  throw new HttpProblem('forbidden', detail, { permission });
}

/** @throws {HttpProblem} `forbidden` for whoever reaches only the own rows. */
export function requireEverything(principal: Principal, permission: Permission): void {
  if (reachOfPrincipal(principal, permission) === 'all') return;
  const detail = `The role ${principal.customRole?.name ?? principal.role} permits this only for what is one's own. Ask an administrator for one that has ${permission} for all.`;
  throw new HttpProblem('forbidden', detail, { permission });
}

/**
 * Nobody gives, or takes over, what goes further than the own permissions: no role, no account, no password.
 *
 * @param what of the problem's detail: what holds these permissions, such as `The role "lead"`.
 * @param path of the field that names it.
 * @throws {HttpProblem} `forbidden`.
 */
export function requireWithinOwn(
  principal: Principal,
  wanted: HeldPermissions,
  { what, path }: { what: string; path: string },
): void {
  const { scopes, held } = principal;
  const scoped = Object.entries(held).filter(
    ([permission]) => scopes?.has(permission as Permission) !== false,
  );
  const own = { ...EVERYBODY_HOLDS, ...Object.fromEntries(scoped) };
  const beyond = beyondOf(own, wanted);
  const [permission] = beyond;
  if (permission === undefined) return;
  const detail = `${what} permits what you may not do yourself: ${beyond.join(', ')}.`;
  const remedy = 'Let somebody do it who has these permissions.';
  throw new HttpProblem('forbidden', detail, {
    permission,
    errors: [{ path, message: 'goes beyond your own permissions', remedy }],
  });
}
