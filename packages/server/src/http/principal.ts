import {
  type AgentId,
  type Permission,
  type PermissionReach,
  reachOf,
  type Role,
  type TenantId,
  type UserId,
} from '@crosspoint/contracts';
import type { FastifyRequest } from 'fastify';
import { HttpProblem } from './problem.ts';

/** Who sends a request, as the session or the API key says. */
export interface Principal {
  readonly kind: 'user' | 'api-key';
  readonly tenantId: TenantId;
  readonly userId: UserId;
  readonly role: Role;
  /** Set when the user takes calls. */
  readonly agentId: AgentId | null;
  /** Of an API key: what it may be used for; null for a person. */
  readonly scopes: ReadonlySet<Permission> | null;
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
  return reachOf(principal.role, permission);
}

/**
 * Whose rows a principal may see with a permission: undefined for all rows of the tenant, else the user whose own rows
 * they are.
 */
export function ownerFilter(principal: Principal, permission: Permission): UserId | undefined {
  return reachOfPrincipal(principal, permission) === 'all' ? undefined : principal.userId;
}

/** @throws {HttpProblem} `forbidden` or `scope-missing`. */
export function requirePermission(principal: Principal, permission: Permission): void {
  if (reachOfPrincipal(principal, permission) !== undefined) return;
  if (reachOf(principal.role, permission) !== undefined) {
    const detail = `This API key was made without the scope ${permission}. Make a key that has it.`;
    throw new HttpProblem('scope-missing', detail, { permission });
  }
  const detail = `The role ${principal.role} does not permit this. Ask an administrator for one that has ${permission}.`;
  throw new HttpProblem('forbidden', detail, { permission });
}
